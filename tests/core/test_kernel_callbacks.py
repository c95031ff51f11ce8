"""The recorder of kernels, in a training by Keras itself and in one of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from core.fitting.kernel_callbacks import KernelRecorder
from core.inside.kernel_counts import WIDTH
from core.inside.kernel_history import GrowingKernels, read_kernel_history
from core.runs import Library, Run
from tests.core.small import parts, small, train

LAYERS = ("c", "d", "e")


class Weights(keras.callbacks.Callback):
    """Notes all kernels, before the training and after each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels: list[dict[str, np.ndarray]] = []

    def on_train_begin(self, logs: object = None) -> None:
        self._note()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self._note()

    def _note(self) -> None:
        self.kernels.append({n: self.model.get_layer(n).get_weights()[0] for n in LAYERS})


def fitted(epochs: int) -> tuple[Weights, list[dict[str, tuple[float, float]]], GrowingKernels]:
    """Fit four random images with Keras; the dense layer "d" is frozen."""
    image = keras.Input((4, 4, 1))
    maps = keras.layers.Conv2D(2, 3, activation="relu", name="c")(image)
    flat = keras.layers.BatchNormalization()(keras.layers.Flatten()(maps))
    frozen = keras.layers.Dense(3, name="d", trainable=False)(flat)
    model = keras.Model(image, keras.layers.Dense(2, "softmax", name="e")(frozen))
    model.compile("adam", "sparse_categorical_crossentropy")
    history, weights = GrowingKernels(), Weights()
    movements: list[dict[str, tuple[float, float]]] = []
    recorder = KernelRecorder(history)
    note = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: movements.append(recorder.last.movements())
    )
    images = np.random.default_rng(0).random((4, 4, 4, 1), np.float32)
    model.fit(
        images,
        np.array([0, 1, 0, 1]),
        epochs=epochs,
        callbacks=[weights, recorder, note],
        verbose=0,
    )
    return weights, movements, history


@pytest.fixture(scope="module")
def recorded(
    warm: None,
) -> tuple[Weights, list[dict[str, tuple[float, float]]], GrowingKernels]:
    return fitted(3)


def test_norm_and_change_are_what_numpy_says_of_the_weights(
    recorded: tuple[Weights, list[dict[str, tuple[float, float]]], GrowingKernels],
) -> None:
    weights, movements, _ = recorded
    assert [list(movement) for movement in movements] == [list(LAYERS)] * 3
    for epoch, movement in enumerate(movements):
        for layer in LAYERS:
            before, now = (weights.kernels[k][layer].astype(np.float64) for k in (epoch, epoch + 1))
            norm = np.sqrt((now**2).sum())
            way = np.sqrt(((now - before) ** 2).sum())
            assert movement[layer] == pytest.approx((norm, way / norm), rel=1e-4)


def test_a_layer_that_is_not_trained_has_change_0_and_the_others_move(
    recorded: tuple[Weights, list[dict[str, tuple[float, float]]], GrowingKernels],
) -> None:
    for movement in recorded[1]:
        assert movement["d"][1] == 0
        assert movement["c"][1] > 0
        assert movement["e"][1] > 0


def test_the_history_holds_the_convolutions_as_they_were(
    recorded: tuple[Weights, list[dict[str, tuple[float, float]]], GrowingKernels],
) -> None:
    weights, _, growing = recorded
    history = growing.history()
    assert history.epochs.tolist() == [0, 1, 2, 3]
    assert list(history.kernels) == ["c"]
    for number, kernels in enumerate(weights.kernels):
        np.testing.assert_array_equal(history.kernels["c"][number], kernels["c"])


def test_the_history_counts_the_dense_kernels_as_they_were(
    recorded: tuple[Weights, list[dict[str, tuple[float, float]]], GrowingKernels],
) -> None:
    weights, _, growing = recorded
    counts = growing.history().counts
    assert list(counts) == ["d", "e"]
    for layer, by_epoch in counts.items():
        edges = (np.arange(by_epoch.first, by_epoch.last + 2) - 0.5) * WIDTH
        for number, kernels in enumerate(weights.kernels):
            kernel = kernels[layer].astype(np.float64)
            np.testing.assert_array_equal(by_epoch.counts[number], np.histogram(kernel, edges)[0])
            assert by_epoch.spreads[number] == pytest.approx(kernel.std(), rel=1e-12)


SETTINGS = small(epochs=4, blocks=2)


@pytest.fixture(scope="module")
def trained(warm: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Run]]:
    library = Library(tmp_path_factory.mktemp("home"))
    yield library, train(library, SETTINGS)
    library.close()


def layer_kernel(path: Path, layer: str) -> np.ndarray:
    return keras.models.load_model(path).get_layer(layer).get_weights()[0]


def test_a_run_stores_its_kernels_from_the_first_weights_to_the_last(
    trained: tuple[Library, Run],
) -> None:
    library, run = trained
    history = read_kernel_history(library.file(run.id, "kernels.npz"))
    assert history.epochs.tolist() == [0, 1, 2, 3, 4]
    assert list(history.kernels) == ["conv_1", "conv_2"]
    best, last = (library.file(run.id, f"{name}.keras") for name in ("best", "last"))
    for layer, kernels in history.kernels.items():
        np.testing.assert_array_equal(kernels[-1], layer_kernel(last, layer))
        np.testing.assert_array_equal(kernels[run.best_epoch], layer_kernel(best, layer))


def test_the_first_snapshot_is_the_initial_weights_of_the_run(
    trained: tuple[Library, Run],
) -> None:
    """Drawn as a person's script would draw them after setting the seed."""
    library, run = trained
    history = read_kernel_history(library.file(run.id, "kernels.npz"))
    keras.utils.set_random_seed(SETTINGS.optimisation.seed)
    layer = keras.layers.Conv2D(4, 3, padding="same")
    layer.build((None, *parts(SETTINGS).training_images.shape[1:]))
    np.testing.assert_array_equal(history.kernels["conv_1"][0], layer.get_weights()[0])


def test_a_run_records_movements_that_its_snapshots_bear_out(trained: tuple[Library, Run]) -> None:
    library, run = trained
    history = read_kernel_history(library.file(run.id, "kernels.npz"))
    movements = library.movements(run.id)
    model = keras.models.load_model(library.file(run.id, "last.keras"))
    layers = [layer.name for layer in model.layers if layer.name.startswith(("conv", "dense"))]
    found = [(movement.epoch, movement.layer) for movement in movements]
    assert found == [
        (epoch, layer) for epoch in range(1, 5) for layer in [*layers, model.layers[-1].name]
    ]
    for movement in movements:
        if movement.layer in history.kernels:
            before, now = history.kernels[movement.layer][movement.epoch - 1 : movement.epoch + 1]
            norm = np.sqrt((now.astype(float) ** 2).sum())
            way = np.sqrt(((now.astype(float) - before) ** 2).sum())
            assert movement.norm == pytest.approx(norm, rel=1e-5)
            assert movement.change == pytest.approx(way / norm, rel=1e-4)
