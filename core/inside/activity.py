"""What the units of each layer do on many images: mean, spread, zeros, and which never speak."""

from __future__ import annotations

import math
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.inside.activity_records import Extremes, LayerActivity
from core.inside.layer_kinds import function_of
from core.inside.layers import chain, layer_called
from core.keras_state import KERAS_LOCK

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
_NUMBERS = 4_000_000
"""The most numbers that a batch may make of one layer."""


def activity(model: keras.Model, images: NDArray[np.floating]) -> tuple[LayerActivity, ...]:
    """Send images through the network in batches and keep count, layer by layer.

    As after training: dropout off, moving statistics.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    images : ndarray of shape (N, H, W, C), values in [0, 1]
    """
    layers = chain(model)
    with KERAS_LOCK:
        inside = keras.Model(model.inputs[0], [layer.output for layer in layers])
        graph = tf.function(
            lambda batch: [_counted(made) for made in _listed(inside(batch, training=False))],
            input_signature=[tf.TensorSpec(tuple(model.inputs[0].shape), tf.float32)],
        )
        graph.get_concrete_function()
    totals: list[list[Doubles]] = []
    for batch in _batches(images, layers):
        counts = [[np.asarray(one) for one in found] for found in graph(batch)]
        totals = [_added(*pair) for pair in zip(totals, counts, strict=True)] if totals else counts
    return tuple(
        _summed_up(layer, len(images), found) for layer, found in zip(layers, totals, strict=True)
    )


def _added(some: list[Doubles], more: list[Doubles]) -> list[Doubles]:
    return [one + other for one, other in zip(some, more, strict=True)]


def _listed(made: object) -> list[tf.Tensor]:
    return list(made) if isinstance(made, list | tuple) else [made]


def _counted(made: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """By unit: sum, sum of squares, zeros, and images on which it is not 0 everywhere."""
    units = made.shape[-1]
    by_image = tf.reshape(made, (tf.shape(made)[0], -1, units))
    exact = tf.cast(by_image, tf.float64)
    silent = tf.equal(by_image, 0.0)
    return (
        tf.reduce_sum(exact, axis=(0, 1)),
        tf.reduce_sum(tf.square(exact), axis=(0, 1)),
        tf.reduce_sum(tf.cast(silent, tf.float64), axis=(0, 1)),
        tf.reduce_sum(tf.cast(~tf.reduce_all(silent, axis=1), tf.float64), axis=0),
    )


def _summed_up(layer: keras.Layer, images: int, found: list[Doubles]) -> LayerActivity:
    sums, squares, zeros, active = found
    each = images * math.prod(layer.output.shape[1:-1])
    numbers = each * len(sums)
    mean = float(sums.sum()) / numbers
    return LayerActivity(
        layer=str(layer.name),
        kind=type(layer).__name__,
        images=images,
        numbers=numbers,
        mean=mean,
        spread=math.sqrt(max(float(squares.sum()) / numbers - mean * mean, 0.0)),
        zeros=float(zeros.sum()) / numbers,
        activates=function_of(layer) not in ("linear", "softmax"),
        active_images=active.astype(np.int64),
        unit_means=sums / each,
        unit_zeros=zeros / each,
    )


def _batches(images: NDArray[np.floating], layers: list[keras.Layer]) -> Iterator[tf.Tensor]:
    largest = max(math.prod(layer.output.shape[1:]) for layer in layers)
    size = max(1, min(250, _NUMBERS // largest))
    for begin in range(0, len(images), size):
        yield tf.constant(np.asarray(images[begin : begin + size], np.float32))


def unit_peaks(
    model: keras.Model, name: str, images: NDArray[np.floating], ahead: bool = False
) -> Floats:
    """The largest number of every unit on every image, over all places.

    Parameters
    ----------
    model, images
        As in :func:`activity`.
    name : str
        The layer.
    ahead : bool
        Of what reaches the layer, rather than of what it passes on: so a unit whose ReLU never
        opens can still say which images come nearest.

    Returns
    -------
    ndarray of shape (N, U)
    """
    layer = layer_called(model, name)
    with KERAS_LOCK:
        inside = keras.Model(model.inputs[0], layer.input if ahead else layer.output)
        graph = tf.function(
            lambda batch: _largest(inside(batch, training=False)),
            input_signature=[tf.TensorSpec(tuple(model.inputs[0].shape), tf.float32)],
        )
        graph.get_concrete_function()
    return np.concatenate([np.asarray(graph(batch)) for batch in _batches(images, chain(model))])


def _largest(made: tf.Tensor) -> tf.Tensor:
    return tf.reduce_max(tf.reshape(made, (tf.shape(made)[0], -1, made.shape[-1])), axis=1)


def extremes(peaks: NDArray[np.floating], count: int) -> Extremes:
    """The images with the largest and the smallest peaks of one unit; equal ones by number.

    Parameters
    ----------
    peaks : ndarray of shape (N,)
    count : int
        How many of either, at most; of few images, half.
    """
    each = min(count, len(peaks) // 2)
    order = np.argsort(-peaks, kind="stable")
    upward = np.argsort(peaks, kind="stable")
    most = order[:each]
    least = upward[~np.isin(upward, most)][:each]
    return Extremes(most.astype(np.int64), least.astype(np.int64), np.asarray(peaks, np.float32))
