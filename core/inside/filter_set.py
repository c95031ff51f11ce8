"""The filters of a layer as a set: doubles, dead ones, and how many directions they span."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.kernel_measures import Doubles
from core.inside.kernels import checked_kernels, norms

DEAD_BELOW = 0.1
"""A filter is dead whose norm is below this share of its layer's median."""
_LARGE = 100_000


@dataclass(frozen=True, eq=False)
class FilterSet:
    """The filters of a layer, beside one another.

    Attributes
    ----------
    norms : ndarray of shape (O,)
    dead : ndarray of shape (O,), bool
        Those whose norm is below :data:`DEAD_BELOW` of the median norm, or 0.
    singular : ndarray of shape (S,)
        Singular values of the matrix whose columns are the filters, largest first.
    random : ndarray of shape (S,)
        Their mean over random matrices of that size and norm.
    effective_rank : float
        exp of the entropy of the singular values' shares (Roy & Vetterli, 2007): how many
        directions the filters span, between 1 and S. NaN for zeros only.
    random_rank : float
        That of the random ones.
    """

    norms: Doubles
    dead: NDArray[np.bool_]
    singular: Doubles
    random: Doubles
    effective_rank: float
    random_rank: float


def filter_set(kernels: NDArray[np.floating], seed: int = 0) -> FilterSet:
    """Look at the filters of a layer together.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
        Numbers that are not finite count as zeros.
    seed : int
        Of the random matrices.
    """
    matrix = _as_columns(kernels)
    lengths = np.linalg.norm(matrix, axis=0)
    singular = _singular_values(matrix)
    rng, whole = np.random.default_rng(seed), np.linalg.norm(matrix)
    drawn = []
    # Those of a large matrix hardly differ from draw to draw.
    for _ in range(1 if matrix.size > _LARGE else 5):
        random = rng.normal(size=matrix.shape)
        drawn.append(_singular_values(random) * (whole / np.linalg.norm(random)))
    chance = np.asarray(np.mean(drawn, axis=0))
    return FilterSet(
        norms=lengths,
        dead=(lengths < DEAD_BELOW * np.median(lengths)) | (lengths == 0),
        singular=singular,
        random=chance,
        effective_rank=effective_rank(singular),
        random_rank=effective_rank(chance),
    )


def _singular_values(matrix: Doubles) -> Doubles:
    """Largest first; those of a large matrix from its Gram matrix, many times as fast."""
    if matrix.size <= _LARGE:
        return np.asarray(np.linalg.svd(matrix, compute_uv=False), np.float64)
    wide = matrix.shape[1] > matrix.shape[0]
    squares = np.linalg.eigvalsh(matrix @ matrix.T if wide else matrix.T @ matrix)[::-1]
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)), np.float64)


def effective_rank(singular: Doubles) -> float:
    """How many directions there are: exp of the entropy of the singular values' shares."""
    total = singular.sum()
    if not total > 0:
        return float("nan")
    shares = singular[singular > 0] / total
    return float(np.exp(-(shares * np.log(shares)).sum()))


@dataclass(frozen=True, eq=False)
class Duplicates:
    """Which filters are nearly the same.

    Attributes
    ----------
    cosines : ndarray of shape (L, L)
        Between all filters that are not zeros, in the order of `filters`.
    filters : ndarray of shape (L,), int
        Their numbers, so that like stands beside like.
    groups : tuple of tuple of int
        Filters of which every two have at least the cosine that was asked for; the largest group
        first.
    pairs, opposite : int
        Pairs of filters with at least that cosine, and with at most minus it.
    expected : float
        How many such pairs as many random filters would have.
    """

    cosines: Doubles
    filters: NDArray[np.int64]
    groups: tuple[tuple[int, ...], ...]
    pairs: int
    opposite: int
    expected: float

    @property
    def by_chance(self) -> str:
        """How many that is, in words."""
        return f"{self.expected:.2g}" if self.expected >= 0.01 else "fewer than 0.01"

    def in_words(self, least: float) -> str:
        """How many pairs are alike, and opposite, for Markdown; `least` is the cosine asked for."""
        many = f"{self.pairs:,} pairs** of filters have"
        have = "1 pair** of filters has" if self.pairs == 1 else many
        are = "1 pair is" if self.opposite == 1 else f"{self.opposite:,} pairs are"
        return (
            f"**{have} a cosine of at least {least:.2f}; as many random filters would have "
            f"{self.by_chance}. {are} as opposite."
        )


def duplicates(kernels: NDArray[np.floating], least: float = 0.9) -> Duplicates:
    """Find filters that are nearly the same, whatever their length.

    They are joined by complete linkage, so that no chain of neighbours makes a group of what is
    not alike.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
    least : float
        From which cosine on two filters are nearly the same, in (0, 1).
    """
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    matrix = _as_columns(kernels)
    lengths = np.linalg.norm(matrix, axis=0)
    alive = np.flatnonzero(lengths > 0)
    units = (matrix[:, alive] / lengths[alive]).T
    cosines = np.clip(units @ units.T, -1.0, 1.0)
    if len(alive) < 2:
        return Duplicates(cosines, alive, (), 0, 0, 0.0)
    distances = squareform(np.round(1 - cosines, 9), checks=False)
    tree = linkage(distances, "complete", optimal_ordering=len(alive) <= 128)
    members = fcluster(tree, 1 - least + 1e-9, "distance")
    groups = [tuple(alive[members == one].tolist()) for one in np.unique(members)]
    order = leaves_list(tree)
    above = cosines[np.triu_indices(len(alive), 1)]
    return Duplicates(
        cosines=cosines[np.ix_(order, order)],
        filters=alive[order],
        groups=tuple(
            sorted((one for one in groups if len(one) > 1), key=lambda one: (-len(one), one))
        ),
        pairs=int((above >= least - 1e-9).sum()),
        opposite=int((above <= -least + 1e-9).sum()),
        expected=len(above) * chance_of_cosine(least, units.shape[1]),
    )


def chance_of_cosine(least: float, weights: int) -> float:
    """How likely two random directions among so many weights have at least this cosine.

    The share of a sphere that a cap takes: half of the regularized incomplete beta function
    (Li, 2011).

    Parameters
    ----------
    least : float
        In [0, 1).
    weights : int
        At least 2.
    """
    from scipy.special import betainc

    return float(betainc((weights - 1) / 2, 0.5, 1 - least**2) / 2)


def distances_from_start(history: NDArray[np.floating]) -> Doubles:
    """How far each filter has come from its first weights, in its own first length.

    Parameters
    ----------
    history : ndarray of shape (E, R, C, I, O)
        A layer's kernels at E moments, the first of them first.

    Returns
    -------
    ndarray of shape (E, O)
        ``|now - first| / |first|``; 0 at the first moment. NaN where the first is all zeros or a
        number is not finite.
    """
    first = norms(history[0]).astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        ways = np.array([norms(now - history[0]) for now in history], np.float64)
        relative = ways / first
    return np.where(np.isfinite(relative) & (first > 0), relative, np.nan)


def _as_columns(kernels: NDArray[np.floating]) -> Doubles:
    array = np.nan_to_num(checked_kernels(kernels), nan=0.0, posinf=0.0, neginf=0.0)
    return array.reshape(-1, array.shape[-1]).astype(np.float64)
