"""A kernel ahead of a batch normalization, multiplied: the output stays, the gradient shrinks."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.errors import LearnscopeError
from core.library.records import Movement
from core.mechanisms.layer_kernels import copy_of
from core.mechanisms.scale_invariance import (
    effective_rates,
    normalized_kernels,
    study_scale,
    with_batch_normalization,
)
from core.mechanisms.scale_records import ScaleStudy
from core.model import build_network
from tests.core.made_runs import made_epochs
from tests.core.small import parts, small

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)


def network(place: str = "before") -> keras.Model:
    settings = small(normalization="batch", normalization_place=place, dropout_dense=0.5, l2=0.01)
    model = build_network(settings, (8, 8, 1), 10)
    # Scales and biases as after a training: not those of the beginning, which hide mistakes.
    rng = np.random.default_rng(1)
    model.set_weights([w + rng.normal(0, 0.1, w.shape) ** 2 for w in model.get_weights()])
    return model


def batch() -> tuple[np.ndarray, np.ndarray]:
    data = parts(small())
    return data.training_images[:64], data.training_labels[:64]


@pytest.fixture(scope="module", params=["before", "after"])
def study(request: pytest.FixtureRequest, warm: None) -> ScaleStudy:
    model = network(request.param)
    return study_scale(model, normalized_kernels(model)[0], *batch(), FACTORS)


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("place", ["before", "after"])
def test_kernels_ahead_of_a_batch_normalization_are_found(place: str) -> None:
    found = normalized_kernels(network(place))
    assert [(one.layer, one.normalization, one.behind_relu) for one in found] == [
        ("conv_1", "batch_normalization_1", place == "after"),
        ("dense", "batch_normalization_dense", place == "after"),
    ]
    assert normalized_kernels(build_network(small(), (8, 8, 1), 10)) == ()


def test_the_output_stays_but_for_rounding_if_the_epsilon_goes_along(study: ScaleStudy) -> None:
    """Probabilities of 0 to 1 in single precision: 1e-5 is some hundred roundings."""
    assert study.differences_scaled_epsilon.max() < 1e-5


def test_the_epsilons_effect_falls_as_the_kernel_grows(study: ScaleStudy) -> None:
    one = FACTORS.index(1.0)
    assert study.differences[one] == 0
    assert study.epsilon == pytest.approx(0.001)
    # From x 1 to x 4 less is left to change than from x 1 to x 1/4.
    assert 0 < study.differences[-1] < study.differences[0]
    assert study.smallest_variance > 0


def test_the_gradient_falls_as_one_over_the_factor_and_the_rate_as_its_square(
    warm: None,
) -> None:
    """Without an epsilon to speak of the law is exact, to a thousandth in single precision."""
    model = network()
    model.get_layer("batch_normalization_1").epsilon = 1e-12
    found = study_scale(model, normalized_kernels(model)[0], *batch(), FACTORS)
    np.testing.assert_allclose(found.multiple_law, [4, 2, 1, 0.5, 0.25])
    np.testing.assert_allclose(found.rate_law, [16, 4, 1, 0.25, 0.0625])
    np.testing.assert_allclose(found.multiples, found.multiple_law, rtol=1e-3)
    np.testing.assert_allclose(found.rates, found.rate_law, rtol=1e-3)


def test_a_step_of_gradient_descent_turns_the_kernel_as_the_effective_rate_says(
    warm: None,
) -> None:
    """The relative way of a real step of Keras's SGD, at twice the kernel, is a quarter."""
    model = network()
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.epsilon = 1e-12
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
        if hasattr(layer, "kernel_regularizer"):
            layer.kernel_regularizer = None
    ways = []
    for factor in (1.0, 2.0):
        copy = copy_of(model)
        kernel = copy.get_layer("conv_1").kernel
        kernel.assign(kernel * factor)
        before = np.asarray(kernel).copy()
        copy.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy")
        copy.train_on_batch(*batch())
        moved = np.linalg.norm(np.asarray(kernel) - before)
        ways.append(moved / np.linalg.norm(before))
    assert ways[1] / ways[0] == pytest.approx(0.25, rel=0.01)


def test_what_is_measured_at_factor_1_is_the_network_itself_in_training_mode(
    warm: None,
) -> None:
    model = network()
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    before = model.get_weights()
    images, labels = batch()
    found = study_scale(model, normalized_kernels(model)[0], images, labels, FACTORS)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    own = np.asarray(copy_of(model)(images, training=True))
    np.testing.assert_allclose(found.probabilities[FACTORS.index(1.0)], own[0], atol=1e-6)
    assert found.label == labels[0] and found.images == 64
    assert found.norm == pytest.approx(float(np.linalg.norm(before[0])), rel=1e-6)


@pytest.mark.usefixtures("warm")
def test_without_a_normalization_the_same_network_gets_one_at_its_first_weights() -> None:
    settings = small(l2=0.01)
    plain = build_network(settings, (8, 8, 1), 10)
    made = with_batch_normalization(plain, settings)
    assert [one.layer for one in normalized_kernels(made)] == ["conv_1", "dense"]
    np.testing.assert_array_equal(
        np.asarray(made.get_layer("conv_1").kernel), np.asarray(plain.get_layer("conv_1").kernel)
    )


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("factors", [(0.5, 2.0), (1.0, 0.0), (1.0, -1.0)])
def test_factors_without_1_or_not_above_0_are_refused(factors: tuple[float, ...]) -> None:
    model = network()
    with pytest.raises(LearnscopeError, match="factors above 0, with 1"):
        study_scale(model, normalized_kernels(model)[0], *batch(), factors)


@pytest.mark.parametrize(("optimizer", "power"), [("sgd", 2), ("adam", 1), ("adamw", 1)])
def test_the_effective_rate_is_the_rate_over_the_norm_to_its_power(
    optimizer: str, power: int
) -> None:
    movements = [
        Movement(1, "conv_1", 2.0, 0.1),
        Movement(1, "dense", 7.0, 0.1),
        Movement(2, "conv_1", 0.5, 0.1),
    ]
    found = effective_rates(made_epochs([1.0, 0.9]), movements, "conv_1", optimizer)
    assert found.power == power
    np.testing.assert_array_equal(found.epochs, [1, 2])
    np.testing.assert_allclose(found.values, [0.001 / 2.0**power, 0.001 / 0.5**power])
