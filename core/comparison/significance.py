"""Whether two groups of figures differ by more than chance, and by how much.

The tests are SciPy's, effect size, correction and power are of statsmodels. Both are imported where
they are used, since the first paint may not wait for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import LearnscopeError

FloatArray = npt.NDArray[np.float64]

ALPHA = 0.05
"""What is called chance: a p-value that is not below this."""
POWER = 0.8
"""How sure one wants to be to see a difference that is there."""
MOST_SHUFFLES = 20_000
"""Up to as many ways of dealing the figures into two groups, all are tried: up to 8 against 8."""
MOST_SEEDS = 1_000
"""More seeds than that nobody trains."""


@dataclass(frozen=True)
class Difference:
    """How the second of two groups differs from the first.

    Attributes
    ----------
    counts : tuple of int
        Figures in the first and in the second group, n1 and n2.
    means, deviations : tuple of float
        Of each group; the deviations with n - 1.
    difference : float
        Mean of the second minus mean of the first.
    low, high : float
        95 % confidence interval of the difference, by Welch.
    freedom : float
        Welch's degrees of freedom.
    p : float
        Two-sided p-value of Welch's t-test.
    permutation_p : float
        Two-sided p-value of the permutation test of the difference of the means.
    least_permutation_p : float
        The smallest that this test can give with so many figures, whatever they are.
    exact : bool
        Whether all ways of dealing the figures into two groups were tried, or a sample of them.
    effect : float
        Hedges' g: the difference in pooled standard deviations, corrected for small n.
    seeds_needed : int or None
        Figures in each group with which a difference of this size is seen with POWER; None if
        more than MOST_SEEDS.
    """

    counts: tuple[int, int]
    means: tuple[float, float]
    deviations: tuple[float, float]
    difference: float
    low: float
    high: float
    freedom: float
    p: float
    permutation_p: float
    least_permutation_p: float
    exact: bool
    effect: float
    seeds_needed: int | None

    @property
    def half_width(self) -> float:
        """Half of the 95 % confidence interval, which is what stands after the ±."""
        return (self.high - self.low) / 2


def difference_between(first: FloatArray, second: FloatArray) -> Difference:
    """Compare the figures of two groups of seeds.

    Parameters
    ----------
    first, second : ndarray of shapes (n1,) and (n2,)
        One figure a seed.

    Returns
    -------
    Difference

    Raises
    ------
    LearnscopeError
        If a group has fewer than two figures, or if neither varies at all.

    References
    ----------
    Welch (1947), Biometrika 34: 28-35. Hedges (1981), Journal of Educational Statistics 6: 107-128.
    """
    _refuse_too_few(len(first), len(second))
    # The spread does not depend on it, and a constant group becomes exact zeros, whose variance
    # SciPy computes without a doubt about its precision.
    origin = float(first[0] if np.ptp(first) == 0 else second[0])
    near, other = first - origin, second - origin
    _refuse_no_spread(first, second)
    from scipy.stats import ttest_ind

    welch = ttest_ind(other, near, equal_var=False)
    interval = welch.confidence_interval(0.95)
    permutation_p, exact = _permutation_p(near, other)
    effect = _hedges_g(near, other)
    return Difference(
        counts=(len(first), len(second)),
        means=(float(first.mean()), float(second.mean())),
        deviations=(float(near.std(ddof=1)), float(other.std(ddof=1))),
        difference=float(_rounded(other.mean() - near.mean())),
        low=float(interval.low),
        high=float(interval.high),
        freedom=float(welch.df),
        p=float(welch.pvalue),
        permutation_p=permutation_p,
        least_permutation_p=least_permutation_p(len(first), len(second)),
        exact=exact,
        effect=effect,
        seeds_needed=seeds_needed(effect),
    )


def least_permutation_p(first: int, second: int) -> float:
    """The smallest two-sided p-value of a permutation test of `first` against `second` figures."""
    deals = math.comb(first + second, first)
    return 2 / deals if deals <= MOST_SHUFFLES else 2 / (MOST_SHUFFLES + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for there being several, by Holm's method, in the same order.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6: 65-70.
    """
    if not p_values:
        return []
    from statsmodels.stats.multitest import multipletests

    corrected = multipletests(p_values, alpha=ALPHA, method="holm")[1]
    return [float(p) for p in corrected]


def seeds_needed(effect: float) -> int | None:
    """Seeds in each of two groups to see a true effect of this size, tested once.

    Parameters
    ----------
    effect : float
        Difference of the means in standard deviations; its sign does not matter.

    Returns
    -------
    int or None
        The smallest number with which a two-sided t-test at 0.05 has a power of 0.8, at least 2;
        None if more than MOST_SEEDS.
    """
    from statsmodels.stats.power import TTestIndPower

    size = min(abs(effect), 10.0)  # There two seeds are enough; further out SciPy gives NaN.
    power: Any = TTestIndPower().power
    few, many = 1, 2
    # From below, since SciPy gives NaN for many seeds and a large effect.
    while not power(size, many, ALPHA) >= POWER:
        if many >= MOST_SEEDS:
            return None
        few, many = many, min(2 * many, MOST_SEEDS)
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if power(size, middle, ALPHA) >= POWER else (middle, many)
    return many


def _permutation_p(first: FloatArray, second: FloatArray) -> tuple[float, bool]:
    """The p-value of the permutation test, and whether all permutations were tried."""
    from scipy.stats import permutation_test

    def difference(x: FloatArray, y: FloatArray, axis: int) -> FloatArray:
        return _rounded(y.mean(axis=axis) - x.mean(axis=axis))

    found = permutation_test(
        (first, second),
        difference,
        vectorized=True,
        n_resamples=MOST_SHUFFLES,
        # The same figures give the same p-value whenever somebody looks.
        rng=np.random.default_rng(0),
    )
    deals = math.comb(len(first) + len(second), len(first))
    return float(found.pvalue), deals <= MOST_SHUFFLES


def _rounded(difference: Any) -> FloatArray:
    """Without the last digits, in which differences that are equal on paper differ."""
    rounded: FloatArray = np.round(difference, 12)
    return rounded


def _hedges_g(first: FloatArray, second: FloatArray) -> float:
    from statsmodels.stats.meta_analysis import effectsize_smd

    effect, _ = effectsize_smd(
        second.mean(),
        second.std(ddof=1),
        len(second),
        first.mean(),
        first.std(ddof=1),
        len(first),
    )
    return float(effect)


def _refuse_too_few(first: int, second: int) -> None:
    least = min(first, second)
    if least >= 2:
        return
    raise LearnscopeError(
        "One seed is not evidence: train at least two more."
        if least == 1
        else "There is no figure to compare: train at least three seeds."
    )


def _refuse_no_spread(first: FloatArray, second: FloatArray) -> None:
    if np.ptp(first) > 0 or np.ptp(second) > 0:
        return
    what = "the same figure" if first[0] == second[0] else "one figure in each group"
    raise LearnscopeError(
        "Expected figures that vary from seed to seed in at least one of the groups. Received: "
        f"{what}, whatever the seed. Without any spread there is nothing to measure the difference "
        "by: train more seeds, or compare the loss, which is finer than the accuracy."
    )
