"""Dropout in numbers, against closed forms, sums over all masks, and Keras."""

from __future__ import annotations

import itertools
import math

import keras
import numpy as np
import pytest

from core.mechanisms.dropout import (
    draw_mask,
    drop,
    mean_activation,
    mean_spread,
    networks_met,
    sampled_means,
    superscript,
    thinned_networks,
)

VALUES = np.array([0.0, 1.0, 2.0, 5.0])


def all_means(values: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """The mean activation under every possible mask, and that mask's probability."""
    masks = np.array(list(itertools.product([0, 1], repeat=values.size)))
    chances = np.prod(np.where(masks == 1, 1 - rate, rate), axis=1)
    return (masks * values.ravel() / (1 - rate)).mean(axis=1), chances


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_mean_and_spread_are_those_of_a_sum_over_all_masks(rate: float) -> None:
    means, chances = all_means(VALUES, rate)
    mean = float(chances @ means)
    assert mean == pytest.approx(2.0)  # as without dropout
    deviation = math.sqrt(float(chances @ (means - mean) ** 2))
    assert mean_spread(VALUES, rate) == pytest.approx(deviation, rel=1e-12)


def test_the_variance_is_that_of_the_formula() -> None:
    # rate / (1 - rate) is 1 at one half: the variance of the sum is 0 + 1 + 4 + 25.
    assert mean_spread(VALUES, 0.5) == pytest.approx(math.sqrt(30) / 4)
    assert mean_spread(VALUES, 0.0) == 0.0


def test_a_map_that_falls_silent_as_a_whole_counts_with_its_sum() -> None:
    maps = np.zeros((1, 2, 2))
    maps[0, :, 0], maps[0, :, 1] = (1, 3), (2, -2)  # sums 4 and 0
    assert mean_spread(maps, 0.5, whole_maps=True) == pytest.approx(4 / 4)
    assert mean_spread(maps, 0.5) == pytest.approx(math.sqrt(1 + 9 + 4 + 4) / 4)


@pytest.mark.parametrize("whole_maps", [False, True])
def test_masks_that_are_drawn_agree_with_the_formula(whole_maps: bool) -> None:
    values = np.random.default_rng(1).random((3, 3, 40))
    found = mean_activation(values, 7, whole_maps, np.array([0.0, 0.3, 0.8]))
    assert found.masks == 1000
    # Within four standard errors of 1,000 masks, and the rounding of single precision.
    limit = 4 * found.spread / 1000**0.5 + 1e-6
    assert np.all(np.abs(found.measured_mean - values.mean()) <= limit)
    np.testing.assert_allclose(found.measured_spread, found.spread, rtol=4 / 2000**0.5, atol=1e-6)
    np.testing.assert_allclose(found.unscaled, values.mean() * np.array([1.0, 0.7, 0.2]))
    np.testing.assert_allclose(found.high - found.low, 2 * found.spread)


def test_the_histogram_is_of_the_masks_that_the_curve_is_of() -> None:
    found = mean_activation(VALUES, 3, rates=np.array([0.4]))
    means = sampled_means(VALUES, 0.4, 3)
    assert means.mean() == found.measured_mean[0]
    assert means.std(ddof=1) == found.measured_spread[0]


def test_a_large_layer_gets_fewer_masks() -> None:
    assert len(sampled_means(np.ones(6_000), 0.5, 1)) == 100
    assert len(sampled_means(np.ones(60_000), 0.5, 1)) == 20


def test_what_plays_is_turned_up_and_what_is_silent_is_zero() -> None:
    dropped = drop(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]), 0.75)
    np.testing.assert_array_equal(dropped, np.array([4.0, 0.0, 12.0], np.float32))


def test_keras_scales_in_the_same_way() -> None:
    values = np.arange(1, 1001, dtype=np.float32)
    theirs = np.asarray(keras.layers.Dropout(0.25, seed=1)(values[np.newaxis], training=True))[0]
    np.testing.assert_allclose(drop(values, theirs != 0, 0.25), theirs, rtol=1e-6)


def test_the_share_that_is_silent_is_the_rate() -> None:
    silent = ~draw_mask(np.random.default_rng(1), (100_000,), 0.3)
    assert silent.mean() == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / 100_000))
    assert draw_mask(np.random.default_rng(1), (100,), 0.0).all()


def test_a_higher_rate_silences_those_of_a_lower_one_and_more() -> None:
    low, high = (~draw_mask(np.random.default_rng(5), (500,), rate) for rate in (0.2, 0.6))
    assert (high[low]).all() and high.sum() > low.sum()


@pytest.mark.parametrize(
    ("units", "words"),
    [(0, "1"), (1, "2"), (10, "1,024"), (19, "524,288"), (20, "1.0 · 10⁶"), (128, "3.4 · 10³⁸")],
)
def test_thinned_networks_are_two_to_the_units(units: int, words: str) -> None:
    assert thinned_networks(units).replace("\u00a0", " ") == words


@pytest.mark.parametrize("units", [332, 333, 1000, 3136])
def test_large_powers_agree_with_whole_numbers(units: int) -> None:
    digits = str(2**units)
    first, _, exponent = thinned_networks(units).replace("\u00a0", " ").partition(" · 10")
    assert exponent == superscript(len(digits) - 1)
    assert float(first) == pytest.approx(int(digits[:4]) / 1000, abs=0.0501)


def test_a_training_meets_one_network_an_image_and_epoch_at_most() -> None:
    assert networks_met(30, 1000) == 30_000
