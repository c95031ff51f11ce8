"""Networks small enough to be computed by hand, with weights that are given."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

Layers = Sequence[keras.layers.Layer]


def in_line(shape: tuple[int, int, int], layers: Layers) -> keras.Model:
    """The layers one after another, from an image of that shape."""
    image = keras.Input(shape)
    output = image
    for layer in layers:
        output = layer(output)
    return keras.Model(image, output)


def linear(weights: np.ndarray, bias: Sequence[float], activation: str = "softmax") -> keras.Model:
    """Scores that are sums of weighted pixels: weights (H, W, C, K), bias (K)."""
    dense = keras.layers.Dense(weights.shape[-1], activation, name="classes")
    model = in_line(weights.shape[:3], [keras.layers.Flatten(), dense])
    dense.set_weights([weights.reshape(-1, weights.shape[-1]), np.array(bias)])
    return model


def convolutional(seed: int = 3, normalized: bool = False) -> keras.Model:
    """Two convolutions and two dense layers for images of 8 x 8, with weights from a seed."""
    made = keras.initializers.GlorotUniform
    layers = [
        keras.layers.Conv2D(4, 3, padding="same", name="conv_1", kernel_initializer=made(seed)),
        *([keras.layers.BatchNormalization(name="norm_1")] if normalized else []),
        keras.layers.Activation("relu", name="relu_1"),
        keras.layers.MaxPooling2D(name="pool_1"),
        keras.layers.Conv2D(6, 3, padding="same", name="conv_2", kernel_initializer=made(seed + 1)),
        keras.layers.Activation("relu", name="relu_2"),
        keras.layers.Flatten(name="flatten"),
        keras.layers.Dense(8, "relu", name="dense", kernel_initializer=made(seed + 2)),
        keras.layers.Dense(3, "softmax", name="classes", kernel_initializer=made(seed + 3)),
    ]
    return in_line((8, 8, 1), layers)


def an_image(seed: int = 0, shape: tuple[int, int, int] = (8, 8, 1)) -> np.ndarray:
    """Noise in [0, 1]."""
    return np.random.default_rng(seed).random(shape, dtype=np.float32)
