"""Which layers of Keras are of one kind."""

from __future__ import annotations

from collections.abc import Sequence

import keras

ACTIVATION_LAYERS = (
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.ELU,
    keras.layers.PReLU,
)
IDLE_LAYERS = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout2D,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
)
"""Layers that an image passes unchanged once training is over."""
NORMALIZATIONS = (
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.GroupNormalization,
)
POOLING_LAYERS = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
GLOBAL_POOLING_LAYERS = (
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
)
CONVOLUTION_LAYERS = (
    keras.layers.Conv2D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
)
"""Convolutions over rows and columns."""


def function_of(layer: keras.Layer) -> str:
    """The name of a layer's activation: ``"relu"``; ``"linear"`` where it has none."""
    function = getattr(layer, "activation", None)
    if function is None:
        return type(layer).__name__ if isinstance(layer, ACTIVATION_LAYERS) else "linear"
    return str(getattr(function, "__name__", type(function).__name__))


def place_of_activation(layers: Sequence[keras.Layer], place: int) -> int:
    """Number of the layer that applies the activation to what a layer computes.

    Itself if it has one of its own, or none follows. Only normalizations, and layers that an image
    passes unchanged, may stand between.

    Parameters
    ----------
    layers : sequence of keras.Layer
        In one line.
    place : int
        Number of the layer.
    """
    if function_of(layers[place]) != "linear":
        return place
    for number in range(place + 1, len(layers)):
        if isinstance(layers[number], ACTIVATION_LAYERS):
            return number
        if not isinstance(layers[number], NORMALIZATIONS + IDLE_LAYERS):
            break
    return place
