"""One image on its way through the whole network, layer by layer, to the classes."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.inside.activity_records import Passage, Station
from core.inside.kernels import symmetric_limit
from core.inside.layer_kinds import IDLE_LAYERS, function_of
from core.inside.layers import chain, record_of
from core.inside.responses import checked_image, preview, strongest_first
from core.keras_state import KERAS_LOCK

Floats = NDArray[np.float32]


def passage(
    model: keras.Model, image: NDArray[np.floating], most_maps: int = 10, longest: int = 96
) -> Passage:
    """Send an image through all layers, as after training; of each the strongest maps are to show.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    image : ndarray of shape (H, W, C), values in [0, 1]
    most_maps : int
        How many maps of a layer are shown, by their root mean square.
    longest : int
        The longest side of a shown map; larger ones are averaged over squares.
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
    said = arrays[-1] if ends and arrays[-1].ndim == 1 else None
    whole = {str(layer.name): array for layer, array in zip(layers, arrays, strict=True)}
    return Passage(stations, said, whole)


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
