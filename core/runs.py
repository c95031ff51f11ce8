"""The run library: what was trained, how it went, and the checkpoints, kept on disk.

Records and metrics stand in SQLite, and each run has a folder of files. Many threads and processes
may read one library at a time; one process writes, in one thread, so that recording costs a
training thread only the way into a queue.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs

from core.errors import LearnscopeError
from core.library.files import checked_name, remove_states, sha256_of, write_and_place
from core.library.incoming import Imports
from core.library.records import BatchLosses, Epoch, Event, Movement, Run, State, run_name
from core.library.resuming import Resuming
from core.library.statements import (
    STALE,
    add_change,
    add_event,
    change_run,
    insert_run,
    plain,
    record_file,
    start_run,
)
from core.library.states import forget_state
from core.settings import Change, Settings, to_mapping

__all__ = [
    "STALE",
    "BatchLosses",
    "Epoch",
    "Event",
    "Library",
    "Movement",
    "Run",
    "State",
    "library_home",
]


def library_home() -> Path:
    """The folder of the run library: LEARNSCOPE_HOME, or one in the user's data directory."""
    chosen = os.environ.get("LEARNSCOPE_HOME", "").strip()
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("learnscope")


class Library(Resuming, Imports):
    """The runs in one folder, which one process at a time writes to.

    The first one to open a library holds it until it closes it, or ends. Opened by another in the
    meantime, or on a disk that may not be written, it can be looked at: all that would change it
    raises a LearnscopeError that says why, which :attr:`obstacle` holds as well.

    A run that was created or started here is given a sign of life every few seconds until it ends,
    as long as this object is open; without one for :data:`STALE` seconds it counts as interrupted.

    Parameters
    ----------
    home : Path
        The folder; made if there is none.
    clock : callable
        The time in seconds since 1970.
    address : str
        Where this process shows its pages, to be told to others; empty if nowhere.

    Raises
    ------
    LearnscopeError
        If there is nothing to look at: the folder cannot be made, or the database in it is
        damaged, of a newer version, missing beside its runs, or not ours.
    """

    def __init__(
        self, home: Path, clock: Callable[[], float] = time.time, address: str = ""
    ) -> None:
        super().__init__(home, clock, address)
        self._placing: dict[Path, threading.Lock] = {}

    # Runs

    def create(self, settings: Settings, name: str = "") -> Run:
        """Enter a new run, waiting for its turn; without a name it is called by its settings."""
        created = self._clock()
        values = (run_name(name, settings), created, json.dumps(to_mapping(settings)))
        made: list[str] = []
        self._writer.write(lambda connection: made.append(insert_run(connection, *values)))
        self._alive.add(made[-1])
        return self.run(made[-1])

    # How a run goes

    def start(
        self,
        run_id: str,
        weights: int | None = None,
        versions: Mapping[str, str] | None = None,
        fingerprint: str | None = None,
        wait: bool = True,
    ) -> None:
        """Its turn has come. May be called again, once more of it is known, without waiting."""
        known = (weights, None if versions is None else json.dumps(dict(versions)), fingerprint)
        now = self._clock()
        written = self._writer.begin(lambda connection: start_run(connection, run_id, now, known))
        if wait:
            written()
        self._alive.add(run_id)

    def finish(
        self,
        run_id: str,
        state: State,
        sentence: str,
        test_loss: float | None = None,
        test_accuracy: float | None = None,
        test_images: int | None = None,
    ) -> None:
        """Keep how a run ended, and what its best checkpoint reaches on the test part.

        Waits until it is written. If the disk refuses, it is tried again and :meth:`trouble` tells.
        One that was stopped by a person can go on from its last state; the others need it no more.
        """
        if not state.ended:
            raise ValueError(f"{state!r} is not an end")
        self._alive.discard(run_id)
        now = self._clock()
        assignments = "state = ?, sentence = ?, test_loss = ?, test_accuracy = ?, test_images = ?"
        values = (str(state), sentence, *map(plain, (test_loss, test_accuracy, test_images)))

        def end(connection: sqlite3.Connection) -> None:
            change_run(connection, run_id, assignments, values)
            add_event(connection, run_id, now, str(state), sentence)
            if state is not State.STOPPED:
                forget_state(connection, run_id)

        self._writer.begin(end)()
        if self.trouble() is None:
            self._end_log(run_id)
            if state is not State.STOPPED:
                remove_states(self._folder(run_id))

    def record_event(
        self, run_id: str, kind: str, words: str, epoch: int | None = None, step: int | None = None
    ) -> None:
        """Keep that something happened, as in :class:`Event`; returns at once."""
        now = self._clock()
        self._writer.submit(
            lambda connection: add_event(connection, run_id, now, kind, words, epoch, step)
        )

    def record_change(self, run_id: str, change: Change) -> None:
        """Keep that a setting is changed in mid-run, also when it is resumed; waits for the disk.

        Raises
        ------
        LearnscopeError
            If the disk refuses it: nothing is on record then.
        """
        now = self._clock()
        self._writer.write(lambda connection: add_change(connection, run_id, now, change))

    def heartbeat(self, run_id: str) -> None:
        """Say that somebody here looks after the run until it ends; the rest goes by itself."""
        self._alive.add(run_id)

    # Files

    def folder(self, run_id: str) -> Path:
        """The folder of a run's files; made, if need be, in a library that may be written to."""
        folder = self._folder(self.run(run_id).id)
        if self.obstacle is not None:
            return folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LearnscopeError(f"The folder {folder} cannot be made: {error}.") from error
        return folder

    def store_file(
        self,
        run_id: str,
        filename: str,
        write: Callable[[Path], None],
        check: Callable[[Path], object] | None = None,
    ) -> str:
        """Keep a file of a run, whole or not at all; on any failure the one before it stays.

        Parameters
        ----------
        run_id : str
            A run of the library.
        filename : str
            Its name in the run's folder, such as ``best.keras``.
        write : callable
            Writes it to the path that it is given, whose ending is that of `filename`.
        check : callable, optional
            Reads it back from that path, and raises if it is not as it should be.

        Returns
        -------
        str
            SHA-256 of the file, hexadecimal.

        Raises
        ------
        LearnscopeError
            If the disk did not take it. Other errors of `write` and `check` are passed on.
        """
        self.refuse_to_look_only()
        target = self.folder(run_id) / checked_name(filename)
        with self._placing.setdefault(target, threading.Lock()):
            return write_and_place(
                target,
                write,
                check,
                lambda digest, size: self._record_file(run_id, target, digest, size),
            )

    def _record_file(self, run_id: str, target: Path, digest: str, size: int) -> None:
        """Note the new hash and, should the file never get into place, that of the present one."""
        present = sha256_of(target) if target.exists() else None
        if present not in self._accepted(run_id, target.name):
            present = None
        values = (run_id, target.name, digest, present, self._clock(), size)
        self._writer.write(lambda connection: record_file(connection, values))
