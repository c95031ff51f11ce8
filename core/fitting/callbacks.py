"""What listens to the training: Keras callbacks that record, keep the best, and stop.

They are plain ``keras.callbacks.Callback``s. The logs they get are truer than those of
``Model.fit``: a batch's `loss` is that batch's own, and the losses are data losses, with the
penalty beside them under its own name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from core.learning.curves import GrowingCurves
from core.library.records import Epoch

Logs = Mapping[str, float]
WeightArrays = list[np.ndarray[Any, Any]]


class CurveRecorder(keras.callbacks.Callback):
    """Writes each batch and each epoch into growing curves, and hands each epoch on.

    Parameters
    ----------
    curves : GrowingCurves
        What is written into.
    keep : callable
        Called at each epoch's end with the epoch and its batches' losses, accuracies and
        penalties.
    """

    def __init__(
        self,
        curves: GrowingCurves,
        keep: Callable[[Epoch, np.ndarray, np.ndarray, np.ndarray], None],
    ) -> None:
        super().__init__()
        self._curves, self._keep = curves, keep
        self._begin = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._begin = self._curves.steps

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            self._curves.add_batch(logs["loss"], logs["accuracy"], logs.get("penalty", math.nan))

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is None:
            return
        batches = self._curves.since(self._begin)
        record = Epoch(
            epoch=epoch + 1,
            steps=self._curves.steps,
            seconds=logs["seconds"],
            running_loss=logs["loss"],
            running_accuracy=logs["accuracy"],
            fair_loss=logs["fair_loss"],
            fair_accuracy=logs["fair_accuracy"],
            validation_loss=logs["val_loss"],
            validation_accuracy=logs["val_accuracy"],
            penalty=logs["penalty"],
            learning_rate=logs["learning_rate"],
        )
        self._curves.add_epoch(record)
        self._keep(record, *batches)


@dataclass(frozen=True, eq=False)
class Best:
    """The state of a network at the end of the best epoch so far.

    Attributes
    ----------
    epoch : int
        1 for the first.
    validation_loss, validation_accuracy : float
        What it reached, dropout off.
    weights : list of ndarray
        A copy, in the order of ``model.weights``.
    """

    epoch: int
    validation_loss: float
    validation_accuracy: float
    weights: WeightArrays


class BestWeights(keras.callbacks.Callback):
    """Remembers the weights of the lowest validation loss; NaN is never the lowest.

    ``keras.callbacks.ModelCheckpoint`` takes a NaN in the first epoch for the best for ever, and
    writes in place, so that a full disk destroys the previous best.

    Parameters
    ----------
    keep : callable
        Called with each new best.
    best : Best, optional
        That of the epochs before a resumed training goes on.

    Attributes
    ----------
    best : Best or None
        The best so far.
    """

    def __init__(self, keep: Callable[[Best], None], best: Best | None = None) -> None:
        super().__init__()
        self._keep = keep
        self.best = best

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        lowest = math.inf if self.best is None else self.best.validation_loss
        if logs is None or not logs["val_loss"] < lowest:
            return
        weights = self.model.get_weights()
        self.best = Best(epoch + 1, logs["val_loss"], logs["val_accuracy"], weights)
        self._keep(self.best)


class Patience(keras.callbacks.Callback):
    """Stops once the validation loss has not improved for some epochs (Prechelt, 1998).

    Parameters
    ----------
    patience : int
        So many.
    before : sequence of float
        The validation losses of the epochs before a resumed training goes on.

    Attributes
    ----------
    ran_out : bool
        Whether it was this that ended the run.
    """

    def __init__(self, patience: int, before: Sequence[float] = ()) -> None:
        super().__init__()
        self._patience = patience
        self._lowest = math.inf
        self._waited = 0
        self.ran_out = False
        for loss in before:
            self._see(loss)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.model.stop_training |= self.ran_out

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            self._see(logs["val_loss"])
            self.model.stop_training |= self.ran_out

    def _see(self, loss: float) -> None:
        if loss < self._lowest:
            self._lowest, self._waited = loss, 0
        else:
            self._waited += 1
            self.ran_out = self._waited >= self._patience


class NotANumber(keras.callbacks.Callback):
    """Stops at the first loss that is not a number any more: no later one will be.

    Attributes
    ----------
    at : tuple of int, or None
        The epoch and the step in it, both from 1, whose loss it was.
    """

    def __init__(self) -> None:
        super().__init__()
        self._epoch = 0
        self.at: tuple[int, int] | None = None

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch + 1

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.at is None and logs is not None and not math.isfinite(logs["loss"]):
            self.at = self._epoch, batch + 1
            self.model.stop_training = True
