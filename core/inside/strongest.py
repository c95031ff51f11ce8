"""The images, and the places in them, that a filter answers to most: for and against."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.inside.before_activation import before_activation, traced
from core.inside.layers import input_shape, layer_called
from core.inside.peak_records import Patch, Peaks
from core.inside.reach_records import Reach
from core.inside.receptive_field import reaches

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
_NUMBERS = 8_000_000
"""The most numbers that a batch may make of the layer."""


def filter_peaks(
    model: keras.Model,
    name: str,
    images: NDArray[np.floating],
    tell: Callable[[float], None] = lambda share: None,
) -> Peaks:
    """Send images through the network in batches; all filters of the layer at once.

    As after training: dropout off, moving statistics.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    name : str
        A two-dimensional convolution layer of it.
    images : ndarray of shape (N, H, W, C), values in [0, 1]
    tell : callable
        Is told the share that is done, in [0, 1].
    """
    reach = next(one for one in reaches(model) if one.layer == name)
    answers = before_activation(model, name)
    _, rows, columns, filters = layer_called(model, name).output.shape

    def extremes(batch: tf.Tensor) -> tuple[tf.Tensor, ...]:
        flat = tf.reshape(answers(batch), (-1, rows * columns, filters))
        return (
            tf.reduce_max(flat, axis=1),
            tf.reduce_min(flat, axis=1),
            tf.argmax(flat, axis=1),
            tf.argmin(flat, axis=1),
        )

    graph = traced(extremes, input_shape(model))
    size = max(1, min(250, _NUMBERS // (rows * columns * filters)))
    found: list[tuple[NDArray[np.generic], ...]] = []
    for begin in range(0, len(images), size):
        tell(begin / len(images))
        batch = tf.constant(np.asarray(images[begin : begin + size], np.float32))
        found.append(tuple(np.asarray(one) for one in graph(batch)))
    highest, lowest, above, below = (np.concatenate(one) for one in zip(*found, strict=True))
    places = [np.stack(np.divmod(one, columns), axis=-1) for one in (above, below)]
    return Peaks(highest, lowest, places[0], places[1], reach)


def strongest(
    found: Peaks, images: NDArray[np.floating], filter_number: int, count: int, against: bool
) -> tuple[Patch, ...]:
    """The images with the largest, or smallest, answers of a filter; each image once.

    Parameters
    ----------
    found : Peaks
        Of these images.
    images : ndarray of shape (N, H, W, C)
    filter_number, count : int
    against : bool
        The smallest ones, rather than the largest; equal ones by number.
    """
    answers, places = (
        (found.lowest, found.lowest_places) if against else (found.highest, found.highest_places)
    )
    column = answers[:, filter_number]
    order = np.argsort(column if against else -column, kind="stable")[:count]
    return tuple(
        cut(
            images[number],
            found.reach,
            places[number, filter_number],
            int(number),
            float(column[number]),
        )
        for number in order
    )


def cut(
    image: NDArray[np.floating], reach: Reach, place: Integers, number: int, answer: float
) -> Patch:
    """The window of an image that one number of a layer's map sees.

    Parameters
    ----------
    image : ndarray of shape (H, W, C)
    reach : Reach
        Of the layer; all of the image where it is no window.
    place : pair of int
        Row and column in the layer's map.
    number, answer
        As in :class:`Patch`.
    """
    if reach.rows is None or reach.columns is None:
        return Patch(number, answer, 0, 0, np.asarray(image, np.float32))
    high, wide, channels = image.shape
    top = reach.rows.start + int(place[0]) * reach.rows.step
    left = reach.columns.start + int(place[1]) * reach.columns.step
    pixels = np.full((reach.rows.size, reach.columns.size, channels), np.nan, np.float32)
    rows = slice(max(top, 0), min(top + reach.rows.size, high))
    columns = slice(max(left, 0), min(left + reach.columns.size, wide))
    inside = (
        slice(rows.start - top, rows.stop - top),
        slice(columns.start - left, columns.stop - left),
    )
    pixels[inside] = image[rows, columns]
    return Patch(number, answer, top, left, pixels)
