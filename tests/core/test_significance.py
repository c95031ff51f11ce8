"""Tests of differences, each against a computation of another kind: formula, enumeration, table."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from core.comparison.significance import (
    difference_between,
    holm,
    least_permutation_p,
    seeds_needed,
)
from core.errors import LearnscopeError

FIRST = np.array([10.0, 12.0, 11.5])
SECOND = np.array([9.0, 8.5, 9.9])
LONGER = np.array([9.0, 8.5, 9.9, 7.0, 8.0])


def welch(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float, float]:
    """Degrees of freedom, p-value and interval, by the formulas of Welch (1947)."""
    a, b = first.var(ddof=1) / len(first), second.var(ddof=1) / len(second)
    error = math.sqrt(a + b)
    freedom = (a + b) ** 2 / (a**2 / (len(first) - 1) + b**2 / (len(second) - 1))
    difference = second.mean() - first.mean()
    p = 2 * stats.t.sf(abs(difference / error), freedom)
    half = stats.t.ppf(0.975, freedom) * error
    return freedom, p, difference - half, difference + half


@pytest.mark.parametrize("second", [SECOND, LONGER])
def test_the_t_test_and_its_interval_are_welchs(second: np.ndarray) -> None:
    found = difference_between(FIRST, second)
    assert (found.freedom, found.p, found.low, found.high) == pytest.approx(welch(FIRST, second))
    assert found.difference == pytest.approx(second.mean() - FIRST.mean())
    assert found.half_width == pytest.approx((found.high - found.low) / 2)
    assert found.counts == (3, len(second))


def enumerated_p(first: np.ndarray, second: np.ndarray) -> float:
    """Twice the share of all deals whose difference is at least as extreme on the nearer side."""
    both = np.concatenate([first, second])
    seen = second.mean() - first.mean()
    differences = []
    for chosen in itertools.combinations(range(len(both)), len(first)):
        rest = [n for n in range(len(both)) if n not in chosen]
        differences.append(both[rest].mean() - both[list(chosen)].mean())
    low = np.mean([d <= seen + 1e-9 for d in differences])
    high = np.mean([d >= seen - 1e-9 for d in differences])
    return min(1.0, 2 * min(low, high))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FIRST, SECOND),
        (FIRST, LONGER),
        (FIRST, np.array([11.0, 12.5, 9.0])),
        # With ties, whose differences are equal on paper only.
        (100 * (1 - np.array([0.97, 0.96, 0.95])), 100 * (1 - np.array([0.96, 0.98, 0.97]))),
    ],
)
def test_the_permutation_test_is_the_enumeration_of_all_deals(
    first: np.ndarray, second: np.ndarray
) -> None:
    found = difference_between(first, second)
    assert found.exact
    assert found.permutation_p == pytest.approx(enumerated_p(first, second))


def test_three_seeds_against_three_cannot_go_below_a_tenth() -> None:
    """Of the 20 ways to deal six figures, two are the most extreme."""
    found = difference_between(FIRST, SECOND)
    assert found.permutation_p == pytest.approx(0.1)
    assert found.least_permutation_p == pytest.approx(0.1)
    assert least_permutation_p(4, 4) == pytest.approx(2 / 70)
    assert least_permutation_p(2, 3) == pytest.approx(2 / 10)


def test_many_seeds_are_shuffled_by_chance_and_the_same_figures_give_the_same_p() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.normal(0, 1, 12), rng.normal(0.6, 1, 12)
    found = difference_between(first, second)
    assert not found.exact
    assert found.permutation_p == difference_between(first, second).permutation_p
    # Welch's p-value is near it for so many figures.
    assert found.permutation_p == pytest.approx(found.p, abs=0.02)
    assert found.least_permutation_p == pytest.approx(2 / 20_001)


def test_the_effect_is_hedges_g() -> None:
    """By hand: pooled variance of n - 1 weights, and the correction 1 - 3 / (4 (n1 + n2) - 9)."""
    pooled = math.sqrt((2 * FIRST.var(ddof=1) + 4 * LONGER.var(ddof=1)) / 6)
    by_hand = (LONGER.mean() - FIRST.mean()) / pooled * (1 - 3 / (4 * 8 - 9))
    assert difference_between(FIRST, LONGER).effect == pytest.approx(by_hand)


def test_exchanging_the_groups_turns_the_sign_and_nothing_else() -> None:
    one, other = difference_between(FIRST, LONGER), difference_between(LONGER, FIRST)
    assert other.difference == pytest.approx(-one.difference)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))
    assert (other.p, other.permutation_p) == pytest.approx((one.p, one.permutation_p))
    assert other.effect == pytest.approx(-one.effect)
    assert other.seeds_needed == one.seeds_needed


def test_one_group_without_spread_can_be_tested_against_one_with() -> None:
    """Welch: the error is that of the other group alone, with its degrees of freedom."""
    constant = np.full(3, 0.97)
    varied = np.array([0.9, 0.91, 0.93])
    for found in (difference_between(constant, varied), difference_between(varied, constant)):
        p = 2 * stats.t.sf((0.97 - varied.mean()) / (varied.std(ddof=1) / math.sqrt(3)), 2)
        assert found.p == pytest.approx(p)
        assert found.freedom == pytest.approx(2)


def test_two_groups_without_spread_are_refused_in_words() -> None:
    with pytest.raises(LearnscopeError, match="one figure in each group, whatever the seed"):
        difference_between(np.full(3, 0.97), np.full(3, 0.98))
    with pytest.raises(LearnscopeError, match="the same figure, whatever the seed"):
        difference_between(np.full(3, 0.97), np.full(3, 0.97))


def test_equal_groups_differ_by_nothing() -> None:
    found = difference_between(FIRST, FIRST[::-1])
    assert found.difference == 0
    assert found.p == pytest.approx(1)
    assert found.permutation_p == pytest.approx(1)
    assert found.seeds_needed is None


@pytest.mark.parametrize("few", [FIRST[:1], FIRST[:0]])
def test_one_seed_is_not_evidence(few: np.ndarray) -> None:
    words = "One seed is not evidence: train at least two more" if len(few) else "no figure"
    with pytest.raises(LearnscopeError, match=words):
        difference_between(few, SECOND)
    with pytest.raises(LearnscopeError, match=words):
        difference_between(SECOND, few)


def test_holm_by_hand() -> None:
    """Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1, and never less than the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == pytest.approx([1.0, 1.0])
    assert holm([0.04]) == pytest.approx([0.04])
    assert holm([]) == []


