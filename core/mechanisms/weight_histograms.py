"""Histograms of a layer's weights over a training, all with the same bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from core.inside.kernel_counts import END, FARTHEST, WIDTH, CountsByEpoch
from core.inside.kernel_history import KernelHistory
from core.inside.kernels import symmetric_limit
from core.mechanisms.weight_records import Doubles, Floats, LayerKernel, WeightsOverEpochs
from core.model import build_network
from core.settings import Settings

_BINS = ((2000, 61), (500, 31), (0, 15))
"""From so many weights on, how many bins: of few weights, many bins hold one or none. Odd numbers,
so that one bin has 0 in its middle: there L1 leaves its spike."""
Moments = Sequence[NDArray[np.floating]] | CountsByEpoch
"""A layer's weights at some moments: themselves, or how many of them lie where on the grid."""


def first_kernels(
    settings: Settings, model: keras.Model, history: KernelHistory
) -> Mapping[str, Floats]:
    """The first weights of all kernels, drawn once more from the run's seed.

    Parameters
    ----------
    settings : Settings
        Of the run.
    model : keras.Model
        Its network, which says how large an image is and how many classes there are.
    history : KernelHistory
        The first weights that were recorded prove the others.

    Returns
    -------
    mapping of str to ndarray
        By layer; empty if the recorded first weights are none, or are not the same.
    """
    if not len(history.epochs) or history.epochs[0] != 0:
        return {}
    again = build_network(settings, tuple(model.input_shape[1:]), int(model.output_shape[-1]))
    drawn = {
        str(layer.name): np.asarray(layer.kernel, np.float32)
        for layer in again.layers
        if getattr(layer, "kernel", None) is not None
    }
    recorded = {layer: values[0] for layer, values in history.kernels.items()}
    same = [np.array_equal(drawn.get(layer, np.nan), values) for layer, values in recorded.items()]
    return drawn if recorded and all(same) else {}


def moments_of(
    layer: str,
    history: KernelHistory | None,
    stored: Mapping[int, Sequence[LayerKernel]],
    first: Mapping[str, Floats],
) -> tuple[list[int], Moments, bool]:
    """The weights of a layer at as many moments of the training as they are known.

    Parameters
    ----------
    layer : str
    history : KernelHistory or None
        The convolution kernels, and the counts of dense ones, that were recorded.
    stored : mapping of int to sequence of LayerKernel
        By epoch, the kernels of the checkpoints that are kept.
    first : mapping of str to ndarray
        As :func:`first_kernels` gives them.

    Returns
    -------
    epochs : list of int
        Rising; empty if there is no such layer.
    values : list of ndarray, or CountsByEpoch
        The weights at each of them.
    each_epoch : bool
        Whether they were recorded.
    """
    if history is not None and layer in history.kernels:
        return [int(epoch) for epoch in history.epochs], [*history.kernels[layer]], True
    if history is not None and layer in history.counts:
        return [int(epoch) for epoch in history.epochs], history.counts[layer], True
    found: dict[int, NDArray[np.floating]] = {}
    for epoch in sorted(stored):
        for kernel in stored[epoch]:
            if kernel.layer == layer:
                found[epoch] = kernel.values
    if found and layer in first:
        found = {0: first[layer], **found}
    return list(found), list(found.values()), False


def over_epochs(
    layer: str,
    epochs: Sequence[int],
    values: Moments,
    edges: Doubles,
    each_epoch: bool,
) -> WeightsOverEpochs:
    """Count the weights of each moment between the same edges.

    Parameters
    ----------
    layer : str
    epochs : sequence of int, E of them
    values : sequence of ndarray of any shape, or CountsByEpoch, E of them
    edges : ndarray of shape (B + 1,)
        As :func:`common_edges` gives them; weights beyond are counted in the outermost bins.
    each_epoch : bool
        As in :class:`WeightsOverEpochs`.
    """
    if isinstance(values, CountsByEpoch):
        shares, spreads, weights = _rebinned(values, edges), values.spreads, values.weights
        beyond = values.widest == FARTHEST
    else:
        shares = np.array([_shares(array, edges) for array in values])
        spreads = np.array([array.std(dtype=np.float64) for array in values])
        weights = int(values[0].size) if values else 0
        beyond = any(bool((np.abs(array) > edges[-1]).any()) for array in values)
    return WeightsOverEpochs(
        layer=layer,
        epochs=np.array(epochs, np.int64),
        edges=edges,
        shares=shares,
        spreads=spreads,
        weights=weights,
        each_epoch=each_epoch,
        beyond=beyond,
    )


def _shares(array: NDArray[np.floating], edges: Doubles) -> Doubles:
    inside = np.clip(array.astype(np.float64).ravel(), edges[0], edges[-1])
    return np.histogram(inside[np.isfinite(inside)], edges)[0] / max(array.size, 1)


def _rebinned(counts: CountsByEpoch, edges: Doubles) -> Doubles:
    """(E, B): a bin of the grid lies between two of these edges, or beyond all of them."""
    middles = np.arange(counts.first, counts.last + 1) * WIDTH
    bins = len(edges) - 1
    places = np.clip(np.searchsorted(edges, middles, side="right") - 1, 0, bins - 1)
    rows = [np.bincount(places, row, minlength=bins) / counts.weights for row in counts.counts]
    return np.array(rows)


def common_edges(*moments: Moments) -> Doubles:
    """Edges of bins for all moments of all runs that are laid side by side.

    They go from minus the largest absolute weight to that weight, the fewer the fewer weights
    there are. If the weights of a run are counts on the grid, these are edges of its bins, an odd
    number of which then is one bin, and the outermost two reach as far as they have to.

    Parameters
    ----------
    *moments : sequence of ndarray of any shape, or CountsByEpoch
        One a run.

    Returns
    -------
    ndarray of shape (B + 1,)
    """
    counts = [one for one in moments if isinstance(one, CountsByEpoch)]
    arrays = [array for one in moments if not isinstance(one, CountsByEpoch) for array in one]
    sizes = [array.size for array in arrays] + [one.weights for one in counts]
    bins = next(bins for least, bins in _BINS if min(sizes, default=0) >= least)
    if not counts:
        limit = symmetric_limit(*arrays)
        return np.linspace(-limit, limit, bins + 1)
    widest = max(one.widest for one in counts)
    if arrays:
        reach = min(symmetric_limit(*arrays), END)
        widest = max(widest, int(np.floor(reach / WIDTH + 0.5)))
    return _edges_on_grid(widest, bins)


def _edges_on_grid(widest: int, bins: int) -> Doubles:
    """About so many bins up to that bin of the grid; at least 15, also where all weights are 0."""
    together = 1 + 2 * max(0, round(((2 * widest + 1) / bins - 1) / 2))
    each_side = max((widest + together // 2) // together, _BINS[-1][1] // 2)
    return np.asarray((np.arange(-each_side, each_side + 2) - 0.5) * together * WIDTH, np.float64)
