"""What is read out of a network, as records and arrays that know nothing of Keras."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LayerRecord:
    """One layer as a row of the table and a block of the diagram.

    Attributes
    ----------
    name, kind : str
        The layer's own name, and its type: ``"conv_1"``, ``"Conv2D"``.
    output_shape : tuple of int or None
        Without the batch axis; None where any size will do.
    output : str
        The same in words: ``"28 x 28, 16 channels"``.
    weights, trained_weights : int
        How many numbers the layer holds, and how many of them training moves.
    purpose : str
        What the layer does, in one phrase.
    """

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    output: str
    weights: int
    trained_weights: int
    purpose: str


@dataclass(frozen=True, eq=False)
class WeightArray:
    """One array of weights; `words` spells out its shape: ``"(10,): units"``."""

    name: str
    values: Floats
    words: str


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often weights fall between two edges.

    Attributes
    ----------
    counts : ndarray of shape (B,)
    edges : ndarray of shape (B + 1,)
    mean, spread : float
        Mean and standard deviation of the weights.
    not_finite : int
        Weights that are NaN or infinite; they are in no bin.
    zeros : int
        Weights that are exactly 0.
    """

    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    mean: float
    spread: float
    not_finite: int
    zeros: int

    @property
    def counted(self) -> int:
        """How many weights there are, those that are no numbers left out."""
        return int(self.counts.sum())


def histogram(values: NDArray[np.floating], bins: int = 40) -> Histogram:
    """Count weights in bins of equal width between the smallest and the largest.

    Parameters
    ----------
    values : ndarray of any shape
    bins : int
        How many bins; equal weights all fall into the middle one of a range of width 1.
    """
    flat = np.asarray(values, dtype=np.float64).ravel()
    finite = flat[np.isfinite(flat)]
    counts, edges = np.histogram(finite, bins=bins)
    return Histogram(
        counts=counts.astype(np.int64),
        edges=edges,
        mean=float(finite.mean()) if finite.size else 0.0,
        spread=float(finite.std()) if finite.size else 0.0,
        not_finite=int(flat.size - finite.size),
        zeros=int((finite == 0).sum()),
    )
