"""Filters switched off one by one and together, and whether selectivity tells what they are worth.

Imports SciPy, so a page waits for the warm-up before it imports this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from core.inside.changed_answers import Drop

Floats = NDArray[np.floating]
Labels = NDArray[np.int64]
RANKS: Mapping[str, str] = {"drop": "by drop", "norm": "by norm", "random": "in random order"}
"""In which order filters are switched off together."""
SEEDS = (0, 1, 2, 3, 4)
"""Of the random orders."""
MOST_POINTS = 17
"""Of a curve; with more filters, several are switched off from one point to the next."""


@dataclass(frozen=True)
class FilterOff:
    """One filter switched off, all others as they are.

    Attributes
    ----------
    number : int
    drop : Drop
        Of the accuracy.
    loss : float
        Mean loss after minus mean loss before, in nats.
    norm : float
        Of the learned filter.
    selectivity : float
        Class selectivity index, in [0, 1]; NaN for a filter that never answers.
    """

    number: int
    drop: Drop
    loss: float
    norm: float
    selectivity: float


def accuracy_of(answers: NDArray[np.float32], labels: Labels) -> float:
    """The share of right answers, in [0, 1]."""
    return float((answers.argmax(axis=1) == labels).mean())


def guessing(labels: Labels) -> float:
    """The accuracy of one answer for all images: the share of the most frequent class."""
    return float(np.bincount(labels).max() / len(labels))


def together_in_words(alone: Sequence[FilterOff], together: Drop) -> str:
    """What filters cost one by one in sum and together, in sentences.

    Parameters
    ----------
    alone : sequence of FilterOff
        Those that are off, each by itself.
    together : Drop
        All of them off.
    """
    total = sum(one.drop.lost - one.drop.won for one in alone) / together.images
    if together.value > total:
        why = "More than the sum: what one lacks, another made up for as long as it was there."
    elif together.value < total:
        why = "Less than the sum: some mistakes take only one of them."
    else:
        why = "As much as the sum."
    return (
        f"One by one they cost {total:.1%} in sum, together **{together.value:.1%}** of the "
        f"accuracy. {why}"
    )


def largest_first(found: Sequence[FilterOff]) -> list[FilterOff]:
    """Those that accuracy misses most come first; equal ones by loss, then by number."""
    return sorted(found, key=lambda one: (-one.drop.value, -one.loss, one.number))


def class_selectivity(activity: Floats, labels: Labels) -> NDArray[np.float64]:
    """How much each filter answers to one class alone.

    (m - r) / (m + r), where m is the mean activity for the class with the largest one, and r the
    mean of the other classes' means: 0 for a filter that answers to all classes alike, 1 for one
    that answers to a single class.

    Parameters
    ----------
    activity : ndarray of shape (N, O)
        Mean over each map, after the activation; not below 0, as after ReLU.
    labels : ndarray of shape (N,)

    Returns
    -------
    ndarray of shape (O,)
        Values in [0, 1]; NaN where a filter never answers, or answers below 0.

    References
    ----------
    Morcos et al. (2018), "On the importance of single directions for generalization", ICLR.
    """
    present = np.unique(labels)
    means = np.array([activity[labels == label].mean(axis=0) for label in present], np.float64)
    if len(present) < 2:
        return np.full(activity.shape[1], np.nan)
    ordered = np.sort(means, axis=0)
    most, others = ordered[-1], ordered[:-1].mean(axis=0)
    total = most + others
    known = (ordered[0] >= 0) & (total > 0)
    index = np.full(len(total), np.nan)
    np.divide(most - others, total, out=index, where=known)
    return index


@dataclass(frozen=True)
class RankCorrelation:
    """Whether two figures rise together.

    Attributes
    ----------
    rho : float
        Spearman's, in [-1, 1]; NaN if a figure does not vary or there are fewer than three.
    p : float
        Two-sided.
    filters : int
        How many it was taken on.
    """

    rho: float
    p: float
    filters: int

    @property
    def words(self) -> str:
        """What it says of selectivity and importance, in a sentence."""
        if not np.isfinite(self.rho):
            return (
                f"Of {self.filters} filters with a selectivity, no rank correlation can be taken: "
                "there are too few, or all are alike."
            )
        figures = f"Spearman's rho = {self.rho:.2f}, p = {self.p:.2g}, on {self.filters} filters"
        if self.p >= 0.05:
            return f"In this layer, selectivity does not tell which filters matter ({figures})."
        which = "more" if self.rho > 0 else "less"
        return f"In this layer, more selective filters matter {which} ({figures})."


def selectivity_against_drop(found: Sequence[FilterOff]) -> RankCorrelation:
    """Spearman's rank correlation of selectivity with the drop in accuracy (SciPy's)."""
    pairs = np.array([(one.selectivity, one.drop.value) for one in found], np.float64)
    pairs = pairs[np.isfinite(pairs[:, 0])]
    if len(pairs) < 3 or (np.ptp(pairs, axis=0) == 0).any():
        return RankCorrelation(np.nan, np.nan, len(pairs))
    result = spearmanr(pairs[:, 0], pairs[:, 1])
    return RankCorrelation(float(result.statistic), float(result.pvalue), len(pairs))


def orders_of(found: Sequence[FilterOff], rank: str, least_first: bool) -> list[tuple[int, ...]]:
    """In which orders filters are switched off.

    Parameters
    ----------
    found : sequence of FilterOff
    rank : {"drop", "norm", "random"}
        Random: an order for each of SEEDS, drawn anew whatever `least_first` says.
    least_first : bool
        Whether the filters of the smallest drop or norm go first, or those of the largest.
    """
    if rank == "random":
        numbers = sorted(one.number for one in found)
        return [tuple(np.random.default_rng(s).permutation(numbers).tolist()) for s in SEEDS]
    ranked = (
        largest_first(found)
        if rank == "drop"
        else sorted(found, key=lambda one: (-one.norm, one.number))
    )
    numbers = [one.number for one in ranked]
    return [tuple(numbers[::-1] if least_first else numbers)]


def counts_of(filters: int) -> tuple[int, ...]:
    """How many filters are off at each point of a curve: from none to all, evenly."""
    points = min(filters + 1, MOST_POINTS)
    return tuple(np.unique(np.linspace(0, filters, points).round().astype(int)).tolist())


@dataclass(frozen=True, eq=False)
class OffCurve:
    """Accuracy by the number of filters that are off together.

    Attributes
    ----------
    rank : str
    counts : tuple of P int
    accuracies : ndarray of shape (S, P)
        A row for each order.
    """

    rank: str
    counts: tuple[int, ...]
    accuracies: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Over the orders, of shape (P,)."""
        return np.asarray(self.accuracies.mean(axis=0))

    @property
    def low(self) -> NDArray[np.float64]:
        """The lowest of the orders, of shape (P,)."""
        return np.asarray(self.accuracies.min(axis=0))

    @property
    def high(self) -> NDArray[np.float64]:
        """The highest of the orders, of shape (P,)."""
        return np.asarray(self.accuracies.max(axis=0))
