"""A network's answer as a training step has it, but for dropout: by the statistics of the batch."""

from __future__ import annotations

import keras
import tensorflow as tf

from core.inside.layers import chain


def send_by_batch_statistics(model: keras.Model, images: tf.Tensor) -> tf.Tensor:
    """Send images through a network whose batch normalizations use the batch's own statistics.

    Dropout and noise are off, so that nothing is left to chance. The moving statistics move.

    Parameters
    ----------
    model : keras.Model
        In one line.
    images : tensor of shape (N, H, W, C), values in [0, 1]

    Returns
    -------
    tensor of shape (N, K)
        Probabilities of the classes.
    """
    now = images
    for layer in chain(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            now = layer(now, training=True)
        else:
            now = layer(now, training=False)
    return now


def mean_loss(labels: object, probabilities: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy in nats, without any penalty."""
    losses = keras.losses.sparse_categorical_crossentropy(tf.constant(labels), probabilities)
    return tf.reduce_mean(losses)
