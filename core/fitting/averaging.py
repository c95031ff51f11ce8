"""The average of the weights that is scored in their place, put in and out of the network."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

import keras
import tensorflow as tf

from core.fitting.equal_average import EqualAverage
from core.fitting.training_state import exchange
from core.settings import OptimisationSettings


class Average(Protocol):
    """Exchanges the weights of a network and their average; within it, the weights are in.

    Attributes
    ----------
    beside : sequence of keras.Variable
        What it keeps beside the network and the optimizer, and has to have again to go on.
    """

    beside: Sequence[keras.Variable]

    def begin(self, done: int) -> None:
        """So many whole epochs are done; all variables are as they were after them."""

    def __enter__(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def average_of(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    settings: OptimisationSettings,
    steps_per_epoch: int,
    images: tf.Tensor,
) -> Average | None:
    """The average that the settings ask for; None if they ask for none.

    Parameters
    ----------
    model : keras.Model
    optimizer : keras.optimizers.Optimizer
        Built with the weights of the model.
    settings : OptimisationSettings
    steps_per_epoch : int
    images : tf.Tensor of shape (N, H, W, C)
        The statistics of batch normalization are taken anew on these, where the average asks for
        that.
    """
    if settings.averaging == "swa":
        return EqualAverage(model, optimizer, settings, steps_per_epoch, images)
    return MovingAverage(model, optimizer) if settings.averaging == "ema" else None


class MovingAverage:
    """The average over the steps that Keras's optimizers keep; within it, the weights are in.

    ``keras.callbacks.SwapEMAWeights`` adds and subtracts the two, which rounds: a network that was
    looked at would no longer be the one that was not.

    Parameters
    ----------
    model : keras.Model
    optimizer : keras.optimizers.Optimizer
        Keeps the average (Polyak & Juditsky, 1992): after the first step it is the weights
        themselves, after each later one m times itself and 1 - m times the weights, with momentum
        m. It is built with the weights of the model.

    Attributes
    ----------
    in_network : bool
        Whether the average is in the network, and the weights in its place in the optimizer.
    """

    def __init__(self, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        self._model, self._optimizer = model, optimizer
        self.in_network = False
        self.beside: Sequence[keras.Variable] = ()

    def begin(self, done: int) -> None:
        """So many whole epochs are done; all variables are as they were after them."""
        self.in_network = done > 0

    def __enter__(self) -> None:
        if self.in_network:
            self._exchange()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Before the first step there is no average.
        if int(self._optimizer.iterations):
            self._exchange()

    def _exchange(self) -> None:
        averages = self._optimizer._model_variables_moving_average
        exchange(self._model.trainable_variables, averages)
        self.in_network = not self.in_network
