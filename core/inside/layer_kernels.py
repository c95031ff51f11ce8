"""What all kernels of a layer are, and how many of them chance does not explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.classic_kernels import families
from core.inside.kernel_chance import Chance, Significance, chance, discoveries, significance
from core.inside.kernel_measures import Measures, measure, planes
from core.inside.kernels import checked_kernels

Bools = NDArray[np.bool_]
MOST = 20_000
"""Kernels of a layer that are measured; it takes a second or two."""


@dataclass(frozen=True, eq=False)
class LayerKernels:
    """The kernels of a layer, measured.

    Arrays are by kernel: filter by filter, and within it channel by channel.

    Attributes
    ----------
    total : int
        How many kernels the layer has; of large layers K of them are measured, evenly spread.
    filters, channels : ndarray of shape (K,), int
    measures : Measures
    significance : Significance
    random : Chance
    names : tuple of str
        Of the classic families.
    patterned, oriented : ndarray of shape (K,), bool
        Whose likeness to a classic kernel, and whose preference of a direction, stay significant
        among all of these (Benjamini & Hochberg, 1995).
    """

    total: int
    filters: NDArray[np.int64]
    channels: NDArray[np.int64]
    measures: Measures
    significance: Significance
    random: Chance
    names: tuple[str, ...]
    patterned: Bools
    oriented: Bools

    def kinds(self) -> dict[str, tuple[int, int]]:
        """By classic kernel: how many are nearest to it, and how many of these significantly."""
        nearest = self.significance.nearest
        return {
            name: (int((nearest == one).sum()), int((self.patterned & (nearest == one)).sum()))
            for one, name in enumerate(self.names)
        }


def measure_layer(kernels: NDArray[np.floating], most: int = MOST) -> LayerKernels:
    """Measure the kernels of a layer.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
        With at least two weights a kernel; those that are not finite count as zeros.
    most : int
        How many at most: of 512 filters with 256 channels not all 131,072.
    """
    array = np.nan_to_num(checked_kernels(kernels), nan=0.0, posinf=0.0, neginf=0.0)
    channels, filters = array.shape[2:]
    total = channels * filters
    chosen = np.linspace(0, total - 1, min(most, total)).round().astype(np.int64)
    flat = planes(array)[chosen]
    measures, random = measure(flat), chance(*flat.shape[1:])
    found = significance(flat, measures.variance, measures.separability, random)
    return LayerKernels(
        total=total,
        filters=chosen // channels,
        channels=chosen % channels,
        measures=measures,
        significance=found,
        random=random,
        names=tuple(family.name for family in families(*flat.shape[1:])),
        patterned=discoveries(found.pattern),
        oriented=discoveries(found.oriented),
    )


def kernel_rows(found: LayerKernels, most: int = 2000) -> list[dict[str, object]]:
    """What each kernel is, as the rows of a table.

    Parameters
    ----------
    found : LayerKernels
    most : int
        How many rows at most: those with the largest norms.
    """
    order = np.argsort(-found.measures.norms, kind="stable")[:most]
    marked, measures = found.significance, found.measures
    return [
        {
            "Filter": int(found.filters[one]),
            "Channel": int(found.channels[one]),
            "Norm": float(measures.norms[one]),
            "Sum": float(measures.sums[one]),
            "Nearest": _nearest(found, int(one)),
            "Similarity": float(marked.likeness[marked.nearest[one], one]),
            "p (pattern)": float(marked.pattern[one]),
            "Significant": bool(found.patterned[one]),
            "Orientation (°)": float(measures.orientation[one]),
            "Circular variance": float(measures.variance[one]),
            "p (orientation)": float(marked.oriented[one]),
            "Rank one": float(measures.separability[one]),
        }
        for one in order
    ]


def _nearest(found: LayerKernels, one: int) -> str:
    nearest = int(found.significance.nearest[one])
    return "all zeros" if nearest < 0 else found.names[nearest]
