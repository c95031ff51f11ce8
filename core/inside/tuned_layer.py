"""Tuning of any layer: in closed form at the image, measured through the network behind it.

Through the network a grating passes in several phases, and the largest answer counts, as far as it
is above the answer to plain gray.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.errors import LearnscopeError
from core.inside.before_activation import before_activation, is_first, traced
from core.inside.gratings import ANGLES, FREQUENCIES, gratings
from core.inside.layers import input_shape, kernels_of, layer_called
from core.inside.receptive_field import reaches
from core.inside.tuning import Tuning, tune_kernels

Doubles = NDArray[np.float64]
PHASES = 16
"""Of a grating through the network; the largest of so many is at most 2% too small for a sine."""


def tune_layer(
    model: keras.Model, name: str, tell: Callable[[float], None] = lambda share: None
) -> Tuning:
    """Tuning of all filters of a layer.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    name : str
        A two-dimensional convolution layer of it.
    tell : callable
        Is told the share that is done, in [0, 1].

    Raises
    ------
    LearnscopeError
        If the layer is no convolution, or takes no images of another size.
    """
    if is_first(model, name):
        layer = layer_called(model, name)
        kernels, _ = kernels_of(model, name)
        return tune_kernels(kernels, dilation=tuple(layer.dilation_rate))
    return _tuned_through(model, name, FREQUENCIES[::2], ANGLES, tell)


def _tuned_through(
    model: keras.Model,
    name: str,
    frequencies: Doubles,
    angles: Doubles,
    tell: Callable[[float], None],
) -> Tuning:
    """Measured: the middle unit's answer, on images so large that it sees no border."""
    shape = borderless_shape(model, name)
    answers = before_activation(model, name)

    def middle(images: tf.Tensor) -> tf.Tensor:
        maps = answers(images)
        return maps[:, tf.shape(maps)[1] // 2, tf.shape(maps)[2] // 2]

    graph = traced(middle, shape)
    gray = np.asarray(graph(tf.fill((1, *shape), 0.5)))[0]
    phases = np.arange(PHASES) * 360 / PHASES
    amplitudes = np.zeros((len(gray), len(frequencies), len(angles)))
    for row, frequency in enumerate(frequencies):
        tell(row / len(frequencies))
        for column in range(0, len(angles), 12):
            some = angles[column : column + 12]
            images = np.concatenate([gratings(shape, frequency, one, phases) for one in some])
            found = np.asarray(graph(tf.constant(images)))
            lifted = found.reshape(len(some), PHASES, -1).max(axis=1) - gray
            amplitudes[:, row, column : column + 12] = np.maximum(lifted, 0).T
    return Tuning(amplitudes, frequencies, angles, False)


def borderless_shape(model: keras.Model, name: str) -> tuple[int, int, int]:
    """(H, W, C) of images on which the middle unit of a layer sees nothing of the border."""
    reach = next(one for one in reaches(model) if one.layer == name)
    if reach.rows is None or reach.columns is None:
        raise LearnscopeError(
            "Expected a layer that sees a window of the image. "
            f"Received: {name!r}, behind a layer of its own kind. Choose an earlier layer."
        )
    sides = [
        -(-(axis.size + 4 * axis.step) // axis.step) * axis.step
        for axis in (reach.rows, reach.columns)
    ]
    return sides[0], sides[1], int(input_shape(model)[2] or 1)
