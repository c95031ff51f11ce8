"""One channel of a normalization: its numbers before and after, in one batch and in all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.mechanisms.normalization import Doubles, NormalizationLayer, Statistics
from core.mechanisms.normalization_records import LayerBatches

BINS = 60


@dataclass(frozen=True, eq=False)
class Distribution:
    """How often the numbers of one channel fall between two edges.

    Attributes
    ----------
    edges : ndarray of shape (B + 1,)
        Of equal bins, from the smallest to the largest of all numbers.
    every_batch, this_batch : ndarray of shape (B,)
        Shares of the numbers of all batches, and of one; each sums to 1.
    as_after_training : ndarray of shape (B,) or None
        The numbers of that batch as they come out of the normalization after training.
    """

    edges: Doubles
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
    before = _shares([np.concatenate(inputs), inputs[batch]])
    after = _shares([np.concatenate(outputs), outputs[batch], moved])
    return Distribution(*before), Distribution(*after)


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


def _shares(many: list[NDArray[np.float32]]) -> tuple[Doubles, ...]:
    """Edges that all of these fit between, and the shares of each."""
    low, high = min(one.min() for one in many), max(one.max() for one in many)
    edges = np.histogram_bin_edges(np.array([low, high], dtype=np.float64), BINS)
    return edges, *(np.histogram(one, BINS, (edges[0], edges[-1]))[0] / one.size for one in many)


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
