"""Smoothing: by hand, against pandas, and never with a look ahead."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from core.learning.smoothing import smoothed


def test_three_values_by_hand() -> None:
    """With strength 0.5 the weights are 1, then 1/3 and 2/3, then 1/7, 2/7 and 4/7."""
    expected = [7.0, (7 + 2 * 1) / 3, (7 + 2 * 1 + 4 * 3) / 7]
    assert smoothed([7.0, 1.0, 3.0], 0.5) == pytest.approx(expected)


@pytest.mark.parametrize("strength", [0.05, 0.5, 0.9, 0.95])
def test_it_is_the_debiased_exponential_mean_of_pandas(strength: float) -> None:
    values = np.random.default_rng(0).normal(size=500)
    values[[0, 7, 8, 499]] = math.nan
    theirs = pd.Series(values).ewm(alpha=1 - strength, adjust=True, ignore_na=True).mean()
    theirs[np.isnan(values)] = math.nan
    np.testing.assert_allclose(smoothed(values, strength), theirs, rtol=1e-9)


def test_no_strength_changes_nothing_and_a_constant_stays_one() -> None:
    values = [3.0, math.nan, 1.0]
    np.testing.assert_array_equal(smoothed(values, 0.0), values)
    np.testing.assert_allclose(smoothed(np.full(300, 0.7), 0.95), 0.7)


def test_what_comes_later_changes_nothing_before_it() -> None:
    values = np.random.default_rng(1).normal(size=100)
    later = values.copy()
    later[60:] = 1e6
    np.testing.assert_array_equal(smoothed(values, 0.9)[:60], smoothed(later, 0.9)[:60])
    assert smoothed(later, 0.9)[60] != smoothed(values, 0.9)[60]


def test_what_is_no_finite_number_is_a_gap_and_weighs_nothing() -> None:
    result = smoothed([4.0, math.inf, math.nan, 1.0], 0.5)
    np.testing.assert_allclose(result, [4.0, math.nan, math.nan, (4 + 2 * 1) / 3])
    assert np.isnan(smoothed([math.nan] * 3, 0.5)).all()
    assert smoothed([], 0.5).shape == (0,)
