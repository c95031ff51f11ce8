"""Does a map depend on what the network has learnt? The sanity check of Adebayo et al. (2018)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from core.attribution.records import Floats, Likeness, Maps

STAYS = 0.7
"""From this rank correlation on with the whole network random, a map has stayed the same."""
CHANGES = 0.3
"""Up to this one, it is another map."""


def rank_correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Spearman's rank correlation of two maps, pixel by pixel.

    Parameters
    ----------
    first, second : ndarray of shape (H, W)

    Returns
    -------
    float
        In [-1, 1]; NaN where one of them is the same everywhere, so that nothing can be ranked.
    """
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return math.nan
    return float(spearmanr(first.ravel(), second.ravel()).statistic)


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
        _summed_up(depth, original[method], [maps[method] for maps in of_depth])
        for depth, of_depth in enumerate(depths)
    ]


def _summed_up(depth: int, original: Floats, drawn: Sequence[Floats]) -> Likeness:
    """The paper has rank correlations with the sign of the values, and without."""
    signed = _known(rank_correlation(original, values) for values in drawn)
    places = _known(rank_correlation(np.abs(original), np.abs(values)) for values in drawn)
    return Likeness(
        depth=depth,
        mean=float(np.mean(signed)) if signed else math.nan,
        low=min(signed, default=math.nan),
        high=max(signed, default=math.nan),
        places=float(np.mean(places)) if places else math.nan,
        draws=len(drawn),
        blank=len(drawn) - len(signed),
    )


def _known(correlations: Iterable[float]) -> list[float]:
    return [value for value in correlations if not math.isnan(value)]


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
    elif last.places >= STAYS:
        words = (
            "points at the same places whatever the weights; only for and against change. Where it "
            "draws is the image's doing"
        )
        number += f"; without the sign {last.places:.2f}"
    elif last.mean <= CHANGES:
        words = "changes with the network: it depends on what was learnt"
    else:
        words = "changes, but part of it is there with any weights: that part is the image's own"
    return f"{words} ({number})."
