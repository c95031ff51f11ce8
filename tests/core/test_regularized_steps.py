"""What regularizers do to a step, against closed forms and against plain gradients."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from core.fitting.steps import StopFlag, TrainingSteps
from core.learning.what_is_measured import least_smoothed_loss, what_is_measured
from core.model import build_network, build_optimizer
from core.settings import Settings
from tests.core.small import parts, small

pytestmark = pytest.mark.usefixtures("warm")

PLAIN_STEP = {"optimizer": "sgd", "momentum": 0.0, "learning_rate": 0.5}
"""Each step is the gradient times -0.5."""


class Stepper:
    """A network of some settings that makes one step after another."""

    def __init__(self, settings: Settings) -> None:
        self.data = parts(settings)
        self.model = build_network(settings, (8, 8, 1), 10)
        self.optimizer = build_optimizer(settings.optimisation)
        self._steps = TrainingSteps(
            self.model,
            self.optimizer,
            self.data.training_images,
            self.data.training_labels,
            settings.optimisation.batch_size,
            StopFlag(),
            settings.regularization.label_smoothing,
        )

    def steps(self, count: int) -> Iterator[float]:
        """The recorded data loss of each, the first step of an epoch again and again."""
        for _ in range(count):
            yield float(self._steps.run(np.arange(100), 0, 1)[0][0])

    @property
    def weights(self) -> list[np.ndarray]:
        return [np.asarray(weight) for weight in self.model.trainable_variables]

    def gradient(self, targets: np.ndarray) -> list[np.ndarray]:
        """Of the mean cross-entropy against targets of shape (32, 10), in the first 32 images."""
        with tf.GradientTape() as tape:
            said = self.model(self.data.training_images[:32], training=True)
            loss = -tf.reduce_mean(tf.reduce_sum(targets * tf.math.log(said), axis=1))
        variables = [weight.value for weight in self.model.trainable_variables]
        return [np.asarray(one) for one in tape.gradient(loss, variables)]


def norm_of(arrays: list[np.ndarray]) -> float:
    return float(np.sqrt(sum(np.square(array, dtype=np.float64).sum() for array in arrays)))


# Max-norm


def norms(model: keras.Model) -> dict[str, np.ndarray]:
    """Of the weights into each filter and each unit, by layer."""
    return {
        name: np.sqrt(np.square(np.asarray(model.get_layer(name).kernel)).sum(axis=axes))
        for name, axes in (("conv_1", (0, 1, 2)), ("dense", 0), ("classes", 0))
    }


def test_no_filter_and_no_unit_is_longer_than_the_bound_after_any_step() -> None:
    """Keras divides by the norm and 1e-7, so that only rounding could be above."""
    bound = 0.8
    stepper = Stepper(small(max_norm=bound, **PLAIN_STEP))
    for _ in stepper.steps(12):
        found = norms(stepper.model)
        assert {name: len(lengths) for name, lengths in found.items()} == {
            "conv_1": 4,
            "dense": 16,
            "classes": 10,
        }
        assert max(lengths.max() for lengths in found.values()) <= bound * (1 + 1e-6)
    # The bound was reached, and without it they would be longer.
    assert max(lengths.max() for lengths in found.values()) == pytest.approx(bound, rel=1e-5)
    free = Stepper(small(**PLAIN_STEP))
    list(free.steps(12))
    assert max(lengths.max() for lengths in norms(free.model).values()) > bound


def test_a_bound_that_is_never_reached_changes_nothing_but_rounding() -> None:
    bound, free = (Stepper(small(max_norm=m, **PLAIN_STEP)) for m in (90.0, 0.0))
    assert list(bound.steps(4)) == pytest.approx(list(free.steps(4)), rel=1e-4)


# Gradient clipping


def test_no_step_is_longer_than_the_clipped_gradient_and_a_long_one_just_as_long() -> None:
    """The global norm of 0.5 times a gradient that was shortened to 0.1."""
    stepper = Stepper(small(gradient_clipping=0.1, **PLAIN_STEP))
    before, lengths = stepper.weights, []
    for _ in stepper.steps(8):
        lengths.append(norm_of([a - b for a, b in zip(stepper.weights, before, strict=True)]))
        before = stepper.weights
    assert max(lengths) <= 0.05 * (1 + 1e-3)
    assert lengths[0] == pytest.approx(0.05, rel=1e-3)


def test_a_clipped_step_goes_where_the_gradient_goes() -> None:
    settings = small(gradient_clipping=0.1, **PLAIN_STEP)
    stepper = Stepper(settings)
    before = stepper.weights
    gradient = stepper.gradient(np.eye(10, dtype=np.float32)[stepper.data.training_labels[:32]])
    shortened = 0.1 / norm_of(gradient)
    assert shortened < 1
    list(stepper.steps(1))
    for now, then, slope in zip(stepper.weights, before, gradient, strict=True):
        np.testing.assert_allclose(now, then - 0.5 * shortened * slope, atol=1e-6)


def test_a_short_gradient_is_left_as_it_is() -> None:
    clipped, free = (Stepper(small(gradient_clipping=c, **PLAIN_STEP)) for c in (1000.0, 0.0))
    list(clipped.steps(3))
    list(free.steps(3))
    for ours, theirs in zip(clipped.weights, free.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


# Label smoothing


def test_a_step_goes_by_labels_of_which_a_share_is_spread_evenly_over_all_classes() -> None:
    """The true class has 1 - s + s / K, each other s / K; here 0.82 and 0.02."""
    stepper = Stepper(small(label_smoothing=0.2, **PLAIN_STEP))
    labels = stepper.data.training_labels[:32]
    targets = np.full((32, 10), 0.02, np.float32)
    targets[np.arange(32), labels] = 0.82
    before, gradient = stepper.weights, stepper.gradient(targets)
    other = stepper.gradient(np.eye(10, dtype=np.float32)[labels])
    assert norm_of([a - b for a, b in zip(gradient, other, strict=True)]) > 0.01
    list(stepper.steps(1))
    for now, then, slope in zip(stepper.weights, before, gradient, strict=True):
        np.testing.assert_allclose(now, then - 0.5 * slope, atol=2e-6)


def test_the_loss_on_record_is_against_the_labels_as_they_are() -> None:
    """Of the same weights on the same images it is the same number, whatever the smoothing."""
    first = [next(Stepper(small(label_smoothing=s)).steps(1)) for s in (0.0, 0.2)]
    assert first[0] == first[1]


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_the_least_smoothed_loss_is_the_entropy_of_the_labels(smoothing: float) -> None:
    label = np.full(10, smoothing / 10)
    label[3] += 1 - smoothing
    assert least_smoothed_loss(smoothing, 10) == pytest.approx(scipy.stats.entropy(label))


def test_it_is_told_what_the_losses_are_taken_on() -> None:
    assert what_is_measured(small(dropout_dense=0.5, l2=0.01)) == ""
    words = what_is_measured(small(label_smoothing=0.1, weight_averaging=True))
    assert "smoothed by 0.1, which cannot fall below 0.500 nats" in words
    assert "against the labels as they are" in words
    assert "those of the averaged weights (momentum 0.99)" in words


def test_it_is_told_from_when_on_the_equal_average_is_measured_and_by_what_statistics() -> None:
    average = {"averaging": "swa", "epochs": 30, "training_images": 1000}
    words = what_is_measured(small(**average))
    assert words.startswith(
        "Up to epoch 15, fair training and validation are those of the weights that the steps "
        "move; from epoch 16 on, those of the equal average of the weights after epoch 16 and each "
        "one since"
    )
    assert "batch normalization" not in words
    words = what_is_measured(small(**average, averaging_start=0.0, normalization="batch"))
    assert words.startswith("Fair training and validation are those of the equal average")
    assert "on the 300 images of the fair training sample, dropout off." in words


# Weight decay


def test_decoupled_decay_shrinks_each_weight_apart_from_adam_s_step() -> None:
    """One step from the same weights: theta - eta lambda theta, then Adam's step; biases too."""
    rate, decay = 0.01, 0.5
    decayed, plain = (
        Stepper(small(optimizer=name, learning_rate=rate, weight_decay=decay))
        for name in ("adamw", "adam")
    )
    before = decayed.weights
    list(decayed.steps(1))
    list(plain.steps(1))
    for ours, theirs, then in zip(decayed.weights, plain.weights, before, strict=True):
        np.testing.assert_allclose(ours, theirs - rate * decay * then, atol=1e-6)


