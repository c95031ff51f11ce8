"""Augmentation of the batches of a run, by Keras's own layers, within the graph."""

from __future__ import annotations

import keras
import tensorflow as tf

from core.augmentation.plan import Alteration, alterations, mixes_labels
from core.data import facts
from core.keras_state import KERAS_LOCK
from core.settings import AugmentationSettings, Settings

_DRAWS = 8
"""More than any of the layers draws for one batch."""


def layer_of(alteration: Alteration, seed: int) -> keras.layers.Layer:
    """Make the layer of an alteration, for a run of that seed; under the Keras lock."""
    layer: keras.layers.Layer = getattr(keras.layers, alteration.kind)(
        *alteration.positional, **alteration.options, seed=seed + alteration.chance
    )
    return layer


class Augmentation:
    """Alters the batches that a network learns from; what it is judged on never passes here.

    Its chance hangs on the run's seed, the epoch and the batches since the epoch began, and on
    nothing else: a run that goes on after a break draws what it would have drawn.

    Parameters
    ----------
    settings : AugmentationSettings
    seed : int
        Of the run.
    classes : int
        How many there are.
    """

    def __init__(self, settings: AugmentationSettings, seed: int, classes: int) -> None:
        with KERAS_LOCK:
            self._layers = [layer_of(one, seed) for one in alterations(settings)]
        self._mixes, self._classes = mixes_labels(settings), classes

    def begin(self, epoch: int, steps: int) -> None:
        """An epoch begins; call it before its first batch.

        Parameters
        ----------
        epoch : int
            From 1.
        steps : int
            Batches in a whole one.
        """
        for layer in self._layers:
            layer.generator.state.assign([layer.seed, (epoch - 1) * steps * _DRAWS])

    def __call__(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Alter a batch.

        Parameters
        ----------
        images : tensor of shape (N, H, W, C), float32
            Values in [0, 1].
        labels : tensor of shape (N,), int64
            Classes, 0 to K - 1.

        Returns
        -------
        images : tensor of shape (N, H, W, C), float32
        labels : tensor of shape (N,), int64, or of shape (N, K), float32
            The latter where labels are mixed: the share of each class, which sum to 1.
        """
        if not self._mixes:
            for layer in self._layers:
                images = layer(images, training=True)
            return images, labels
        batch = {"images": images, "labels": tf.one_hot(labels, self._classes)}
        for layer in self._layers:
            batch = layer(batch, training=True)
        return batch["images"], batch["labels"]


def augmentation_of(settings: Settings) -> Augmentation | None:
    """The augmentation of a run; None if its images are learnt as they are."""
    if not alterations(settings.augmentation):
        return None
    classes = len(facts(settings.data.dataset).class_names)
    return Augmentation(settings.augmentation, settings.optimisation.seed, classes)
