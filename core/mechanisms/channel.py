"""One channel of a normalization: its numbers before and after, in one batch and in all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.mechanisms.normalization import Doubles, NormalizationLayer, Statistics
from core.mechanisms.normalization_records import LayerBatches

SHOWN = 0.998
"""The share of the numbers that is to be seen; the rest lies far out on both sides."""
_MANY, _MANY_BINS, _FEW_BINS, _MOST_BINS = 500, 48, 16, 1000


@dataclass(frozen=True, eq=False)
class Distribution:
    """How often the numbers of one channel fall between two edges.

    Attributes
    ----------
    edges : ndarray of shape (B + 1,)
        Of equal bins, from the smallest to the largest of all numbers.
    shown : tuple of float
        Between which the middle :data:`SHOWN` of the numbers of all batches lies.
    every_batch, this_batch : ndarray of shape (B,)
        Shares of the numbers of all batches, and of one; each sums to 1.
    as_after_training : ndarray of shape (B,) or None
        The numbers of that batch as they come out of the normalization after training.
    """

    edges: Doubles
    shown: tuple[float, float]
    every_batch: Doubles
    this_batch: Doubles
    as_after_training: Doubles | None = None

    @property
    def middles(self) -> Doubles:
        """Of the bins, (B,)."""
        middles: Doubles = (self.edges[1:] + self.edges[:-1]) / 2
        return middles


def distributions(
    found: LayerBatches, channel: int, batch: int
) -> tuple[Distribution, Distribution]:
    """The numbers of a channel before and after its normalization.

    Parameters
    ----------
    found : LayerBatches
    channel, batch : int
        Counted from 0.

    Returns
    -------
    before, after : Distribution
        After: each batch normalized with its own statistics, as in training.
    """
    layer = _one_channel(found.layer, channel)
    inputs = [np.ravel(values[..., channel]) for values in found.inputs]
    outputs = [
        layer.normalize(values, _one(found.statistics(at), channel))
        for at, values in enumerate(inputs)
    ]
    moved = layer.normalize(inputs[batch], layer.moving)
    before = _counted([np.concatenate(inputs), inputs[batch]])
    after = _counted([np.concatenate(outputs), outputs[batch], moved])
    return before, after


def _one(statistics: Statistics, channel: int) -> Statistics:
    return Statistics(statistics.mean[channel], statistics.variance[channel])


def _one_channel(layer: NormalizationLayer, channel: int) -> NormalizationLayer:
    return NormalizationLayer(
        layer.name,
        layer.gamma[channel],
        layer.beta[channel],
        _one(layer.moving, channel),
        layer.momentum,
        layer.epsilon,
    )


def _counted(many: list[NDArray[np.float32]]) -> Distribution:
    """All batches first, then the one; few numbers want wide bins."""
    low, high = (float(end) for end in (min(map(np.min, many)), max(map(np.max, many))))
    tail = (1 - SHOWN) / 2
    first, last = (float(end) for end in np.quantile(many[0], (tail, 1 - tail)))
    wanted = _MANY_BINS if many[1].size >= _MANY else _FEW_BINS
    # Where nearly all numbers are the same one, the middle of them is no measure of a bin.
    width = max((last - first) / wanted, (high - low) / _MOST_BINS)
    bins = max(1, math.ceil((high - low) / width)) if width else 1
    edges = np.histogram_bin_edges(np.array([low, high]), bins)
    shares = [np.histogram(one, bins, (edges[0], edges[-1]))[0] / one.size for one in many]
    return Distribution(edges, (first - width, last + width), *shares)


@dataclass(frozen=True)
class ChannelRow:
    """The statistics of one channel as a row of a table.

    Attributes
    ----------
    channel : int
    batch_mean, batch_variance : float
        In one batch.
    moving_mean, moving_variance : float
        What is used after training.
    gamma, beta : float
    """

    channel: int
    batch_mean: float
    moving_mean: float
    batch_variance: float
    moving_variance: float
    gamma: float
    beta: float


def channel_rows(found: LayerBatches, batch: int) -> list[ChannelRow]:
    """All channels of a layer in one batch, counted from 0."""
    layer, now = found.layer, found.statistics(batch)
    columns = (
        now.mean,
        layer.moving.mean,
        now.variance,
        layer.moving.variance,
        layer.gamma,
        layer.beta,
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [ChannelRow(channel, *row) for channel, row in enumerate(rows)]


@dataclass(frozen=True)
class Distance:
    """How far a layer's moving statistics are from those of the batches.

    Attributes
    ----------
    mean : float
        The difference of the means, in spreads of the channel; the median over the channels.
    variance : float
        The moving variance over the mean variance of the batches; the median over the channels.
    dead : int
        Channels that are the same number throughout, and are left out of both.
    """

    mean: float
    variance: float
    dead: int


def distance(found: LayerBatches) -> Distance:
    """Compare the moving statistics with the batches at the same weights."""
    counts = np.array([len(values) for values in found.inputs], dtype=np.float64)
    variance = np.average(found.batches.variance, axis=0, weights=counts)
    alive, moving = found.whole.variance > 0, found.layer.moving
    if not alive.any():
        return Distance(np.nan, np.nan, len(alive))
    means = np.abs(moving.mean - found.whole.mean)[alive] / found.whole.spread[alive]
    return Distance(
        float(np.median(means)),
        float(np.median(moving.variance[alive] / variance[alive])),
        int((~alive).sum()),
    )
