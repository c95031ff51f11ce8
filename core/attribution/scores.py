"""From images to the scores that are explained: those before the softmax."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.inside.layers import chain, input_shape
from core.inside.responses import checked_image
from core.keras_state import KERAS_LOCK

Floats = NDArray[np.float32]

_BATCH = 128


class ScoredNetwork:
    """A network up to its scores, as after training: moving statistics, no noise.

    A probability can rise because another class falls; a score before the softmax (a logit) is the
    class's own, and its gradient does not vanish where the network is sure. So where a network
    ends in a softmax, that is left out. The network's weights are read anew by each call. May be
    shared by threads.

    Parameters
    ----------
    model : keras.Model
        A network in one line; it stays as it is.

    Attributes
    ----------
    layers : tuple of keras.Layer
        A softmax layer at the end is left out.
    before_softmax : bool
        Whether the network ends in a softmax, so that the scores are logits; otherwise they are
        its outputs as they are.
    image_shape : tuple of int or None
        (H, W, C); None where any size will do.
    classes : int

    Raises
    ------
    LearnscopeError
        If the layers do not form one single line.
    """

    def __init__(self, model: keras.Model) -> None:
        layers = chain(model)
        self._dense_softmax = isinstance(layers[-1], keras.layers.Dense) and _is_softmax(layers[-1])
        softmax_layer = not self._dense_softmax and _is_softmax(layers[-1])
        self.layers = tuple(layers[:-1] if softmax_layer else layers)
        self.before_softmax = self._dense_softmax or softmax_layer
        self.image_shape = input_shape(model)
        self.classes = int(model.outputs[0].shape[-1])
        self._channels = int(model.inputs[0].shape[-1])
        with KERAS_LOCK:
            pixels = tf.TensorSpec((None, *self.image_shape), tf.float32)
            number = tf.TensorSpec((), tf.int32)
            self._scores = tf.function(self.pass_on, autograph=False).get_concrete_function(pixels)
            self._gradient = tf.function(self._derive, autograph=False).get_concrete_function(
                pixels, number
            )

    def pass_on(self, values: tf.Tensor, begin: int = 0, end: int | None = None) -> tf.Tensor:
        """A batch through the layers number `begin` to `end`, the latter left out."""
        for number in range(begin, len(self.layers) if end is None else end):
            layer = self.layers[number]
            if self._dense_softmax and number == len(self.layers) - 1:
                values = tf.linalg.matmul(values, layer.kernel)
                values = values if layer.bias is None else values + layer.bias
            else:
                values = layer(values, training=False)
        return values

    def _derive(self, images: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(images)
            total = tf.reduce_sum(tf.gather(self.pass_on(images), target, axis=1))
        return tape.gradient(total, images, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    def scores(self, images: NDArray[np.floating]) -> Floats:
        """The scores of images.

        Parameters
        ----------
        images : ndarray of shape (N, H, W, C), values in [0, 1]

        Returns
        -------
        ndarray of shape (N, K)
        """
        return _in_batches(self._scores, images)

    def probabilities(self, images: NDArray[np.floating]) -> Floats:
        """What the network itself answers: the softmax of the scores, if it ends in one.

        Parameters and shapes as in :meth:`scores`.
        """
        scores = self.scores(images)
        return np.asarray(tf.nn.softmax(scores)) if self.before_softmax else scores

    def gradients(self, images: NDArray[np.floating], target: int) -> Floats:
        """How much a class's score moves with each number of each image.

        Parameters
        ----------
        images : ndarray of shape (N, H, W, C), values in [0, 1]
        target : int
            Number of the class.

        Returns
        -------
        ndarray of shape (N, H, W, C)
        """
        number = tf.constant(target, tf.int32)
        return _in_batches(lambda batch: self._gradient(batch, number), images)

    def checked(self, image: NDArray[np.floating]) -> Floats:
        """The image as float32, or a sentence on why it does not fit."""
        return checked_image(image, self._channels)


def _in_batches(function: Any, images: NDArray[np.floating]) -> Floats:
    pixels = np.asarray(images, np.float32)
    parts = [
        np.asarray(function(tf.constant(pixels[begin : begin + _BATCH])))
        for begin in range(0, len(pixels), _BATCH)
    ]
    return np.concatenate(parts)


def _is_softmax(layer: keras.Layer) -> bool:
    function = getattr(layer, "activation", None)
    return isinstance(layer, keras.layers.Softmax) or function is keras.activations.softmax
