"""What a convolution layer computes ahead of its activation, for many images of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from core.errors import LearnscopeError
from core.inside.layer_kinds import (
    ACTIVATION_LAYERS,
    CONVOLUTION_LAYERS,
    IDLE_LAYERS,
    NORMALIZATIONS,
    function_of,
)
from core.inside.layers import chain, layer_called
from core.keras_state import KERAS_LOCK

Answers = Callable[[tf.Tensor], tf.Tensor]


def before_activation(model: keras.Model, name: str) -> Answers:
    """The way from images to what a layer computes: bias and normalization in, activation not.

    As after training: dropout off, moving statistics. It can be differentiated.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    name : str
        A two-dimensional convolution layer of it, depthwise and separable ones included.

    Returns
    -------
    callable
        From images of shape (N, H, W, C) to maps of shape (N, H', W', O); the same numbers as
        :attr:`core.inside.stages.LayerStages.before_activation`.

    Raises
    ------
    LearnscopeError
        If the network has branches, or the layer is no convolution.
    """
    layers = chain(model)
    place = _place_of(model, name)
    behind = _normalization_behind(layers[place:])

    def answers(images: tf.Tensor) -> tf.Tensor:
        now = images
        for layer in layers[:place]:
            now = layer(now, training=False)
        now = _convolved(layers[place], now)
        return now if behind is None else behind(now, training=False)

    return answers


def is_first(model: keras.Model, name: str) -> bool:
    """Whether nothing but layers that only work in training stands between image and layer."""
    return all(isinstance(one, IDLE_LAYERS) for one in chain(model)[: _place_of(model, name)])


def traced(
    function: Callable[[tf.Tensor], Any], shape: tuple[int | None, ...]
) -> Callable[[tf.Tensor], Any]:
    """The same function of images of a shape, compiled once for batches of any size."""
    with KERAS_LOCK:
        graph: Callable[[tf.Tensor], Any] = tf.function(
            function, input_signature=[tf.TensorSpec((None, *shape), tf.float32)]
        )
        try:
            graph(tf.zeros((1, *shape)))
        except (ValueError, tf.errors.OpError) as error:
            raise LearnscopeError(
                "Expected layers that take images of another size. Received: a network with one "
                f"that does not take {shape[1]} x {shape[0]} pixels. Choose an earlier layer."
            ) from error
    return graph


def _place_of(model: keras.Model, name: str) -> int:
    layer = layer_called(model, name)
    if not isinstance(layer, CONVOLUTION_LAYERS):
        raise LearnscopeError(
            "Expected a two-dimensional convolution layer (Conv2D, DepthwiseConv2D or "
            f"SeparableConv2D). Received: {name!r}, a {type(layer).__name__}. Choose a layer that "
            "has kernels."
        )
    return chain(model).index(layer)


def _convolved(layer: keras.Layer, images: tf.Tensor) -> tf.Tensor:
    """What the layer computes ahead of an activation of its own."""
    if function_of(layer) == "linear":
        return layer(images)
    how = layer.strides, layer.padding, layer.data_format, layer.dilation_rate
    if isinstance(layer, keras.layers.SeparableConv2D):
        kernels = layer.depthwise_kernel, layer.pointwise_kernel
        maps = keras.ops.separable_conv(images, *kernels, *how)
    elif isinstance(layer, keras.layers.DepthwiseConv2D):
        maps = keras.ops.depthwise_conv(images, layer.kernel, *how)
    else:
        maps = layer.convolution_op(images, layer.kernel)
    return maps if layer.bias is None else maps + layer.bias


def _normalization_behind(layers: list[keras.Layer]) -> keras.Layer | None:
    """The normalization between a convolution, the first of these, and its activation."""
    if function_of(layers[0]) != "linear":
        return None
    for layer in layers[1:]:
        if isinstance(layer, NORMALIZATIONS):
            return layer
        if isinstance(layer, ACTIVATION_LAYERS) or not isinstance(layer, IDLE_LAYERS):
            break
    return None