# Averaged weights


def test_the_average_is_the_recursion_by_hand() -> None:
    """After the first step the weights themselves; then m times itself and 1 - m times them."""
    stepper = Stepper(small(weight_averaging=True, averaging_momentum=0.8, **PLAIN_STEP))
    average: list[np.ndarray] = []
    for number, _ in enumerate(stepper.steps(9)):
        if number == 0:
            average = stepper.weights
        else:
            average = [0.8 * a + 0.2 * w for a, w in zip(average, stepper.weights, strict=True)]
        kept = stepper.optimizer._model_variables_moving_average
        for ours, theirs in zip(average, kept, strict=True):
            np.testing.assert_allclose(ours, np.asarray(theirs), rtol=1e-5, atol=1e-6)
    assert norm_of([a - w for a, w in zip(average, stepper.weights, strict=True)]) > 0.01


# Noise


@pytest.mark.parametrize(
    ("changes", "name"),
    [({}, "noise"), ({"noise_place": "blocks"}, "noise_1")],
    ids=["on the image", "behind a block"],
)
def test_noise_has_the_spread_that_was_asked_for_and_only_while_training(
    changes: dict[str, str], name: str
) -> None:
    layer = build_network(small(noise=0.3, **changes), (8, 8, 1), 10).get_layer(name)
    zeros = np.zeros((100, *layer.output.shape[1:]), np.float32)
    noise = np.asarray(layer(zeros, training=True))
    # Four standard errors of so many draws.
    assert noise.std() == pytest.approx(0.3, rel=4 / np.sqrt(2 * noise.size))
    assert abs(noise.mean()) < 4 * 0.3 / np.sqrt(noise.size)
    np.testing.assert_array_equal(np.asarray(layer(zeros, training=False)), zeros)


