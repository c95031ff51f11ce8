"""What stands in the place of the store while its price is taken: nothing, or it by turns."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any
from unittest import mock

import core.fitting.listeners
import core.fitting.one_run
from core.fitting.callbacks import Best
from core.fitting.epoch_ends import EpochEnds
from core.fitting.kept_epochs import NetworkRecorder
from core.fitting.kernel_callbacks import KernelRecorder
from core.library.recording import WITHIN
from core.runs import Run, State
from core.settings import Settings

STRETCH = 3.0
"""Seconds for which all or nothing is kept, at least."""
SETTLED = WITHIN + 0.2
"""Seconds after which nothing is written any more of what was recorded before."""


class Turns:
    """Says after each epoch whether something of it is kept, and notes how long each took.

    Some seconds of epochs that are kept and some of epochs that are not take turns. Epochs that
    begin at the change are not counted, for the database gets its records within a moment.

    Parameters
    ----------
    epochs : int
        Of the run.
    first : bool
        Whether its first stretch is kept.

    Attributes
    ----------
    keeps : bool
        What it said last.
    stretches : list of tuple of bool and list of float
        Whether each was kept, and how long its epochs took, from the end of one to that of the
        next.
    between : float
        The same of all epochs together, also of those that are not counted.
    """

    def __init__(self, epochs: int, first: bool) -> None:
        self._left = epochs
        self._last = self._began = self._counts_from = 0.0
        self.keeps, self._next, self.between = True, first, 0.0
        self.stretches: list[tuple[bool, list[float]]] = []

    @property
    def is_last(self) -> bool:
        """Whether the last epoch has ended, of which everything is kept."""
        return not self._left

    def end_epoch(self) -> None:
        """An epoch has ended."""
        now = time.perf_counter()
        if self._last:
            self.between += now - self._last
            if self._last >= self._counts_from:
                self.stretches[-1][1].append(now - self._last)
        self._left -= 1
        if self.is_last:
            self.keeps = True
        elif now - self._began >= STRETCH:
            # Before the first stretch there was nothing to be written.
            self._counts_from = now + SETTLED if self._last else now
            self.keeps, self._next, self._began = self._next, not self._next, now
            self.stretches.append((self.keeps, []))
        self._last = now


class Nothing:
    """In the place of a library, a checkpoint writer and an epoch writer: keeps nothing."""

    def __init__(self, *_: object) -> None:
        self.trouble, self.lost = "", {}
        self.stored: Best | None = None
        self.ended: State | None = None

    def give(self, best: Best, *_: object) -> None:
        """What is the best is remembered, for it is tested."""
        self.stored = best

    def finish(self, run_id: str, state: State, sentence: str, *_: object) -> None:
        """The end."""
        self.ended = state

    def save(self, *_: object) -> bool:
        """All is well."""
        return True

    def save_file(self, *_: object) -> str:
        """No trouble."""
        return ""

    def events(self, run_id: str) -> list[object]:
        """None."""
        return []

    def ignore(self, *_: object, **__: object) -> None:
        """Whatever else is told."""

    start = flush = record_epoch = record_event = record_best = place_state = store_file = ignore
    hold = give_file = wait = close = hand_over = record = best = store_together = ignore


class NoLibrary(Nothing):
    """In the place of a library that knows one run."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def run(self, run_id: str) -> Run:
        """The record of a run, which is nowhere on record."""
        return Run(run_id, "", 0.0, State.RUNNING, self._settings)


class NoKernels(KernelRecorder):
    """Does not look at the kernels."""

    turns: Turns

    def on_train_begin(self, logs: object = None) -> None:
        """Nothing."""

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Here an epoch ends."""
        self.turns.end_epoch()


class SomeKernels(KernelRecorder):
    """Looks at them if it is its turn; the first part of the store that does."""

    turns: Turns

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Here an epoch ends."""
        self.turns.end_epoch()
        if self.turns.keeps:
            super().on_epoch_end(epoch, logs)


class NoNetworks(NetworkRecorder):
    """Keeps no network."""

    def on_train_begin(self, logs: object = None) -> None:
        """Nothing."""

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Nothing."""


class SomeNetworks(NetworkRecorder):
    """Keeps the network after every few epochs, if it is its turn."""

    turns: Turns

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """An epoch has ended, and it is clear whose turn it is."""
        if self.turns.keeps:
            super().on_epoch_end(epoch, logs)


class NoEnds(Nothing):
    """Hands a new best on, for it is tested, and no state."""

    makes_again = False

    def __init__(self, _: object, better: Any, *__: object) -> None:
        super().__init__()
        self.best = better


class SomeEnds(EpochEnds):
    """Hands over what an epoch leaves if it is its turn."""

    turns: Turns

    def hand_over(self, *arguments: Any) -> None:
        """The epoch, or nothing; in the end the best, which may have been passed over."""
        if self.turns.keeps:
            super().hand_over(*arguments)
        elif time.monotonic() - self._last_state >= self._pause():
            self._last_state = time.monotonic()
        if self.turns.is_last and self.best_so_far is not None:
            self._better(self.best_so_far)


def no_form(*_: object) -> Future[None]:
    """Keras is not asked what a file of the network looks like."""
    form: Future[None] = Future()
    form.set_result(None)
    return form


@contextlib.contextmanager
def nothing_is_kept() -> Iterator[None]:
    """What listens to the training writes nothing, and copies nothing for it."""
    stand_ins: dict[str, Any] = {
        "CheckpointWriter": Nothing,
        "EpochWriter": Nothing,
        "EpochEnds": NoEnds,
        "KernelRecorder": NoKernels,
        "NetworkRecorder": NoNetworks,
    }
    with (
        mock.patch.multiple(core.fitting.listeners, **stand_ins),
        mock.patch.object(core.fitting.one_run, "form_between_steps", no_form),
    ):
        yield


@contextlib.contextmanager
def some_epochs_are_kept() -> Iterator[None]:
    """Whatever the app keeps, but not of every epoch."""
    stand_ins: dict[str, Any] = {
        "EpochEnds": SomeEnds,
        "KernelRecorder": SomeKernels,
        "NetworkRecorder": SomeNetworks,
    }
    with mock.patch.multiple(core.fitting.listeners, **stand_ins):
        yield
