"""What each epoch leaves -> the run library, written beside the training, in a safe order."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from core.errors import LearnscopeError
from core.library.state_file import TrainingState, check_state, write_state
from core.library.states import StoredState

_log = logging.getLogger("learnscope.checkpoints")
Place = Callable[[Callable[[Path], None], Callable[[Path], None]], StoredState]


class Record(Protocol):
    """Puts an epoch on record, with the state at its end if there is one.

    Without one it returns at once, and what it returns waits until a kill would not cost the epoch.
    """

    def __call__(self, *, state: StoredState | None = None) -> Callable[[], None]: ...


class EpochWriter:
    """Records each epoch, and in a thread the state of the training at its end together with it.

    Whoever waits before an epoch ends, and then gives it, loses at most one that has ended.

    Parameters
    ----------
    place : callable
        Puts a state on the disk; called with a function that writes it to a path, and one that
        checks it there.

    Attributes
    ----------
    trouble : str
        Why the newest state is not on the disk, in a sentence; empty if all is well. Its epoch
        is on record all the same.
    state_seconds : float
        How long the newest state took on its way to the disk.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._changed = threading.Condition()
        self._waiting: Callable[[], None] | None = None
        self._written: Callable[[], None] = lambda: None
        self._closing = False
        self._failure: Exception | None = None
        self.trouble = ""
        self.state_seconds = 0.0
        self._thread = threading.Thread(target=self._work, name="epochs", daemon=True)
        self._thread.start()

    def give(
        self, record: Record, state: TrainingState | None, then: Callable[[], None] | None = None
    ) -> None:
        """Have an epoch recorded; returns once the one before it is on the disk.

        Parameters
        ----------
        record : callable
            Records the epoch.
        state : TrainingState or None
            None if no state of this epoch is to be kept.
        then : callable, optional
            Called when the record is handed over: what it has written comes after it.

        Raises
        ------
        LearnscopeError
            If the record, or that of an earlier epoch, could not even be handed over.
        """
        self.wait()
        if state is None:
            # The library writes in a thread of its own, and a third would only cost turns.
            self._written = record()
            if then is not None:
                then()
            return
        with self._changed:
            self._waiting = functools.partial(self._keep, record, state, then)
            self._changed.notify_all()

    def wait(self) -> None:
        """Return once all that was given is on the disk."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is None)
        self._written()
        self._raise_failure()

    def close(self) -> None:
        """Wait until the last epoch is recorded, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        self._written()
        self._raise_failure()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting is not None or self._closing)
                work = self._waiting
            if work is None:
                return
            try:
                work()
            except Exception as error:
                self._failure = error
            with self._changed:
                self._waiting = None
                self._changed.notify_all()

    def _keep(self, record: Record, state: TrainingState, then: Callable[[], None] | None) -> None:
        if not self._recorded_with(record, state):
            record()()
        if then is not None:
            then()

    def _recorded_with(self, record: Record, state: TrainingState) -> bool:
        write, check = (functools.partial(part, state) for part in (write_state, check_state))
        began = time.monotonic()
        try:
            placed = self._place(write, check)
            self.state_seconds = time.monotonic() - began
            record(state=placed)
        except LearnscopeError as error:
            self.trouble = str(error)
            _log.warning("The state after epoch %d was not stored: %s", state.epoch, error)
        else:
            self.trouble = ""
        return not self.trouble

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
