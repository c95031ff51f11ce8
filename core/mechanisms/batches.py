"""What reaches each normalization of a network in one epoch's batches, as in training."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
from numpy.typing import NDArray

from core.fitting.steps import order_of_epoch
from core.mechanisms.normalization import (
    Floats,
    NormalizationLayer,
    Statistics,
    batch_statistics,
    together,
)
from core.mechanisms.normalization_passes import (
    normalization_layers,
    normalize_by_batch,
    send,
    steps_of,
    with_noise,
)
from core.mechanisms.normalization_records import LayerBatches


def observe_batches(
    model: keras.Model,
    images: NDArray[np.floating],
    batch_size: int,
    seed: int,
    epoch: int,
) -> Mapping[str, LayerBatches]:
    """Send an epoch's batches through a network in training mode, and keep what is normalized.

    Each normalization uses the statistics of the batch, and what draws by chance does so; no
    weight moves.

    Parameters
    ----------
    model : keras.Model
        A network in one line; it stays as it is.
    images : ndarray of shape (N, H, W, I), values in [0, 1]
    batch_size : int
        B; the last batch takes what is left.
    seed : int
        Of the run: it says in what order an epoch goes through the images, and draws the masks.
    epoch : int
        Whose order, 1 for the first.

    Returns
    -------
    mapping of str to LayerBatches
        By the normalization's name, in the network's order.
    """
    steps = with_noise(steps_of(model), seed)
    order = order_of_epoch(seed, epoch, len(images))
    kept: dict[str, list[Floats]] = {layer.name: [] for layer in normalization_layers(model)}

    def keep(layer: NormalizationLayer, values: Floats) -> Floats:
        kept[layer.name].append(values)
        return normalize_by_batch(layer, values)

    # Whatever comes after the last normalization is of no interest here.
    last = max(at for at, step in enumerate(steps) if step.normalization is not None)
    for begin in range(0, len(images), batch_size):
        send(steps[: last + 1], images[order[begin : begin + batch_size]], keep)
    return {layer.name: _summed(layer, kept[layer.name]) for layer in normalization_layers(model)}


def _summed(layer: NormalizationLayer, inputs: list[Floats]) -> LayerBatches:
    each = [batch_statistics(values) for values in inputs]
    counts = [values.size // layer.channels for values in inputs]
    return LayerBatches(
        layer,
        tuple(inputs),
        Statistics(np.stack([one.mean for one in each]), np.stack([one.variance for one in each])),
        together(list(zip(counts, each, strict=True))),
    )
