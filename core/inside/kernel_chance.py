"""What random kernels look like, so that a learned one can be held against chance.

A pattern can be seen in anything: of nine random numbers some look like an edge detector. So each
measure of a kernel is laid beside the same measure of many random ones, and its p-value is the
share of these that have it as marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.inside.classic_kernels import families
from core.inside.kernel_measures import Doubles, measure

DRAWS = 40_000
"""So many that a few kernels can stand out among thousands: the smallest p-value is one by this."""
ALPHA = 0.05


@dataclass(frozen=True, eq=False)
class Chance:
    """The measures of random kernels of one size, each sorted.

    Attributes
    ----------
    shape : tuple of int
        (R, C).
    variance, separability : ndarray of shape (N,)
    likeness : ndarray of shape (F, N)
        By family of :func:`core.inside.classic_kernels.families`.
    least : ndarray of shape (N,)
        For each random kernel the smallest of its families' p-values.
    """

    shape: tuple[int, int]
    variance: Doubles
    separability: Doubles
    likeness: Doubles
    least: Doubles

    @property
    def draws(self) -> int:
        """How many random kernels there are."""
        return len(self.variance)


@lru_cache(maxsize=8)
def chance(rows: int, columns: int, draws: int = DRAWS, seed: int = 0) -> Chance:
    """Measure random kernels: independent normal weights.

    The length of a kernel enters none of the measures, so that the spread of the weights does not
    matter. Of the uniform weights that Keras begins with, one kernel in twenty passes at 5% alike,
    and of these with a random drift too; held against uniform ones, normal weights would not.

    The circular variance of random 3x3 kernels is 0.885 ± 0.084 (mean and standard deviation of the
    40,000 of seed 0). Other definitions give other figures: 0.878 ± 0.088 with uniform weights,
    0.785 ± 0.149 with powers in the place of amplitudes, 0.785 ± 0.122 with one stripe width for
    all orientations, 0.837 ± 0.085 with the mean taken out of each kernel. The last tells of what
    the peak at 1 is made: kernels whose weights mostly have one sign answer most to the widest
    stripes, which are nearly flat gray in whatever direction they run.

    Parameters
    ----------
    rows, columns : int
        At least 2 weights.
    draws : int
    seed : int
    """
    kernels = np.random.default_rng(seed).normal(size=(draws, rows, columns))
    measures = measure(kernels)
    likeness = likenesses(kernels)
    ordered = np.sort(likeness, axis=1)
    return Chance(
        shape=(rows, columns),
        variance=np.sort(measures.variance),
        separability=np.sort(measures.separability),
        likeness=ordered,
        least=np.sort(_each_above(ordered, likeness).min(axis=0)),
    )


def likenesses(kernels: NDArray[np.floating]) -> Doubles:
    """The likeness of kernels to each classic family.

    Parameters
    ----------
    kernels : ndarray of shape (K, R, C)

    Returns
    -------
    ndarray of shape (F, K)
        Values in [0, 1]; NaN for a kernel of zeros.
    """
    flat = np.asarray(kernels, np.float64).reshape(len(kernels), -1)
    norms = np.linalg.norm(flat, axis=1, keepdims=True)
    units = np.divide(flat, norms, out=np.full_like(flat, np.nan), where=norms > 0)
    return np.array([family.likeness(units) for family in families(*kernels.shape[1:])])


def share_below(random: Doubles, values: Doubles) -> Doubles:
    """The p-value of small values: the share of random ones that are as small or smaller.

    One is added to both counts (Phipson & Smyth, 2010), for the kernel itself could be one of
    them: no p-value is 0. NaN stays NaN.
    """
    counts = np.searchsorted(random, values, side="right")
    return np.where(np.isnan(values), np.nan, (1 + counts) / (1 + len(random)))


def share_above(random: Doubles, values: Doubles) -> Doubles:
    """The p-value of large values; as :func:`share_below`."""
    counts = len(random) - np.searchsorted(random, values, side="left")
    return np.where(np.isnan(values), np.nan, (1 + counts) / (1 + len(random)))


def _each_above(random: Doubles, values: Doubles) -> Doubles:
    return np.array([share_above(*pair) for pair in zip(random, values, strict=True)])


@dataclass(frozen=True, eq=False)
class Significance:
    """How marked K kernels are, beside random ones.

    Attributes
    ----------
    likeness, each : ndarray of shape (F, K)
        Likeness to each family, and the share of random kernels that come as near to that family.
    nearest : ndarray of shape (K,), int
        The family with the smallest such share; of equal ones that with the larger likeness. A
        family with many members is near to everything, so that the largest likeness would say
        little. -1 for a kernel of zeros.
    pattern : ndarray of shape (K,)
        p-value of that: the share of random kernels to which some family is as remarkably near.
    oriented, separable : ndarray of shape (K,)
        p-values of a circular variance as small, and of a separability as large.
    """

    likeness: Doubles
    each: Doubles
    nearest: NDArray[np.int64]
    pattern: Doubles
    oriented: Doubles
    separable: Doubles


def significance(
    kernels: NDArray[np.floating], variance: Doubles, separability: Doubles, random: Chance
) -> Significance:
    """Hold kernels against random ones of the same size.

    Parameters
    ----------
    kernels : ndarray of shape (K, R, C)
    variance, separability : ndarray of shape (K,)
        As :func:`core.inside.kernel_measures.measure` gives them.
    random : Chance
    """
    likeness = likenesses(kernels)
    each = _each_above(random.likeness, likeness)
    # Of equal p-values the larger likeness; it is at most 1 and cannot reverse two p-values.
    rank = np.where(np.isnan(each), np.inf, each - likeness * 0.5 / (1 + random.draws))
    nearest = np.where(np.isfinite(rank).all(axis=0), rank.argmin(axis=0), -1)
    return Significance(
        likeness=likeness,
        each=each,
        nearest=nearest.astype(np.int64),
        pattern=share_below(random.least, each.min(axis=0)),
        oriented=share_below(random.variance, variance),
        separable=share_above(random.separability, separability),
    )


def discoveries(p_values: Doubles, rate: float = ALPHA) -> NDArray[np.bool_]:
    """Which stay significant among so many (Benjamini & Hochberg, 1995).

    Parameters
    ----------
    p_values : ndarray of shape (K,)
        NaN is no test, and no discovery.
    rate : float
        The share of false ones among the discoveries, on average at most.
    """
    from scipy.stats import false_discovery_control

    found = np.zeros(len(p_values), np.bool_)
    tested = np.isfinite(p_values)
    if tested.any():
        found[tested] = false_discovery_control(p_values[tested]) <= rate
    return found
