"""What a training puts on record of its epochs."""

from __future__ import annotations

import contextlib
import logging
import math
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt

from core.library.actions import Actions
from core.library.epoch_log import EPOCHS_FILE, EpochLog
from core.library.records import Epoch
from core.library.statements import (
    BEST_COLUMNS,
    change_run,
    epoch_values,
    insert_epoch,
)
from core.library.states import StoredState, make_resumable

WITHIN = 1.0
"""Seconds within which the database holds an epoch. Until then it stands in the run's log."""

_log = logging.getLogger("learnscope.runs")


class Recording(Actions):
    """Epochs on their way to the disk; :class:`core.runs.Library` has the rest of a run."""

    def __init__(self, home: Path, clock: Callable[[], float], address: str) -> None:
        self._logs: dict[str, EpochLog] = {}
        super().__init__(home, clock, address)

    def close(self) -> None:
        """Write what waits, let others see that nobody looks after the runs here, and let go."""
        super().close()
        for log in self._logs.values():
            log.close()

    def record_epoch(
        self,
        run_id: str,
        epoch: Epoch,
        batch_losses: npt.ArrayLike,
        batch_accuracies: npt.ArrayLike,
        movements: Mapping[str, tuple[float, float]] | None = None,
        batch_penalties: npt.ArrayLike | None = None,
        state: StoredState | None = None,
    ) -> Callable[[], None]:
        """Keep an epoch's figures and its batches; they outlive the process from here on.

        Without a state they go to the run's log, and within a second to the database, together
        with what else comes by then.

        Parameters
        ----------
        run_id : str
            A run that was started.
        epoch : Epoch
            Its figures; recorded again, an epoch replaces what was there.
        batch_losses, batch_accuracies : array_like of shape (S,)
            The true data loss and the accuracy, in [0, 1], of each of its S batches.
        movements : Mapping, optional
            By layer the norm of its kernel and its relative change, as in :class:`Movement`.
        batch_penalties : array_like of shape (S,), optional
            The L1 and L2 terms of the weights before each of those steps.
        state : StoredState, optional
            That of the training at the epoch's end, as :meth:`place_state` gave it: from now on
            the run can go on after this epoch. Waits until this is written.

        Returns
        -------
        callable
            Waits until it would outlive the process, if it would not yet. If the disk refuses, it
            is tried again and :meth:`trouble` tells.

        Raises
        ------
        LearnscopeError
            If there is a state, and the disk refuses: neither of the two is recorded then.
        """
        values = epoch_values(
            run_id, epoch, batch_losses, batch_accuracies, movements or {}, batch_penalties
        )
        now = self._clock()
        if state is None:
            return self._record_soon(run_id, values, now)

        def record(connection: sqlite3.Connection) -> None:
            insert_epoch(connection, values, now)
            make_resumable(connection, run_id, epoch.epoch, state, now)

        self._writer.write(record)
        return lambda: None

    def record_best(
        self, run_id: str, epoch: int, validation_loss: float, validation_accuracy: float
    ) -> None:
        """Keep which epoch is the best; returns at once. A loss that is no number is never best."""
        if not math.isfinite(validation_loss):
            return
        values = (int(epoch), float(validation_loss), float(validation_accuracy))
        self._writer.submit(lambda connection: change_run(connection, run_id, BEST_COLUMNS, values))

    def _record_soon(self, run_id: str, values: tuple[Any, ...], now: float) -> Callable[[], None]:
        def insert(connection: sqlite3.Connection) -> None:
            insert_epoch(connection, values, now)

        self.refuse_to_look_only()
        epoch, log = int(values[1]), self._log_of(run_id)
        try:
            log.append(epoch, [now, *values])
        except OSError as error:
            _log.warning("Epoch %d goes past the log of run %s: %s", epoch, run_id, error)
            return self._writer.begin(insert)
        self._writer.submit_within(WITHIN, insert, lambda: log.settle(epoch))
        return lambda: None

    def _log_of(self, run_id: str) -> EpochLog:
        log = self._logs.get(run_id)
        if log is None:
            folder = self._folder(run_id)
            # A library that is gone shall not be made anew.
            if self._database.exists():
                with contextlib.suppress(OSError):  # The log itself will say so.
                    folder.mkdir(parents=True, exist_ok=True)
            log = self._logs[run_id] = EpochLog(folder / EPOCHS_FILE)
        return log

    def _end_log(self, run_id: str) -> None:
        """The database holds all epochs, and no more will come."""
        log = self._logs.pop(run_id, None)
        if log is not None:
            log.remove()
