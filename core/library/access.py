"""Who may write to a library: the process that holds its lock; all others look on."""

from __future__ import annotations

import contextlib
import functools
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from core.errors import LearnscopeError
from core.library.database import check_readable, reading
from core.library.epoch_log import EPOCHS_FILE, remove_log
from core.library.files import make_writable, remove_leftovers, remove_states
from core.library.lock import LibraryLock
from core.library.mending import Mending
from core.library.records import State
from core.library.statements import (
    give_no_more_signs,
    give_signs_of_life,
    interrupt_runs,
    note_sizes,
    remove_deleted,
    runs_cut_off,
    settle_best,
)
from core.library.writer import Onlooker, Operation, Writer

KEPT_DELETED = 30 * 24 * 3600.0
"""Seconds for which a deleted run can be brought back."""
_PATIENCE = 2.0
"""Seconds to wait at the start for a program that holds the database."""
_LITTLE_PATIENCE = 0.2
"""Seconds to wait for it when a page is reloaded."""
_LOOKING_ON = (
    "Until then all runs can be looked at here, but nothing can be trained, renamed or deleted."
)


class Access(Mending):
    """A library that is open: for writing, or if something stands in the way, to be looked at.

    Parameters
    ----------
    home : Path
        The folder; made if there is none.
    clock : callable
        The time in seconds since 1970.
    address : str
        Where this process shows its pages, to be told to others; empty if nowhere.
    """

    def __init__(self, home: Path, clock: Callable[[], float], address: str) -> None:
        super().__init__(home, clock)
        self._lock = LibraryLock(home, address, clock)
        self._opening = threading.Lock()
        self._closed = False
        self._writer: Writer | Onlooker = Onlooker("")
        self._open(_PATIENCE)

    @property
    def obstacle(self) -> str | None:
        """Why this library can only be looked at, in a sentence; None if it can be written to."""
        return self._writer.reason if isinstance(self._writer, Onlooker) else None

    def refuse_to_look_only(self) -> None:
        """LearnscopeError with the obstacle, if there is one."""
        if self.obstacle is not None:
            raise LearnscopeError(self.obstacle)

    def take_over(self) -> None:
        """Try whether what stood in the way of writing is gone; raises nothing for it."""
        if self.obstacle is None or not self._opening.acquire(blocking=False):
            return
        try:
            if self.obstacle is not None and not self._closed:
                # First, for a library that is gone shall not be made anew.
                check_readable(self._database, _LITTLE_PATIENCE)
                self._open(_LITTLE_PATIENCE)
        except LearnscopeError as error:
            self._writer = Onlooker(str(error))
        finally:
            self._opening.release()

    def _open(self, patience: float) -> None:
        try:
            self._begin_to_write(patience)
        except LearnscopeError as error:
            try:
                check_readable(self._database, patience)
            except LearnscopeError:
                raise error from error.__cause__
            self._writer = Onlooker(f"{error} {_LOOKING_ON}")

    def _begin_to_write(self, patience: float) -> None:
        make_writable(self.home)
        self._lock.take()
        try:
            writer = Writer(self._database, self._beat, patience)
            self._writer = writer
            try:
                self.reconcile()
                self.purge()
            except BaseException:
                writer.close()
                raise
        except BaseException:
            self._lock.release()
            raise

    def reconcile(self) -> None:
        """Write down which runs were interrupted, and clear away half-written files.

        Whoever holds the lock knows that nobody else trains. Where the disk knows no locks, a run
        is taken for interrupted once it is silent, and one that was only held up takes its state
        back.
        """
        runs = self.home / "runs"
        now, alive, certain = self._clock(), frozenset(self._alive), self._lock.certain
        cut_off: list[str] = []
        self._writer.write(
            lambda connection: cut_off.extend(runs_cut_off(connection, now, alive, not certain))
        )
        for run_id in cut_off:
            self.take_in_log(run_id)
            checkpoint = self._folder(run_id) / "best.keras"
            self._writer.write(functools.partial(settle_best, run_id=run_id, checkpoint=checkpoint))
            self.mend_best(run_id)
        self._writer.write(lambda connection: interrupt_runs(connection, now, cut_off))
        self._writer.write(lambda connection: note_sizes(connection, runs))
        with reading(self._database) as connection:
            rows = connection.execute("SELECT id, state, resume_file FROM runs").fetchall()
        ended = {row["id"]: row["resume_file"] for row in rows if State(row["state"]).ended}
        with contextlib.suppress(FileNotFoundError):
            for folder in runs.iterdir():
                remove_leftovers(folder, everything=folder.name in ended)
                if folder.name in ended:
                    remove_log(folder / EPOCHS_FILE)
                if ended.get(folder.name, "?") is None:
                    remove_states(folder)

    def purge(self, older_than: float = KEPT_DELETED) -> None:
        """Remove runs for good, files and all, that were deleted `older_than` seconds ago."""
        limit = self._clock() - older_than
        with reading(self._database) as connection:
            rows = connection.execute("SELECT id FROM runs WHERE deleted <= ?", (limit,)).fetchall()
        for row in rows:
            # The record goes last: a kill in between leaves a deleted run, not nameless files.
            shutil.rmtree(self._folder(row["id"]), ignore_errors=True)
        if rows:
            self._writer.write(lambda connection: remove_deleted(connection, limit))

    def flush(self) -> None:
        """Wait until all is written; LearnscopeError if the disk refuses."""
        self._writer.write(lambda connection: None)

    def trouble(self) -> str | None:
        """Why something is not written yet, in a sentence; None if all is well."""
        return self._writer.trouble

    def close(self) -> None:
        """Write what waits, let others see that nobody looks after the runs here, and let go."""
        with self._opening:
            self._closed = True
            if self._alive:
                left = frozenset(self._alive)
                self._alive.clear()
                with contextlib.suppress(LearnscopeError):
                    self._writer.submit(lambda connection: give_no_more_signs(connection, left))
            self._writer.close()
            self._lock.release()

    def _beat(self) -> Operation | None:
        alive, now = frozenset(self._alive), self._clock()
        return (lambda connection: give_signs_of_life(connection, now, alive)) if alive else None