@pytest.mark.parametrize(("effect", "seeds"), [(0.5, 64), (0.8, 26), (1.0, 17), (1.2, 12)])
def test_seeds_needed_are_those_of_cohens_table(effect: float, seeds: int) -> None:
    """Cohen (1988), table 2.4.1: two-sided at 0.05, power 0.80."""
    assert seeds_needed(effect) == seeds
    assert seeds_needed(-effect) == seeds


@pytest.mark.parametrize("effect", [0.2, 0.7, 1.7, 2.5, 3.5, 5.16, 6.0])
def test_seeds_needed_are_the_fewest_by_the_noncentral_t(effect: float) -> None:
    def power(seeds: int) -> float:
        freedom, shift = 2 * seeds - 2, effect * math.sqrt(seeds / 2)
        limit = stats.t.ppf(0.975, freedom)
        return stats.nct.sf(limit, freedom, shift) + stats.nct.cdf(-limit, freedom, shift)

    found = seeds_needed(effect)
    assert found is not None
    assert power(found) >= 0.8
    assert found == 2 or power(found - 1) < 0.8


def test_seeds_needed_have_their_ends() -> None:
    assert seeds_needed(0.0) is None
    assert seeds_needed(0.05) is None
    assert seeds_needed(30.0) == 2


def test_so_many_seeds_do_show_it_four_times_in_five() -> None:
    """By simulation: 4,000 times twelve seeds against twelve, 1.2 standard deviations apart."""
    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 1, (4000, 12)), rng.normal(1.2, 1, (4000, 12))
    shown = np.mean(stats.ttest_ind(first, second, axis=1).pvalue < 0.05)
    assert shown == pytest.approx(0.80, abs=0.025)


def test_without_a_difference_one_is_seen_in_one_of_twenty() -> None:
    rng = np.random.default_rng(1)
    groups = rng.normal(5, [[[1.0]], [[3.0]]], (2, 400, 4))
    alarms = [difference_between(a, b).p < 0.05 for a, b in zip(*groups, strict=True)]
    assert 0.02 < np.mean(alarms) < 0.08
