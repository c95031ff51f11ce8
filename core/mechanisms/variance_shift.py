"""Variance shift: dropout ahead of a batch normalization makes its moving variance too large.

Li, Chen, Hu & Yang (2019), "Understanding the Disharmony between Dropout and Batch Normalization by
Variance Shift". In training, dropout keeps a share of the numbers and divides them by it, which
leaves their mean and widens their spread; the moving variance learns that spread. After training
nothing is dropped, and what arrives varies less than the normalization believes.
"""

from __future__ import annotations

import math

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.mechanisms.normalization import Doubles, Floats
from core.mechanisms.normalization_passes import (
    A_PASS,
    Step,
    normalize_as_moved,
    pieces,
    send,
    statistics_at,
    steps_of,
)
from core.mechanisms.normalization_records import LayerShift
from core.mechanisms.shift_theory import relu_shift

_OF_NUMBERS = (keras.layers.Dropout, keras.layers.GaussianDropout)
"""Of single numbers; the noise of both has the mean 1 and the variance ``(1 - keep) / keep``."""
_DROPOUT = (*_OF_NUMBERS, keras.layers.SpatialDropout2D)


def measure_shift(model: keras.Model, images: NDArray[np.floating]) -> tuple[LayerShift, ...]:
    """Compare the variance at test with the moving variance, layer by layer.

    Parameters
    ----------
    model : keras.Model
        A network in one line; it stays as it is.
    images : ndarray of shape (N, H, W, I), values in [0, 1]
        Sent through as after training: dropout off, moving statistics.

    Returns
    -------
    tuple of LayerShift
        One for each batch normalization, in order.
    """
    steps = steps_of(model)
    found = []
    for place, step in enumerate(steps):
        if step.normalization is None:
            continue
        dropout = _dropout_ahead(steps, place)
        keep = 1.0 if dropout is None else 1 - float(steps[dropout].layer.rate)
        at_test = statistics_at(steps, step.normalization.name, images).variance
        moving = step.normalization.moving.variance
        ratios = np.divide(at_test, moving, out=np.full_like(moving, np.nan), where=moving > 0)
        noise = None if dropout is None else _noise_variance(steps[:place], dropout, images)
        found.append(
            LayerShift(
                name=step.normalization.name,
                dropout="" if dropout is None else str(steps[dropout].layer.name),
                keep=keep,
                ratios=ratios,
                theory=relu_shift(keep),
                predicted=None if noise is None else _median_ratio(at_test, at_test + noise),
            )
        )
    return tuple(found)


def _median_ratio(above: Doubles, below: Doubles) -> float:
    sound = below > 0
    return float(np.median(above[sound] / below[sound])) if sound.any() else math.nan


def _dropout_ahead(steps: tuple[Step, ...], place: int) -> int | None:
    """The nearest dropout ahead of a place, up to the normalization before."""
    for at in range(place - 1, -1, -1):
        if steps[at].normalization is not None:
            return None
        if isinstance(steps[at].layer, _DROPOUT) and steps[at].layer.rate > 0:
            return at
    return None


def _noise_variance(
    steps: tuple[Step, ...], dropout: int, images: NDArray[np.floating]
) -> Doubles | None:
    """The variance that one dropout's masks add to what comes out at the end, by channel.

    Behind the dropout of single numbers stands one layer that adds up: then it is
    ``(1 - keep) / keep`` times the mean, over images and places, of the sum of squared weights
    times squared inputs. None where something else stands there.
    """
    between = [step.layer for step in steps[dropout + 1 :]]
    adding = [one for one in between if not isinstance(one, keras.layers.Flatten)]
    single = type(steps[dropout].layer) in _OF_NUMBERS
    if not single or len(adding) != 1 or not _adds_up(adding[0]):
        return None
    keep = 1 - float(steps[dropout].layer.rate)
    sums, counts = np.zeros(adding[0].kernel.shape[-1]), 0
    for piece in pieces(images, A_PASS):
        squares = _sum_of_squares(adding[0], send(steps[:dropout], piece, normalize_as_moved))
        sums += squares.sum(axis=tuple(range(squares.ndim - 1)), dtype=np.float64)
        counts += squares.size // squares.shape[-1]
    noise: Doubles = (1 - keep) / keep * sums / counts
    return noise


def _adds_up(layer: keras.Layer) -> bool:
    """Whether each of its outputs is a sum of weighted inputs, and nothing more."""
    plain = isinstance(layer, keras.layers.Dense) or (
        isinstance(layer, keras.layers.Conv2D) and layer.groups == 1
    )
    return plain and layer.activation is keras.activations.linear


def _sum_of_squares(layer: keras.Layer, values: Floats) -> Floats:
    """What the layer makes of squared inputs with squared weights and no bias."""
    squares, kernel = np.square(values), np.square(np.asarray(layer.kernel))
    if isinstance(layer, keras.layers.Dense):
        return np.asarray(squares.reshape(len(squares), -1) @ kernel, dtype=np.float32)
    return np.asarray(
        tf.nn.conv2d(
            squares,
            kernel,
            strides=layer.strides,
            padding=layer.padding.upper(),
            dilations=layer.dilation_rate,
        )
    )
