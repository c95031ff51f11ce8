"""Grad-CAM: attribution by the maps of a convolution layer."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.attribution.scores import Floats, ScoredNetwork
from core.inside.layer_kinds import place_of_activation


def grad_cam(
    network: ScoredNetwork, image: NDArray[np.floating], target: int, layer: str
) -> Floats:
    """Where a layer has found what speaks for a class (Selvaraju et al., 2017).

    Each map of the layer is weighed by the mean gradient of the score with respect to it; of the
    sum, what is above 0 is kept, and brought to the image's size by bilinear interpolation. The
    maps are taken after the layer's activation, and after a normalization between the two.

    Parameters
    ----------
    network : ScoredNetwork
    image : ndarray of shape (H, W, C), values in [0, 1]
    target : int
        Number of the class.
    layer : str
        A convolution layer.

    Returns
    -------
    ndarray of shape (H, W), values from 0
        0 everywhere where no map speaks for the class.
    """
    pixels = network.checked(image)
    place = [one.name for one in network.layers].index(layer)
    end = place_of_activation(network.layers, place) + 1
    maps = network.pass_on(tf.constant(pixels[None]), 0, end)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        score = network.pass_on(maps, end)[0, target]
    slopes = tape.gradient(score, maps, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    weights = tf.reduce_mean(slopes, axis=(1, 2), keepdims=True)
    found = tf.nn.relu(tf.reduce_sum(weights * maps, axis=3, keepdims=True))
    return np.asarray(tf.image.resize(found, pixels.shape[:2]))[0, :, :, 0]
