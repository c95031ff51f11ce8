"""Dropout on linear regression is ridge regression: by all masks, by formula, by chance."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.mechanisms.ridge import (
    COPIES,
    MOST_UNITS,
    agreement,
    dropout_weights,
    noisy_errors,
    regression_on,
    ridge_weights,
)

pytestmark = pytest.mark.usefixtures("warm")
RNG = np.random.default_rng(1)
INPUTS = RNG.normal(size=(40, 3)).astype(np.float32)
TARGETS = (INPUTS @ RNG.normal(size=(3, 2)) + RNG.normal(size=(40, 2))).astype(np.float32)


def expected_products(inputs: np.ndarray, rate: float) -> np.ndarray:
    """The mean of X'X over all masks of each image: a sum over 2^D of them."""
    units = inputs.shape[1]
    mean = np.zeros((units, units))
    for mask in itertools.product([0, 1], repeat=units):
        chance = np.prod(np.where(np.array(mask) == 1, 1 - rate, rate))
        noisy = inputs * np.array(mask) / (1 - rate)
        mean += chance * noisy.T @ noisy
    return mean


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_ridge_solves_the_average_over_all_masks(rate: float) -> None:
    """Tolerance 1e-5 of the weights: products are in single precision."""
    products = expected_products(INPUTS.astype(np.float64), rate)
    wanted = np.linalg.solve(products, INPUTS.T.astype(np.float64) @ TARGETS)
    np.testing.assert_allclose(ridge_weights(INPUTS, TARGETS, rate), wanted, rtol=1e-5, atol=1e-6)


def test_the_penalty_is_by_the_keep_rate() -> None:
    # One unit: w = x'y / (x'x + (1 - k) / k * x'x) = k * x'y / x'x.
    inputs, targets = np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])
    assert ridge_weights(inputs, targets, 0.25)[0, 0] == pytest.approx(0.75 * 11 / 5)


def test_without_dropout_it_is_least_squares() -> None:
    wanted = np.linalg.lstsq(INPUTS, TARGETS, rcond=None)[0]
    np.testing.assert_allclose(ridge_weights(INPUTS, TARGETS, 0.0), wanted, rtol=1e-4)
    for learnt in dropout_weights(INPUTS, TARGETS, 0.0, 1):
        np.testing.assert_allclose(learnt, wanted, rtol=1e-4)


def test_two_units_that_always_agree_share_the_weight() -> None:
    twice = np.repeat(INPUTS[:, :1], 2, axis=1)
    weights = ridge_weights(twice, TARGETS, 0.0)
    np.testing.assert_allclose(weights[0], weights[1], rtol=1e-3)


def test_learning_under_dropout_comes_to_ridge_as_one_over_the_root_of_the_masks() -> None:
    """Within a tenth after 50 masks of 1,000 images; a hundred masks halve it again."""
    rng = np.random.default_rng(3)
    features = np.maximum(rng.normal(size=(1000, 30)), 0).astype(np.float32)
    labels = (features[:, 0] > features[:, 1]).astype(np.int64)
    found = agreement(regression_on(features, labels, 2), 0.5, 1)
    assert found.copies == COPIES
    assert found.distances[-1] < 0.1 and found.distances[0] > 2 * found.distances[-1]
    ratios = np.array(found.distances) / np.array(found.expected_distances)
    assert np.all((ratios > 0.4) & (ratios < 2.5))
    assert found.expected_distances[-1] == found.distances[-1]


def test_the_error_under_dropout_is_the_error_without_it_and_the_penalty() -> None:
    """Within four standard errors of what is measured."""
    features = np.abs(RNG.normal(size=(500, 20))).astype(np.float32)
    regression = regression_on(features, RNG.integers(0, 3, 500), 3)
    found = agreement(regression, 0.4, 2)
    assert found.expected_error == found.error + found.penalty
    assert found.noisy_error == pytest.approx(found.expected_error, abs=4 * found.noisy_spread)
    assert found.penalty > 20 * found.noisy_spread  # so that it would be missed


def test_the_error_under_dropout_by_hand() -> None:
    # At rate one half, x = 1 is 0 or 2; with weight 1 and target 1 the error is 1 either way.
    errors = noisy_errors(np.ones((4, 1)), np.ones((4, 1)), np.ones((1, 1)), 0.5, 1)
    np.testing.assert_allclose(errors, np.ones(20))


def test_dead_units_are_left_out_and_counted() -> None:
    features = np.ones((10, 5), np.float32)
    features[:, [1, 3]] = 0
    regression = regression_on(features, np.zeros(10, np.int64), 2)
    assert regression.inputs.shape == (10, 3)
    assert (regression.dead, regression.left_out) == (2, 0)
    np.testing.assert_array_equal(regression.targets, np.tile([1, 0], (10, 1)))


def test_of_very_many_units_the_strongest_stay_in_their_order() -> None:
    features = np.ones((2, MOST_UNITS + 2), np.float32)
    features[:, [0, 5]] = 0.5
    regression = regression_on(features, np.zeros(2, np.int64), 2)
    assert regression.left_out == 2
    assert regression.inputs.shape[1] == MOST_UNITS and regression.inputs.min() == 1
