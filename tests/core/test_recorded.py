"""A network as it was after a recorded epoch, against Keras's own copy of the weights of then."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from core.errors import LearnscopeError
from core.fitting.kernel_callbacks import KernelRecorder
from core.inside.kernel_history import GrowingKernels, KernelHistory
from core.inside.recorded import network_after

IMAGES = np.random.default_rng(0).random((8, 6, 6, 1), np.float32)


def built() -> keras.Model:
    """Batch normalization ahead of an activation, group normalization behind, noise between."""
    image = keras.Input((6, 6, 1))
    maps = keras.layers.Conv2D(2, 3, padding="same", name="c")(image)
    maps = keras.layers.BatchNormalization(momentum=0.5, name="b")(maps)
    maps = keras.layers.Activation("relu", name="r")(maps)
    maps = keras.layers.SpatialDropout2D(0.5, seed=1, name="s")(maps)
    maps = keras.layers.Conv2D(4, 3, name="d")(maps)
    maps = keras.layers.GroupNormalization(2, name="g")(maps)
    flat = keras.layers.Flatten(name="f")(maps)
    return keras.Model(image, keras.layers.Dense(2, "softmax", name="e")(flat))


class Answers(keras.callbacks.Callback):
    """Notes what the layer "g" answers, before the training and after each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[np.ndarray] = []

    def on_train_begin(self, logs: object = None) -> None:
        part = keras.Model(self.model.inputs[0], self.model.get_layer("g").output)
        self.noted.append(np.asarray(part(IMAGES, training=False)))

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.on_train_begin()


@pytest.fixture(scope="module")
def trained(warm: None) -> tuple[keras.Model, KernelHistory, list[np.ndarray]]:
    keras.utils.set_random_seed(0)
    model, growing, answers = built(), GrowingKernels(), Answers()
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy")
    callbacks = [KernelRecorder(growing), answers]
    model.fit(IMAGES, np.arange(8) % 2, epochs=3, callbacks=callbacks, verbose=0)
    return model, growing.history(), answers.noted


Trained = tuple[keras.Model, KernelHistory, list[np.ndarray]]


@pytest.mark.parametrize("epoch", [0, 1, 2, 3])
def test_its_maps_are_those_that_the_network_answered_with_then(
    trained: Trained, epoch: int
) -> None:
    model, history, answers = trained
    then = network_after(model, history, epoch)
    np.testing.assert_allclose(then(IMAGES, training=False), answers[epoch], atol=1e-6)
    if epoch:
        assert np.abs(answers[epoch] - answers[epoch - 1]).max() > 1e-3


def test_the_network_itself_is_not_changed_and_the_dense_layers_are_not_there(
    trained: Trained,
) -> None:
    model, history, _ = trained
    before = [weight.copy() for weight in model.get_weights()]
    then = network_after(model, history, 0)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [layer.name for layer in then.layers[1:]] == ["c", "b", "r", "s", "d", "g"]
    assert not {id(w) for w in then.variables} & {id(w) for w in model.variables}


def test_what_the_recorder_keeps_beside_the_kernels_is_the_convolution_part_only(
    trained: Trained,
) -> None:
    others = trained[1].others
    assert {layer: sorted(arrays) for layer, arrays in others.items()} == {
        "c": ["bias"],
        "b": ["beta", "gamma", "moving_mean", "moving_variance"],
        "d": ["bias"],
        "g": ["beta", "gamma"],
    }


def test_of_an_earlier_version_the_kernels_are_those_of_then(trained: Trained) -> None:
    model, history, _ = trained
    old = dataclasses.replace(history, others={})
    then = network_after(model, old, 1)
    np.testing.assert_array_equal(then.get_layer("c").kernel, history.kernels["c"][1])
    np.testing.assert_array_equal(then.get_layer("c").bias, model.get_layer("c").bias)


def test_it_ends_before_a_layer_that_was_too_large_to_be_kept(trained: Trained) -> None:
    model, history, _ = trained
    kernels = {"c": history.kernels["c"]}
    short = dataclasses.replace(history, kernels=kernels, left_out=("d",))
    assert [layer.name for layer in network_after(model, short, 2).layers[1:]] == [*"cbrs"]


def test_an_epoch_that_is_not_recorded_is_refused_with_those_that_are(trained: Trained) -> None:
    with pytest.raises(LearnscopeError, match=r"0, 1, 2, 3\. Received: 7\. Choose"):
        network_after(trained[0], trained[1], 7)


def test_weights_of_another_network_are_refused(trained: Trained) -> None:
    model, history, _ = trained
    other = dataclasses.replace(history, kernels={"c": history.kernels["d"]})
    with pytest.raises(LearnscopeError, match="from another network"):
        network_after(model, other, 1)
