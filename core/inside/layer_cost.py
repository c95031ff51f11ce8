"""What each layer costs: multiply-adds by counting, time by the clock."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.inside.layer_kinds import NORMALIZATIONS
from core.inside.layers import chain
from core.inside.reach_records import CostShares, LayerTime
from core.keras_state import KERAS_LOCK

PASSES = 9


def multiply_adds(layer: keras.Layer) -> int:
    """Multiplications of a number with a weight, each followed by an addition, for one image.

    Convolutions multiply the zeros of their padding too, and are counted so. A normalization
    costs one for each number once its mean and spread are known; biases, activations and pooling
    add or compare, and cost none.

    Parameters
    ----------
    layer : keras.Layer
        A layer of a network for images of one size.
    """
    given, made = tuple(layer.input.shape[1:]), tuple(layer.output.shape[1:])
    if isinstance(layer, keras.layers.SeparableConv2D):
        places = math.prod(made[:2])
        deep = given[2] * layer.depth_multiplier
        return int(places * (math.prod(layer.kernel_size) * deep + deep * made[2]))
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return int(math.prod(made) * math.prod(layer.kernel_size))
    if isinstance(layer, (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)):
        return int(math.prod(made) * math.prod(layer.kernel.shape[:-1]))
    if isinstance(layer, keras.layers.Dense):
        return int(math.prod(made) * given[-1])
    if isinstance(layer, NORMALIZATIONS):
        return int(math.prod(made))
    return 0


def shares_of_cost(
    counts: Sequence[int], weights: Sequence[int], times: Sequence[LayerTime]
) -> CostShares:
    """Each layer's share of the multiply-adds, of the weights and of the median times."""
    return CostShares(
        layers=tuple(one.layer for one in times),
        multiply_adds=_shares(counts),
        weights=_shares(weights),
        times=_shares([one.median for one in times]),
    )


def _shares(values: Sequence[float]) -> tuple[float, ...]:
    total = sum(values)
    return tuple(value / total if total else 0.0 for value in values)


def measured_times(
    model: keras.Model, images: NDArray[np.floating], passes: int = PASSES
) -> tuple[LayerTime, ...]:
    """Send a batch through each layer by itself, several times, and take the time.

    Each layer is a compiled graph of its own, as after training, and was passed once before the
    clock starts. What a layer gets is what the layers before it make of the images.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    images : ndarray of shape (N, H, W, C), values in [0, 1]
    passes : int
    """
    now = tf.constant(np.asarray(images, np.float32))
    found = []
    for layer in chain(model):
        with KERAS_LOCK:
            graph = _compiled(layer)
            after = graph(now)
        took = sorted(_seconds(graph, now) for _ in range(passes))
        found.append(
            LayerTime(
                layer=str(layer.name),
                median=statistics.median(took),
                shortest=took[0],
                longest=took[-1],
                images=len(images),
                passes=passes,
            )
        )
        now = after
    return tuple(found)


def _compiled(layer: keras.Layer) -> tf.types.experimental.GenericFunction:
    return tf.function(lambda batch: layer(batch, training=False))


def _seconds(graph: tf.types.experimental.GenericFunction, batch: tf.Tensor) -> float:
    begin = time.perf_counter()
    graph(batch)
    return time.perf_counter() - begin
