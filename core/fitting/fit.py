"""The training loop: epochs of graph calls, Keras callbacks, and a score at each epoch's end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from core.augmentation.batches import Augmentation
from core.data import Splits
from core.fitting.averaging import average_of
from core.fitting.knobs import Knobs
from core.fitting.steps import Evaluation, Score, StopFlag, TrainingSteps, order_of_epoch
from core.keras_state import KERAS_LOCK
from core.predictions.stored import Predictions
from core.settings import OptimisationSettings

_CALL_SECONDS = 0.1
"""How long one graph call should take: the chart can move after each."""


class Fit:
    """Trains a network on the training part, and scores it after each epoch.

    Parameters
    ----------
    model : keras.Model
        As :func:`core.model.build_network` makes it.
    optimizer : keras.optimizers.Optimizer
        Moves its weights.
    splits : Splits
        The data. The test part is not touched here.
    settings : OptimisationSettings
        Batch size, epochs and seed.
    stop : StopFlag
        Ends the training within one batch.
    label_smoothing : float
        For the steps alone; all losses are taken against the labels as they are.
    augmentation : Augmentation, optional
        Alters the batches that are learnt from, and none that is scored.
    knobs : Knobs, optional
        Changes settings between two steps; who asks it to pauses the flag.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        splits: Splits,
        settings: OptimisationSettings,
        stop: StopFlag,
        label_smoothing: float = 0.0,
        augmentation: Augmentation | None = None,
        knobs: Knobs | None = None,
    ) -> None:
        self._settings, self._stop, self._knobs = settings, stop, knobs
        self._model, self._optimizer = model, optimizer
        # Where Keras's own callbacks look for it.
        model.optimizer = optimizer
        self._images = len(splits.training_images)
        with KERAS_LOCK:
            self._steps = TrainingSteps(
                model,
                optimizer,
                splits.training_images,
                splits.training_labels,
                settings.batch_size,
                stop,
                label_smoothing,
                augmentation,
            )
        self._evaluation = Evaluation(model)
        self._fair = _in_memory(splits.fair_images, splits.fair_labels)
        self._validation = _in_memory(splits.validation_images, splits.validation_labels)
        with KERAS_LOCK:
            self._average = average_of(
                model, optimizer, settings, self.steps_per_epoch, self._fair[0]
            )
        self._count = 1
        self._traced = self._scored = False

    @property
    def steps_per_epoch(self) -> int:
        """Batches in a whole epoch."""
        return self._steps.steps_per_epoch

    @property
    def beside(self) -> Sequence[keras.Variable]:
        """What is kept beside network and optimizer, and belongs to the state of the training."""
        return () if self._average is None else self._average.beside

    def run(
        self,
        callbacks: Sequence[keras.callbacks.Callback],
        made: Callable[[], None],
        done: int = 0,
        seconds: float = 0.0,
    ) -> None:
        """Train until the last epoch is done, a callback stops it, or the flag is raised.

        With averaged weights, these are in the network whenever no epoch is under way: they are
        scored, told to the callbacks at an epoch's end, and stay in the end.

        Parameters
        ----------
        callbacks : sequence of keras.callbacks.Callback
            Called as Keras calls them. ``on_train_batch_end`` gets each batch's own data loss and
            accuracy, and the `penalty` of the weights before its step; ``on_epoch_end`` gets `loss`
            and `accuracy` (means over the epoch's images, dropout on), `fair_loss`,
            `fair_accuracy`, `val_loss`, `val_accuracy` (dropout off), `penalty`, `learning_rate`
            and `seconds`. The last epoch ends in this way also when it was cut short, as long as no
            step in it failed; only if it is not the first, its scores are NaN then, so that a stop
            does not wait for them.
        made : callable
            Called after each graph call.
        done : int
            Epochs that the network, the optimizer and the callbacks have behind them already.
        seconds : float
            How long these took.
        """
        if self._average is not None:
            self._average.begin(done)
        listeners = keras.callbacks.CallbackList(list(callbacks), model=self._model)
        self._model.stop_training = False
        began = time.perf_counter() - seconds
        listeners.on_train_begin()
        for epoch in range(done, self._settings.epochs):
            if self._ended:
                break
            listeners.on_epoch_begin(epoch)
            with self._average or contextlib.nullcontext():
                losses, accuracies = self._epoch(epoch, listeners, made)
            if not len(losses):
                break
            logs = _means(losses, accuracies, self._settings.batch_size, self._images)
            logs |= self._scores(epoch, whole=len(losses) == self.steps_per_epoch)
            logs["learning_rate"] = float(self._optimizer.learning_rate)
            logs["seconds"] = time.perf_counter() - began
            listeners.on_epoch_end(epoch, logs)
        listeners.on_train_end()

    def predict(
        self, epoch: int, test_images: np.ndarray, test_labels: np.ndarray
    ) -> tuple[Score, Predictions]:
        """What the network says, as it is now, of the validation part and of the test part.

        Parameters
        ----------
        epoch : int
            The one whose weights it has.
        test_images : ndarray of shape (N, H, W, C)
        test_labels : ndarray of shape (N,)

        Returns
        -------
        score : Score
            On the test part, from the same pass as its predictions, dropout off.
        predictions : Predictions
        """
        with KERAS_LOCK:
            _, validation = self._evaluation.predict(*self._validation)
            score, test = self._evaluation.predict(*_in_memory(test_images, test_labels))
        labels = self._validation[1].numpy()
        return score, Predictions(epoch, validation.numpy(), labels, test.numpy(), test_labels)

    @property
    def _ended(self) -> bool:
        return bool(self._model.stop_training) or self._stop.raised

    def _epoch(
        self, epoch: int, listeners: keras.callbacks.CallbackList, made: Callable[[], None]
    ) -> tuple[np.ndarray, np.ndarray]:
        order = order_of_epoch(self._settings.seed, epoch + 1, self._images)
        self._steps.begin(epoch + 1)
        losses: list[float] = []
        accuracies: list[float] = []
        while len(losses) < self.steps_per_epoch and not self._ended:
            first = len(losses)
            self._turn(epoch, first)
            for loss, accuracy, penalty in zip(*self._call(order, epoch, first), strict=True):
                losses.append(float(loss))
                accuracies.append(float(accuracy))
                logs = {"loss": losses[-1], "accuracy": accuracies[-1], "penalty": float(penalty)}
                listeners.on_train_batch_end(len(losses) - 1, logs)
            made()
        return np.array(losses, np.float32), np.array(accuracies, np.float32)

    def _turn(self, epoch: int, first: int) -> None:
        """Change the settings that are to change before step `first` of an epoch, both from 0."""
        # First, so that whoever asks from here on is heard before the next step but one.
        self._stop.go_on()
        made = epoch * self.steps_per_epoch + first
        if self._knobs is not None and self._knobs.turn(made, epoch + 1):
            self._steps.forget_graph()
            self._evaluation.forget_penalty()
            self._traced = self._scored = False

    def _call(self, order: np.ndarray, epoch: int, first: int) -> tuple[np.ndarray, ...]:
        """One graph call, of as many steps as go into a tenth of a second."""
        count = min(self._count, self.steps_per_epoch - first)
        if self._knobs is not None:
            count = min(count, self._knobs.room(epoch * self.steps_per_epoch + first) or count)
        if not self._traced:
            # The first call traces the graph, which reads and writes Keras's global state.
            with KERAS_LOCK:
                self._traced = True
                return self._steps.run(order, first, count)
        began = time.perf_counter()
        values = self._steps.run(order, first, count)
        took = time.perf_counter() - began
        wanted = int(count * _CALL_SECONDS / max(took, 1e-6))
        self._count = max(1, min(wanted, 2 * count))
        return values

    def _scores(self, epoch: int, whole: bool) -> dict[str, float]:
        """What the network reaches, dropout off, and its penalty."""
        names = ("fair_loss", "fair_accuracy", "val_loss", "val_accuracy", "penalty")
        if not whole and epoch > 0:
            return dict.fromkeys(names, np.nan)
        # The first call traces the graph.
        with contextlib.nullcontext() if self._scored else KERAS_LOCK:
            self._scored = True
            fair = self._evaluation.score(*self._fair)
            validation = self._evaluation.score(*self._validation)
            penalty = self._evaluation.penalty()
        values = (fair.loss, fair.accuracy, validation.loss, validation.accuracy, penalty)
        return dict(zip(names, values, strict=True))


def _in_memory(images: np.ndarray, labels: np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.constant(images, tf.float32), tf.constant(labels, tf.int64)


def _means(
    losses: np.ndarray, accuracies: np.ndarray, batch_size: int, images: int
) -> dict[str, float]:
    """Means over the images seen; the last batch of an epoch may hold fewer of them."""
    begins = batch_size * np.arange(len(losses))
    sizes = np.minimum(batch_size, images - begins)
    return {
        "loss": float(np.average(losses, weights=sizes)),
        "accuracy": float(np.average(accuracies, weights=sizes)),
    }
