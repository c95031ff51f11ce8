"""The average of the weights over the steps, which Keras's optimizers keep: in and out again."""

from __future__ import annotations

from types import TracebackType

import keras

from core.fitting.training_state import copied


class AveragedWeights:
    """Exchanges the weights of a network and their average; within it, the weights are in.

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
        for weight, average in zip(self._model.trainable_variables, averages, strict=True):
            held = copied(weight)
            weight.assign(copied(average))
            average.assign(held)
        self.in_network = not self.in_network
