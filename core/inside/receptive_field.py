"""Receptive fields in closed form: which pixels of the image a layer's numbers can see.

Each window widens the field by its reach times the distance, in pixels, between two neighbouring
numbers of the map below (Araujo, Norris and Sim, 2019, "Computing receptive fields of convolutional
neural networks").
"""

from __future__ import annotations

import keras

from core.errors import LearnscopeError
from core.inside.layer_kinds import (
    ACTIVATION_LAYERS,
    CONVOLUTION_LAYERS,
    GLOBAL_POOLING_LAYERS,
    IDLE_LAYERS,
    NORMALIZATIONS,
    POOLING_LAYERS,
)
from core.inside.layers import chain, input_shape
from core.inside.reach_records import Axis, Reach, Window

_SAME_PLACE = (
    *ACTIVATION_LAYERS,
    *IDLE_LAYERS,
    *NORMALIZATIONS,
    keras.layers.Rescaling,
    keras.layers.Softmax,
    keras.layers.Flatten,
)
"""Layers whose every number comes from the number at the same place, or from one of the maps'."""


def reaches(model: keras.Model) -> tuple[Reach, ...]:
    """The receptive field of every layer, first to last.

    Parameters
    ----------
    model : keras.Model
        A network in one line, for images of one size.

    Raises
    ------
    LearnscopeError
        If the network takes images of any size: then the middle of a map is nowhere.
    """
    high, wide, _ = input_shape(model)
    if high is None or wide is None:
        raise LearnscopeError(
            "Expected a network for images of one size. Received: one that takes any. "
            "Choose another run."
        )
    rows, columns = Axis(1, 1, 0, high), Axis(1, 1, 0, wide)
    now = Reach("", rows, columns, "window")
    found = []
    for layer in chain(model):
        now = _behind(layer, now)
        found.append(now)
    return tuple(found)


def _behind(layer: keras.Layer, before: Reach) -> Reach:
    name, statistics = str(layer.name), before.through_statistics or _over_places(layer)
    if before.rows is None or before.columns is None:
        return Reach(name, None, None, before.kind, statistics)
    windows = _windows(layer)
    if windows is not None:
        rows, columns = (
            _widened(axis, name, *window)
            for axis, window in zip((before.rows, before.columns), windows, strict=True)
        )
        return Reach(name, rows, columns, "window", statistics)
    on_maps = len(layer.output.shape) == 4
    if isinstance(layer, _SAME_PLACE) or (isinstance(layer, keras.layers.Dense) and on_maps):
        return Reach(name, before.rows, before.columns, "window", statistics)
    if isinstance(layer, (keras.layers.Dense, *GLOBAL_POOLING_LAYERS)):
        return Reach(name, None, None, "whole", statistics)
    return Reach(name, None, None, "unknown", statistics)


def _over_places(layer: keras.Layer) -> bool:
    """Whether one image's own mean and spread over its places are taken."""
    if isinstance(layer, keras.layers.GroupNormalization):
        return len(layer.output.shape) == 4
    if isinstance(layer, keras.layers.LayerNormalization) and len(layer.output.shape) == 4:
        axes = layer.axis if isinstance(layer.axis, list | tuple) else [layer.axis]
        return any(axis % 4 in (1, 2) for axis in axes)
    return False


_Cut = tuple[int, int, int, str]
"""Size, stride, dilation and padding along an axis."""


def _windows(layer: keras.Layer) -> tuple[_Cut, _Cut] | None:
    if isinstance(layer, CONVOLUTION_LAYERS):
        sizes, dilation = layer.kernel_size, layer.dilation_rate
    elif isinstance(layer, POOLING_LAYERS):
        sizes, dilation = layer.pool_size, (1, 1)
    else:
        return None
    first, second = (
        (int(size), int(stride), int(gap), str(layer.padding))
        for size, stride, gap in zip(sizes, layer.strides, dilation, strict=True)
    )
    return first, second


def _widened(axis: Axis, name: str, size: int, stride: int, dilation: int, padding: str) -> Axis:
    reach = (size - 1) * dilation + 1
    if padding == "same":
        numbers = -(-axis.numbers // stride)
        # TensorFlow puts the odd one of the zeros behind the image.
        ahead = max((numbers - 1) * stride + reach - axis.numbers, 0) // 2
    else:
        numbers = (axis.numbers - reach) // stride + 1
        ahead = 0
    return Axis(
        size=axis.size + (reach - 1) * axis.step,
        step=axis.step * stride,
        start=axis.start - ahead * axis.step,
        numbers=numbers,
        windows=(*axis.windows, *([Window(name, size, dilation * axis.step)] if size > 1 else [])),
    )