@pytest.mark.parametrize("name", ["dropout_1", "dropout_dense"])
def test_gaussian_dropout_keeps_the_mean_and_has_the_variance_of_dropout(name: str) -> None:
    """Factors of mean 1 and variance r / (1 - r) (Srivastava et al., 2014, section 10)."""
    rate = 0.4
    settings = small(dropout_convolution=rate, dropout_dense=rate, dropout_kind="gaussian")
    layer = build_network(settings, (8, 8, 1), 10).get_layer(name)
    assert type(layer) is keras.layers.GaussianDropout
    ones = np.ones((1000, *layer.output.shape[1:]), np.float32)
    factors = np.asarray(layer(ones, training=True))
    spread = np.sqrt(rate / (1 - rate))
    assert factors.mean() == pytest.approx(1, abs=4 * spread / np.sqrt(factors.size))
    assert factors.std() == pytest.approx(spread, rel=4 / np.sqrt(2 * factors.size))
    np.testing.assert_array_equal(np.asarray(layer(ones, training=False)), ones)


# Normalization within an image


@pytest.mark.parametrize(("kind", "groups"), [("layer", 1), ("group", 2), ("group", 4)])
def test_maps_of_an_image_are_normalized_over_their_pixels_and_a_group_of_channels(
    kind: str, groups: int
) -> None:
    settings = small(normalization=kind, normalization_groups=groups)
    layer = build_network(settings, (8, 8, 1), 10).get_layer(f"{kind}_normalization_1")
    maps = np.random.default_rng(3).normal(2, 5, (3, 8, 8, 4)).astype(np.float32)
    apart = maps.reshape(3, 64, groups, 4 // groups)
    mean = apart.mean(axis=(1, 3), keepdims=True)
    variance = apart.var(axis=(1, 3), keepdims=True)
    expected = ((apart - mean) / np.sqrt(variance + layer.epsilon)).reshape(maps.shape)
    np.testing.assert_allclose(np.asarray(layer(maps)), expected, atol=1e-4)
    # A scale and a shift for each channel, so that any size of image will do.
    assert [tuple(weight.shape) for weight in layer.weights] == [(4,), (4,)]


@pytest.mark.parametrize(("kind", "groups"), [("layer", 1), ("group", 4)])
def test_units_of_an_image_are_normalized_over_a_group_of_units(kind: str, groups: int) -> None:
    settings = small(normalization=kind, normalization_groups=groups)
    layer = build_network(settings, (8, 8, 1), 10).get_layer(f"{kind}_normalization_dense")
    units = np.random.default_rng(3).normal(2, 5, (3, 16)).astype(np.float32)
    apart = units.reshape(3, groups, 16 // groups)
    mean, variance = apart.mean(axis=2, keepdims=True), apart.var(axis=2, keepdims=True)
    expected = ((apart - mean) / np.sqrt(variance + layer.epsilon)).reshape(units.shape)
    np.testing.assert_allclose(np.asarray(layer(units)), expected, atol=1e-4)


@pytest.mark.parametrize("kind", ["layer", "group"])
def test_what_is_said_of_an_image_does_not_depend_on_its_companions(kind: str) -> None:
    """Which it does with batch normalization while training."""
    images = np.random.default_rng(3).random((8, 8, 8, 1), np.float32)
    for normalization, alike in ((kind, True), ("batch", False)):
        model = build_network(small(normalization=normalization), (8, 8, 1), 10)
        alone = np.asarray(model(images[:2], training=True))
        together = np.asarray(model(images, training=True))[:2]
        assert np.allclose(alone, together, atol=1e-5) == alike
