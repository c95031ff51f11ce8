"""The curves of a run while it grows, and a form of them that stays small."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.library.records import BatchLosses, Epoch

FloatArray = npt.NDArray[np.float32]

_RAN_AWAY = 1000.0
"""Nats."""


@dataclass(frozen=True, eq=False)
class Curves:
    """All that a chart of a run needs.

    Attributes
    ----------
    epochs : tuple of Epoch
        The epochs so far.
    batches : BatchLosses
        Every batch so far; more of them than the epochs account for, while one is under way.
    steps_per_epoch : int
        Batches in a whole epoch.
    last_batch : float
        Images in a whole epoch's last batch, relative to the others, in (0, 1].
    """

    epochs: tuple[Epoch, ...]
    batches: BatchLosses
    steps_per_epoch: int
    last_batch: float = 1.0


class GrowingCurves:
    """Curves that one thread appends to while others read; a resumed run has some `before`."""

    def __init__(self, steps_per_epoch: int, before: Curves | None = None) -> None:
        self._steps_per_epoch = steps_per_epoch
        self._lock = threading.Lock()
        self._values = np.empty((3, 1024), np.float32)
        self._steps = 0
        self._epochs: list[Epoch] = []
        if before is not None and before.epochs:
            batches = before.batches
            self._values = np.stack([batches.losses, batches.accuracies, batches.penalties])
            self._steps = len(batches.losses)
            self._epochs += before.epochs

    def add_batch(self, loss: float, accuracy: float, penalty: float = math.nan) -> None:
        """Append one batch's true data loss and accuracy, and the penalty, if it is known."""
        with self._lock:
            if self._steps == self._values.shape[1]:
                self._values = np.concatenate([self._values, np.empty_like(self._values)], axis=1)
            self._values[:, self._steps] = loss, accuracy, penalty
            self._steps += 1

    def add_epoch(self, epoch: Epoch) -> None:
        """Append the figures of an epoch that has ended."""
        with self._lock:
            self._epochs.append(epoch)

    @property
    def steps(self) -> int:
        """Batches so far."""
        return self._steps

    def since(self, step: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Losses, accuracies and penalties of the batches from `step`, counted from 0, on."""
        with self._lock:
            losses, accuracies, penalties = self._values[:, step : self._steps].copy()
        return losses, accuracies, penalties

    def snapshot(self) -> Curves:
        """The curves as they are now; later growth does not change it."""
        with self._lock:
            losses, accuracies, penalties = self._values[:, : self._steps].copy()
            epochs = tuple(self._epochs)
        ends = tuple(epoch.steps for epoch in epochs)
        batches = BatchLosses(losses, accuracies, ends, penalties)
        return Curves(epochs, batches, self._steps_per_epoch)


@dataclass(frozen=True, eq=False)
class ThinnedBatches:
    """Batch losses with at most a given number of points.

    Attributes
    ----------
    steps : ndarray of shape (P,), int64
        After which step, counted from 1, each point was.
    at : ndarray of shape (P,), float64
        Where each point lies, in epochs since the start: 1.5 is the middle of the second epoch.
    values : ndarray of shape (P,), float32
        The true value of that one batch.
    group : int
        Every `group` batches are shown by their lowest and their highest; 1 means all are shown.
    """

    steps: npt.NDArray[np.int64]
    at: npt.NDArray[np.float64]
    values: FloatArray
    group: int


def thinned(values: FloatArray, steps_per_epoch: int, most: int) -> ThinnedBatches:
    """Keep at most `most` of the points, so that no peak and no dip is lost.

    Each group of neighbouring batches is shown by its lowest and its highest value, in the order
    in which they came. No value is averaged: each point is the loss of one real batch.

    Parameters
    ----------
    values : ndarray of shape (S,), float32
        One a batch. Those that are no numbers are left out of a group that holds numbers too.
    steps_per_epoch : int
    most : int
        At least 2.
    """
    if len(values) <= most:
        steps = np.arange(1, len(values) + 1)
        return ThinnedBatches(steps, steps / steps_per_epoch, values, 1)
    group = -(-len(values) // (most // 2))
    groups = -(-len(values) // group)
    flat = np.full(groups * group, np.nan, np.float32)
    flat[: len(values)] = values
    # In a group without any number, the first batch is kept for both.
    low = np.where(np.isnan(flat), np.float32(np.inf), flat).reshape(groups, group)
    high = np.where(np.isnan(flat), np.float32(-np.inf), flat).reshape(groups, group)
    begins = np.arange(groups) * group
    kept = np.unique([begins + low.argmin(axis=1), begins + high.argmax(axis=1)])
    return ThinnedBatches(kept + 1, (kept + 1) / steps_per_epoch, values[kept], group)


def ran_away(curves: Curves) -> bool:
    """Whether a loss grew so large that on an even axis nothing else could be seen.

    One of a thousand nats is far beyond any mistake of a network whose weights have bounds.
    """
    losses = [epoch.validation_loss for epoch in curves.epochs]
    known = np.concatenate([curves.batches.losses, np.array(losses, np.float32)])
    known = known[np.isfinite(known)]
    return bool(len(known)) and float(known.max()) > _RAN_AWAY


def best_epoch(epochs: Sequence[Epoch]) -> Epoch | None:
    """The epoch of the lowest validation loss; a loss that is no number is never the best."""
    known = [epoch for epoch in epochs if np.isfinite(epoch.validation_loss)]
    return min(known, key=lambda epoch: epoch.validation_loss, default=None)
