"""Occlusion: attribution by covering the image, patch by patch."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.attribution.scores import Floats, ScoredNetwork

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Patches:
    """Square patches that slide over an image, pixel by pixel, and stay inside of it.

    Attributes
    ----------
    rows, columns : int
        Of the image.
    side : int
        Of a patch, in pixels; at most the image's shorter side.
    """

    rows: int
    columns: int
    side: int

    @property
    def corners(self) -> list[tuple[int, int]]:
        """Row and column of each patch's upper left pixel."""
        down, across = range(self.rows - self.side + 1), range(self.columns - self.side + 1)
        return list(itertools.product(down, across))

    def where(self, corner: tuple[int, int]) -> tuple[slice, slice]:
        """The pixels of a patch."""
        top, left = corner
        return slice(top, top + self.side), slice(left, left + self.side)


def usual_side(rows: int, columns: int) -> int:
    """A seventh of the shorter side: 4 pixels of 28."""
    return max(1, round(min(rows, columns) / 7))


def score_drops(
    network: ScoredNetwork,
    image: NDArray[np.floating],
    baseline: NDArray[np.floating],
    target: int,
    patches: Patches,
    portion: range,
) -> Floats:
    """How far a class's score falls as each patch of the image is replaced by the baseline's.

    Parameters
    ----------
    network : ScoredNetwork
    image, baseline : ndarray of shape (H, W, C), values in [0, 1]
    target : int
        Number of the class.
    patches : Patches
    portion : range
        Which of the patches, by number.

    Returns
    -------
    ndarray of shape (len(portion),)
        The score of the whole image less that of the covered one.
    """
    pixels, ground = network.checked(image), network.checked(baseline)
    corners = patches.corners[portion.start : portion.stop : portion.step]
    covered = np.repeat(pixels[None], len(corners) + 1, axis=0)
    for one, corner in zip(covered[1:], corners, strict=True):
        where = patches.where(corner)
        one[where] = ground[where]
    scores = network.scores(covered)[:, target]
    return np.asarray(scores[0] - scores[1:], np.float32)


def drop_map(drops: NDArray[np.floating], patches: Patches) -> Floats:
    """For each pixel the mean drop over all patches that cover it (Zeiler & Fergus, 2014).

    Parameters
    ----------
    drops : ndarray of shape (P,)
        Of all patches, in their order.
    patches : Patches

    Returns
    -------
    ndarray of shape (H, W)
    """
    sums: Doubles = np.zeros((patches.rows, patches.columns))
    counts: Doubles = np.zeros_like(sums)
    for drop, corner in zip(drops, patches.corners, strict=True):
        where = patches.where(corner)
        sums[where] += float(drop)
        counts[where] += 1
    return np.asarray(sums / counts, np.float32)
