"""Does a map depend on what the network has learnt? The sanity check of Adebayo et al. (2018)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from core.attribution.maps import Maps

STAYS = 0.7
"""From this rank correlation on with the whole network random, a map has stayed the same."""
CHANGES = 0.3
"""Up to this one, it is another map."""


def rank_correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Spearman's rank correlation of two maps, pixel by pixel, by their absolute values.

    Absolute, as in the paper's main figures: where a map points, not which way. A random network
    has the opposite sign as often as not.

    Parameters
    ----------
    first, second : ndarray of shape (H, W)

    Returns
    -------
    float
        In [-1, 1]; NaN where one of them is the same everywhere, so that nothing can be ranked.
    """
    sizes = [np.abs(values).ravel() for values in (first, second)]
    if any(np.ptp(size) == 0 for size in sizes):
        return math.nan
    return float(spearmanr(*sizes).statistic)


@dataclass(frozen=True)
class Likeness:
    """How like its original a method's map stays, over several draws of random weights.

    Attributes
    ----------
    depth : int
        How many layers are randomised, from the top down.
    mean, low, high : float
        Of the rank correlations; NaN where no draw has one.
    draws : int
        How many draws there are.
    blank : int
        How many of them give a map that is the same everywhere, and no rank correlation.
    """

    depth: int
    mean: float
    low: float
    high: float
    draws: int
    blank: int


def likeness(original: Maps, randomised: Sequence[Sequence[Maps]], method: str) -> list[Likeness]:
    """How like its original the map of a method stays, by depth.

    Parameters
    ----------
    original : dict of maps
        Of the network as it was trained.
    randomised : sequence of S sequences of D dicts of maps
        By draw and depth, depth 1 first.
    method : str

    Returns
    -------
    list of D + 1 Likeness
        Depth 0 is the original beside itself.
    """
    depths = [[original] * len(randomised), *(zip(*randomised, strict=True))]
    return [
        _summed_up(depth, [rank_correlation(original[method], maps[method]) for maps in of_depth])
        for depth, of_depth in enumerate(depths)
    ]


def _summed_up(depth: int, correlations: Sequence[float]) -> Likeness:
    known = [value for value in correlations if not math.isnan(value)]
    blank = len(correlations) - len(known)
    if not known:
        return Likeness(depth, math.nan, math.nan, math.nan, len(correlations), blank)
    mean = float(np.mean(known))
    return Likeness(depth, mean, min(known), max(known), len(correlations), blank)


def in_words(found: Sequence[Likeness]) -> str:
    """What a method's course says of it, in a sentence.

    Parameters
    ----------
    found : sequence of Likeness
        From :func:`likeness`; the last one has the whole network randomised.
    """
    last = found[-1]
    if math.isnan(last.mean):
        return "shows nothing at all once the network is random: no rank correlation can be taken."
    number = f"{last.mean:.2f}, {last.low:.2f} to {last.high:.2f}"
    if last.blank:
        number += f"; {last.blank} of {last.draws} maps were blank"
    if last.mean >= STAYS:
        words = "stays the same however the network is randomised: it draws edges, not reasons"
    elif last.mean <= CHANGES:
        words = "changes with the network: it depends on what was learnt"
    else:
        words = "changes, but part of it is there with any weights: that part is the image's own"
    return f"{words} ({number})."
