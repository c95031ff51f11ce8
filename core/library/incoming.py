"""A run from elsewhere -> the library: whole, or not at all."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import LearnscopeError
from core.library.actions import Actions
from core.library.files import checked_name, write_and_place
from core.library.records import Epoch, Event, Run
from core.library.statements import (
    add_event,
    change_run,
    epoch_values,
    insert_epoch,
    insert_run,
    record_file,
    text_of_changes,
)

_UNFINISHED = 0.0
"""When a run counts as deleted whose files are not all in place: long ago, so that the next start
removes what a killed process left of it."""


@dataclass(frozen=True, eq=False)
class EpochRecord:
    """An epoch with all that belongs to it.

    Attributes
    ----------
    epoch : Epoch
    losses, accuracies : ndarray of shape (S,), float32
        Of its batches.
    penalties : ndarray of shape (S,), float32, or None
        Of its batches; None if they were not recorded.
    movements : dict of str to pair of float
        By layer the norm of its kernel and its relative change.
    """

    epoch: Epoch
    losses: npt.NDArray[np.float32]
    accuracies: npt.NDArray[np.float32]
    penalties: npt.NDArray[np.float32] | None
    movements: dict[str, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class RunRecord:
    """All records of a run that is to come into the library.

    Attributes
    ----------
    run : Run
        It has ended, and its figures are those of `epochs`.
    settings : str
        As a JSON object, just as they were stored.
    epochs : tuple of EpochRecord
        In order.
    events : tuple of Event
        In order.
    """

    run: Run
    settings: str
    epochs: tuple[EpochRecord, ...]
    events: tuple[Event, ...]


class Imports(Actions):
    """What takes runs of other libraries in."""

    def known(self, record: RunRecord) -> Run | None:
        """The run of the library that this is a record of, if it is there and not deleted."""
        try:
            run = self.run(record.run.id)
        except LearnscopeError:
            return None
        same = run.created == record.run.created and run.settings == record.run.settings
        return run if same else None

    def bring_in(self, record: RunRecord, files: Mapping[str, Path]) -> Run:
        """Enter a run with all its records and files; on any failure nothing of it stays.

        It keeps its id, unless a run here, deleted or not, has that already: then it gets another.

        Parameters
        ----------
        record : RunRecord
        files : Mapping of str to Path
            By the name that each shall have; they are copied.

        Raises
        ------
        LearnscopeError
            If the disk does not take it.
        """
        made: list[str] = []
        self._writer.write(lambda connection: made.append(_reserve(connection, record)))
        run_id = made[-1]
        try:
            placed = [self._place(run_id, name, source) for name, source in files.items()]
            now = self._clock()
            self._writer.write(lambda connection: _enter(connection, run_id, record, placed, now))
        except BaseException:
            shutil.rmtree(self._folder(run_id), ignore_errors=True)
            with suppress(LearnscopeError):
                self._writer.write(lambda connection: _forget(connection, run_id))
            raise
        return self.run(run_id)

    def _place(self, run_id: str, name: str, source: Path) -> tuple[str, str, int]:
        """Copy a file into the run's folder; its name, its SHA-256 and its bytes."""
        noted: list[tuple[str, str, int]] = []
        write_and_place(
            self._folder(run_id) / checked_name(name),
            partial(shutil.copyfile, source),
            None,
            lambda digest, size: noted.append((name, digest, size)),
        )
        return noted[-1]


def _reserve(connection: sqlite3.Connection, record: RunRecord) -> str:
    """Take the run's id, or another one if that is taken, for a run that nobody sees yet."""
    run = record.run
    run_id = insert_run(connection, run.name, run.created, record.settings)
    if connection.execute("SELECT 1 FROM runs WHERE id = ?", (run.id,)).fetchone() is None:
        connection.execute("UPDATE runs SET id = ? WHERE id = ?", (run.id, run_id))
        run_id = run.id
    change_run(connection, run_id, "state = ?, deleted = ?", (str(run.state), _UNFINISHED))
    return run_id


def _enter(
    connection: sqlite3.Connection,
    run_id: str,
    record: RunRecord,
    placed: list[tuple[str, str, int]],
    now: float,
) -> None:
    """All at once: the records, the files, and that the run is there."""
    for one in record.epochs:
        values = epoch_values(
            run_id, one.epoch, one.losses, one.accuracies, one.movements, one.penalties
        )
        insert_epoch(connection, values, now)
    for event in record.events:
        add_event(connection, run_id, event.at, event.kind, event.words, event.epoch, event.step)
    for name, digest, size in placed:
        record_file(connection, (run_id, name, digest, None, now, size))
    run = record.run
    began = next((event.at for event in record.events if event.kind == "started"), None)
    known = {
        "sentence": run.sentence,
        "epochs_done": run.epochs_done,
        "best_epoch": run.best_epoch,
        "best_validation_loss": run.best_validation_loss,
        "best_validation_accuracy": run.best_validation_accuracy,
        "test_loss": run.test_loss,
        "test_accuracy": run.test_accuracy,
        "test_images": run.test_images,
        "weights": run.weights,
        "seconds": run.seconds,
        "versions": json.dumps(run.versions),
        "fingerprint": run.fingerprint,
        "tags": json.dumps(run.tags),
        "remark": run.remark,
        "changes": text_of_changes(run.changes),
        "started": began,
        "deleted": None,
    }
    assignments = ", ".join(f"{name} = ?" for name in known)
    change_run(connection, run_id, assignments, list(known.values()))


def _forget(connection: sqlite3.Connection, run_id: str) -> None:
    connection.execute("DELETE FROM runs WHERE id = ? AND deleted = ?", (run_id, _UNFINISHED))
