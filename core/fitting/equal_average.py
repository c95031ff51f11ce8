"""The equal average of the weights after each epoch (Izmailov et al., 2018): in and out again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from types import TracebackType

import keras
import numpy as np
import tensorflow as tf

from core.fitting.training_state import copied, exchange
from core.keras_state import KERAS_LOCK
from core.mechanisms.normalization import Statistics, together
from core.settings import OptimisationSettings

_PASS = 250
"""Images that are sent through at a time."""


class EqualAverage:
    """Exchanges the weights of a network and their average; within it, the weights are in.

    Of n epochs' ends with weights w_1 to w_n it is the mean, kept as a_n = a_{n-1} + (w_n -
    a_{n-1}) / n. With it come statistics of batch normalization that are its own: those of the
    weights are put aside with these.

    Parameters
    ----------
    model : keras.Model
    optimizer : keras.optimizers.Optimizer
        Counts the steps.
    settings : OptimisationSettings
        Which epoch is the first that is averaged.
    steps_per_epoch : int
        In a whole one; only after such is anything averaged.
    images : tf.Tensor of shape (N, H, W, C)
        The statistics of batch normalization are taken on these.

    Attributes
    ----------
    beside : sequence of keras.Variable
        What is not in the network: the weights, in the order of ``model.weights``, while their
        average is, and the average meanwhile.
    in_network : bool
        Whether the average is in the network.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        settings: OptimisationSettings,
        steps_per_epoch: int,
        images: tf.Tensor,
    ) -> None:
        self._model, self._optimizer, self._images = model, optimizer, images
        self._first, self._steps_per_epoch = settings.first_averaged_epoch, steps_per_epoch
        self._statistics = StatisticsAnew(model)
        self.beside: Sequence[keras.Variable] = [
            keras.Variable(copied(weight), trainable=False) for weight in model.weights
        ]
        self.begin(0)

    def begin(self, done: int) -> None:
        """So many whole epochs are done; network and `beside` are as they were after them."""
        self._averaged = max(0, self._of(done))
        self.in_network = self._averaged > 0

    def __enter__(self) -> None:
        if self.in_network:
            self._exchange()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        epochs, cut_off = divmod(int(self._optimizer.iterations), self._steps_per_epoch)
        grown = not cut_off and self._of(epochs) > self._averaged
        if grown:
            self._add()
        if self._averaged:
            self._exchange()
        if grown:
            self._statistics.take(self._images)

    def _of(self, epochs: int) -> int:
        """How many of these epochs are in the average."""
        return epochs - self._first + 1

    def _add(self) -> None:
        self._averaged += 1
        for weight, average in zip(self._model.weights, self.beside, strict=True):
            now, before = copied(weight), copied(average)
            first = self._averaged == 1
            average.assign(now if first else before + (now - before) / np.float32(self._averaged))

    def _exchange(self) -> None:
        exchange(self._model.weights, self.beside)
        self.in_network = not self.in_network


class StatisticsAnew:
    """Takes the moving statistics of a network anew, with the weights as they are, dropout off.

    Layer by layer: what reaches a batch normalization has passed those ahead of it with their new
    statistics, as in :func:`core.mechanisms.recalibration.recalibrated_statistics`, in graphs that
    are traced once.
    """

    def __init__(self, model: keras.Model) -> None:
        self._graphs = [
            (layer, tf.function(_moments_of(keras.Model(model.input, layer.input))))
            for layer in model.layers
            if isinstance(layer, keras.layers.BatchNormalization)
        ]
        self._traced = False

    def take(self, images: tf.Tensor) -> None:
        """Over all of these images, (N, H, W, C), values in [0, 1], as one batch."""
        # The first calls trace the graphs.
        with contextlib.nullcontext() if self._traced else KERAS_LOCK:
            self._traced = True
            for layer, moments in self._graphs:
                parts = []
                for begin in range(0, len(images), _PASS):
                    piece = images[begin : begin + _PASS]
                    mean, variance = (f.numpy().astype(np.float64) for f in moments(piece))
                    # Each image has as many numbers a channel as any other.
                    parts.append((len(piece), Statistics(mean, variance)))
                found = together(parts)
                layer.moving_mean.assign(found.mean.astype(np.float32))
                layer.moving_variance.assign(found.variance.astype(np.float32))


def _moments_of(ahead: keras.Model) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """Mean and variance of each channel of what leaves a part of a network, dropout off."""

    def moments(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        values = ahead(images, training=False)
        mean, variance = tf.nn.moments(values, list(range(values.shape.rank - 1)))
        return mean, variance

    return moments
