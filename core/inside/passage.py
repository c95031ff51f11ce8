"""One image on its way through the whole network, layer by layer, to the classes."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.inside.kernels import symmetric_limit
from core.inside.layer_kinds import IDLE_LAYERS, function_of
from core.inside.layer_records import LayerRecord
from core.inside.layers import chain, record_of
from core.inside.responses import checked_image, preview, strongest_first
from core.keras_state import KERAS_LOCK

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Station:
    """What one layer makes of the image.

    Attributes
    ----------
    record : LayerRecord
    values : ndarray of shape (h, w, K) or (U,)
        The strongest K maps, strongest first, at screen size; or all numbers, in their order.
    filters : tuple of int
        The numbers of these maps; empty for a row of numbers.
    of_filters : int
        How many maps there are; 0 for a row of numbers.
    limit : float
        The largest absolute value shown, and so the end of the colour scale.
    zeros : float
        The share of all the layer's numbers that is exactly 0.
    idle : bool
        Whether the layer only works in training, and now passes on what it gets.
    """

    record: LayerRecord
    values: Floats
    filters: tuple[int, ...]
    of_filters: int
    limit: float
    zeros: float
    idle: bool


@dataclass(frozen=True, eq=False)
class Passage:
    """The way of an image.

    Attributes
    ----------
    stations : tuple of Station
        First layer to last.
    probabilities : ndarray of shape (K,) or None
        What the last layer says, if that is a softmax.
    """

    stations: tuple[Station, ...]
    probabilities: Floats | None

    @property
    def decision(self) -> int | None:
        """The class of the highest probability."""
        return None if self.probabilities is None else int(np.argmax(self.probabilities))


def passage(
    model: keras.Model, image: NDArray[np.floating], most_maps: int = 10, longest: int = 96
) -> Passage:
    """Send an image through all layers, as after training, and keep the strongest maps of each.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    image : ndarray of shape (H, W, C), values in [0, 1]
    most_maps : int
        How many maps of a layer are kept, by their root mean square.
    longest : int
        The longest side of a kept map; larger ones are averaged over squares.
    """
    layers = chain(model)
    pixels = checked_image(image, int(model.inputs[0].shape[-1]))
    with KERAS_LOCK:
        inside = keras.Model(model.inputs[0], [layer.output for layer in layers])
        made = inside(tf.constant(pixels[np.newaxis]), training=False)
    outputs = made if isinstance(made, list | tuple) else [made]
    arrays = [np.asarray(output[0], np.float32) for output in outputs]
    stations = tuple(
        _station(layer, array, most_maps, longest)
        for layer, array in zip(layers, arrays, strict=True)
    )
    ends = function_of(layers[-1]) == "softmax" or isinstance(layers[-1], keras.layers.Softmax)
    return Passage(stations, arrays[-1] if ends and arrays[-1].ndim == 1 else None)


def _station(layer: keras.Layer, array: Floats, most_maps: int, longest: int) -> Station:
    filters: tuple[int, ...] = ()
    values = array.ravel()
    if array.ndim == 3:
        chosen = strongest_first(array).filters[:most_maps]
        filters = tuple(int(number) for number in chosen)
        values = preview(array[:, :, chosen], longest).maps
    return Station(
        record=record_of(layer),
        values=values,
        filters=filters,
        of_filters=array.shape[2] if array.ndim == 3 else 0,
        limit=symmetric_limit(values),
        zeros=float(np.mean(array == 0)),
        idle=isinstance(layer, IDLE_LAYERS),
    )
