"""The end of an epoch, put together from what the callbacks say, and handed to the disk."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, replace

import keras
import numpy as np

from core.fitting.callbacks import Best
from core.fitting.epoch_writer import EpochWriter, Record
from core.fitting.training_state import captured
from core.library.records import Epoch

STATE_SECONDS = 1.0
"""Least time between two states. Epochs that are shorter are on record all the same, and a resumed
run makes the few after its state again, bit for bit, before it goes on."""
STATE_SHARE = 0.0025
"""Of the time, what states may take. After one that took more than this share of a second the next
comes as much later, so that a large network, too, makes again what took it four hundred states."""


class EpochEnds:
    """Gathers an epoch's record and its new best, and hands them over, now and then with a state.

    Parameters
    ----------
    writer : EpochWriter
        Gets all of it.
    better : callable
        Called with each new best, once its epoch is on record.
    best : Best or None
        That of the epochs before.
    again : sequence of Epoch
        Epochs that are on record and are made again by a resumed run: nothing is written for them.
    go_on : callable
        Called once they are through, with the last epoch that came out as it is on record, and
        whether all did. Not called if there are none.
    """

    def __init__(
        self,
        writer: EpochWriter,
        better: Callable[[Best], None],
        best: Best | None,
        again: Sequence[Epoch],
        go_on: Callable[[int, bool], None],
    ) -> None:
        self._writer, self._better, self.best_so_far = writer, better, best
        self._again = {epoch.epoch: epoch for epoch in again}
        self._go_on = go_on
        self._epoch: Epoch | None = None
        self._record: Record | None = None
        self._last_state = -math.inf

    @property
    def makes_again(self) -> bool:
        """Whether an epoch that is on record is being made again."""
        return bool(self._again)

    def record(self, epoch: Epoch, record: Record) -> None:
        """The epoch has ended with these figures, which `record` puts on record."""
        self._epoch, self._record = epoch, record

    def best(self, best: Best) -> None:
        """The epoch is the best so far."""
        self.best_so_far = best

    def hand_over(
        self,
        steps_per_epoch: int,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        beside: Sequence[keras.Variable],
    ) -> None:
        """All callbacks have seen the end of the epoch.

        Parameters
        ----------
        steps_per_epoch : int
            In a whole one.
        model, optimizer : keras.Model, keras.optimizers.Optimizer
            Whose state is kept.
        beside : sequence of keras.Variable
            What belongs to it besides.
        """
        ended, record, best = self._epoch, self._record, self.best_so_far
        if ended is None or record is None:
            return
        is_best = best is not None and best.epoch == ended.epoch
        state, now = None, time.monotonic()
        # After an epoch that was cut short, or that no longer holds numbers, nothing can go on.
        whole = ended.steps == ended.epoch * steps_per_epoch
        if self._is_made_again(ended, whole):
            return
        if whole and math.isfinite(ended.running_loss) and now - self._last_state >= self._pause():
            self._last_state = now
            older = [] if best is None or is_best else best.weights
            state = captured(ended.epoch, model, optimizer, beside, older)
        then = functools.partial(self._better, best) if best is not None and is_best else None
        self._writer.give(record, state, then)
        self._epoch = self._record = None

    def _pause(self) -> float:
        return STATE_SECONDS * max(1.0, self._writer.state_seconds / STATE_SHARE)

    def _is_made_again(self, ended: Epoch, whole: bool) -> bool:
        """Whether it stays on record as it is, for it came out the same, or was cut short."""
        known = self._again.pop(ended.epoch, None)
        if known is None:
            return False
        same = np.array_equal(_figures(ended), _figures(known), equal_nan=True)
        if whole and not same:
            self._again.clear()
            self._go_on(ended.epoch - 1, False)
        elif whole and not self._again:
            self._go_on(ended.epoch, True)
        return same or not whole


def _figures(epoch: Epoch) -> list[float]:
    return [*astuple(replace(epoch, seconds=0.0))]
