"""What is found out about the normalizations of a network, as records that know no Keras."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.mechanisms.normalization import Doubles, Floats, NormalizationLayer, Statistics


@dataclass(frozen=True, eq=False)
class LayerBatches:
    """What reaches one normalization, batch by batch.

    Attributes
    ----------
    layer : NormalizationLayer
    inputs : tuple of ndarray of shape (B, ..., C)
        One a batch; the last can be smaller.
    batches : Statistics
        Of each of the S batches, (S, C).
    whole : Statistics
        Of all batches as one, (C,).
    """

    layer: NormalizationLayer
    inputs: tuple[Floats, ...]
    batches: Statistics
    whole: Statistics

    def statistics(self, batch: int) -> Statistics:
        """Those of one batch, counted from 0, (C,)."""
        return Statistics(self.batches.mean[batch], self.batches.variance[batch])

    @property
    def images(self) -> int:
        """How many images there are in all batches."""
        return sum(map(len, self.inputs))


@dataclass(frozen=True, eq=False)
class InCompany:
    """What a network says of one image in several batches of one size.

    Attributes
    ----------
    size : int
        Images in each batch, the one that it is about included.
    companions : ndarray of shape (D, size - 1), int64
        By batch, which images of the pool stood beside it.
    probabilities : ndarray of shape (D, K), float32
        What the network says of the image in each batch, dropout off.
    """

    size: int
    companions: NDArray[np.int64]
    probabilities: Floats


@dataclass(frozen=True, eq=False)
class Company:
    """One image alone, and in batches of several sizes.

    Attributes
    ----------
    alone : ndarray of shape (K,), float32
        What the network says of it with its moving statistics: the same in any company.
    batches : tuple of InCompany
        The smallest batches first.
    """

    alone: Floats
    batches: tuple[InCompany, ...]

    @property
    def decision(self) -> int:
        """The class of the highest probability by the moving statistics."""
        return int(np.argmax(self.alone))

    def of_size(self, size: int) -> InCompany:
        """The batches of that size."""
        return next(one for one in self.batches if one.size == size)

    def changed(self, size: int) -> int:
        """In how many batches of that size another class is decided for."""
        given = np.argmax(self.of_size(size).probabilities, axis=1)
        return int((given != self.decision).sum())


@dataclass(frozen=True)
class Change:
    """How much one layer's output for an image changes with the company, dropout off.

    The standard deviation over the batches, as root mean square over the output's numbers, in
    units of their own standard deviation.

    Attributes
    ----------
    size : int
        Images in a batch.
    batch : float
        Of the normalization over the batch.
    group : float
        Of group normalization in its place, of the same inputs, over the first
        few batches.
    """

    size: int
    batch: float
    group: float


@dataclass(frozen=True, eq=False)
class LayerShift:
    """How far the variance at a normalization has shifted.

    Attributes
    ----------
    name : str
    dropout : str
        The dropout ahead of it, no other normalization between; empty if there is none.
    keep : float
        The share that this dropout keeps; 1 without one.
    ratios : ndarray of shape (C,), float64
        By channel the variance at test over the moving variance; NaN where the moving variance
        is 0.
    theory : float
        The ratio for a normalization that gets ReLU's output straight through that dropout.
    predicted : float or None
        The ratio, at the median channel, that this network's own weights and inputs give for that
        dropout alone; None where there is no closed form.
    """

    name: str
    dropout: str
    keep: float
    ratios: Doubles
    theory: float
    predicted: float | None

    @property
    def median(self) -> float:
        """Of the channels."""
        return float(np.nanmedian(self.ratios))

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between which the middle half of the channels lies."""
        low, high = np.nanquantile(self.ratios, (0.25, 0.75))
        return float(low), float(high)
