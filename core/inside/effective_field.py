"""Effective receptive fields: how strongly each pixel moves the unit in the middle of a map.

Luo, Li, Urtasun and Zemel (2016), "Understanding the effective receptive field in deep
convolutional neural networks".
"""

from __future__ import annotations

import math

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.errors import LearnscopeError
from core.inside.layers import layer_called
from core.inside.reach_records import EffectiveField
from core.keras_state import KERAS_LOCK

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
MOST_FILTERS = 32
"""Of so many filters the gradient is taken; of a layer with more, of evenly spaced ones."""


def effective_field(
    model: keras.Model,
    name: str,
    images: NDArray[np.floating],
    most_filters: int = MOST_FILTERS,
) -> EffectiveField:
    """Average the absolute gradient of the units in the middle of a layer's maps.

    Absolute, since the gradients of different images and filters differ in sign and would cancel
    each other. Dropout is off, moving statistics are used.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    name : str
        A layer whose output is maps.
    images : ndarray of shape (N, H, W, C), values in [0, 1]
    most_filters : int

    Raises
    ------
    LearnscopeError
        If the layer's output is no maps.
    """
    layer = layer_called(model, name)
    shape = tuple(layer.output.shape)
    if len(shape) != 4:
        raise LearnscopeError(
            "Expected a layer whose output is maps with rows and columns. "
            f"Received: {name!r}, whose output is a row of numbers: each sees the whole image. "
            "Choose a layer before it."
        )
    count = int(shape[3])
    numbers = np.unique(np.linspace(0, count - 1, min(count, most_filters)).round()).astype(int)
    with KERAS_LOCK:
        inside = keras.Model(model.inputs[0], layer.output)
        graph = _gradients(inside, shape[1] // 2, shape[2] // 2, tuple(model.inputs[0].shape))
        batch = tf.constant(np.asarray(images, np.float32))
        first = graph(batch, tf.constant(numbers[0]))
    total = np.asarray(first, np.float64)
    for number in numbers[1:]:
        total += np.asarray(graph(batch, tf.constant(number)), np.float64)
    centre, sigmas = moments(total)
    return EffectiveField(
        layer=name,
        shares=total / total.sum() if total.any() else total,
        centre=centre,
        sigmas=sigmas,
        images=len(images),
        filters=len(numbers),
        of_filters=count,
    )


def _gradients(
    inside: keras.Model, row: int, column: int, shape: tuple[int | None, ...]
) -> tf.types.experimental.GenericFunction:
    def gradient(batch: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(batch)
            middle = tf.gather(inside(batch, training=False)[:, row, column], number, axis=1)
        return tf.reduce_sum(tf.abs(tape.gradient(middle, batch)), axis=(0, 3))

    signature = [tf.TensorSpec(shape, tf.float32), tf.TensorSpec((), tf.int64)]
    return tf.function(gradient, input_signature=signature)


def moments(
    weights: NDArray[np.floating],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Centre of mass and standard deviation of a map of weights, down and across.

    Parameters
    ----------
    weights : ndarray of shape (H, W), not negative

    Returns
    -------
    centre, sigmas : pairs of float
        In rows and columns; not a number where all weights are 0.
    """
    total = float(weights.sum())
    if total <= 0:
        return (math.nan, math.nan), (math.nan, math.nan)
    down, across = (_along(weights.sum(axis=axis) / total) for axis in (1, 0))
    return (down[0], across[0]), (down[1], across[1])


def _along(shares: Doubles) -> tuple[float, float]:
    places = np.arange(len(shares))
    centre = float(shares @ places)
    return centre, math.sqrt(float(shares @ (places - centre) ** 2))
