"""Which layers of Keras are of one kind."""

from __future__ import annotations

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
