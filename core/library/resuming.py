"""The library's part in resuming: states of trainings, and runs that are taken up again."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from core.errors import LearnscopeError
from core.library.database import reading
from core.library.files import STATE_FILES, checked_name, write_and_place
from core.library.recording import Recording
from core.library.records import Run, State
from core.library.statements import add_event, change_run, record_file
from core.library.states import FILES_OF_THE_END, StoredState, cut_after, networks_after

_REFUSED = " It could not go on: "


class Resuming(Recording):
    """What keeps a run resumable, and resumes it; :class:`core.runs.Library` has the rest."""

    def place_state(
        self, run_id: str, write: Callable[[Path], None], check: Callable[[Path], None]
    ) -> StoredState:
        """Put the state of a training on the disk, beside the one that counts; waits.

        It counts once it is handed to :meth:`core.runs.Library.record_epoch` with its epoch. Both
        go into one transaction: a kill at any moment leaves this epoch and its state, or the one
        before and its.

        Parameters
        ----------
        run_id : str
            A run that is being trained.
        write, check : callable
            Write the state to a path, and raise if it cannot be read back from there.

        Raises
        ------
        LearnscopeError
            If the disk refuses. The state before stays.
        """
        name = next(name for name in STATE_FILES if name != self._state_name(run_id))
        sizes: list[int] = []
        target = self._folder(run_id) / name
        digest = write_and_place(target, write, check, lambda _, size: sizes.append(size))
        return StoredState(name, digest, sizes[0])

    def store_together(
        self,
        run_id: str,
        files: Mapping[str, tuple[Callable[[Path], None], Callable[[Path], object]]],
    ) -> None:
        """Keep several files, each whole or not at all, which go on record in one transaction.

        Quicker than :meth:`core.runs.Library.store_file` one after the other, but only for files
        that are new, or the same once more: after a kill ahead of the transaction, those that are
        in place are not on record yet, and nobody's.

        Parameters
        ----------
        run_id : str
            A run that is being trained.
        files : mapping of str to pair of callable
            By its name, what writes each to a path, and what raises if it cannot be read back from
            there.

        Raises
        ------
        LearnscopeError
            If the disk did not take all of them. Other errors of these functions are passed on.
        """
        self.refuse_to_look_only()
        # A library that is gone shall not be made anew.
        folder = self._folder(self.run(run_id).id)
        placed: list[tuple[object, ...]] = []
        sizes: list[int] = []
        try:
            for name, (write, check) in files.items():
                target = folder / checked_name(name)
                digest = write_and_place(target, write, check, lambda _, size: sizes.append(size))
                placed.append((run_id, name, digest, None, self._clock(), sizes[-1]))
        finally:
            if placed:
                self._writer.write(lambda connection: _record_files(connection, placed))

    def state_file(self, run_id: str) -> Path:
        """Where the state lies from which a run can go on.

        Raises
        ------
        LearnscopeError
            If there is none, or if it was changed or damaged since.
        """
        name = self._state_name(run_id)
        if not name:
            raise LearnscopeError(
                f"Expected a run with a stored state to go on from. Received: "
                f"“{self.run(run_id).name}”, which has none. Train it again."
            )
        return self.file(run_id, name)

    def wait_again(self, run_id: str) -> Run:
        """Have a run that was cut off wait for its turn; returns it as it was.

        Raises
        ------
        LearnscopeError
            If it is not one that can go on, or its state is missing or damaged: it stays as it is.
        """
        run = self.run(run_id)
        if run.goes_on_after is None:
            raise LearnscopeError(
                f"Expected a run that was interrupted or stopped, and its state. Received: "
                f"“{run.name}”, {run.state.words}. Train it again."
            )
        if run.goes_on_after:
            self.state_file(run_id)
        self._change(
            run_id, "state = ?, heartbeat = ?, sentence = ''", str(State.QUEUED), self._clock()
        )
        self._alive.add(run_id)
        return run

    def put_back(self, run: Run, why: str) -> None:
        """Leave a run that did not go on after all as it was, with a sentence that says why."""
        self._alive.discard(run.id)
        sentence, now = run.sentence.split(_REFUSED)[0], self._clock()
        if why:
            sentence += _REFUSED + why

        def back(connection: sqlite3.Connection) -> None:
            change_run(connection, run.id, "state = ?, sentence = ?", (str(run.state), sentence))
            if why:
                add_event(connection, run.id, now, "not resumed", why, run.resume_epoch)

        self._writer.begin(back)()
        if self.trouble() is None:
            self._end_log(run.id)

    def go_on(self, run_id: str, epoch: int, words: str) -> None:
        """Forget what came after an epoch, for the training makes it anew from there.

        Parameters
        ----------
        run_id : str
            A run that waits again.
        epoch : int
            The last whose record stays; 0 if the run begins anew.
        words : str
            For the event.
        """
        now = self._clock()

        def resume(connection: sqlite3.Connection) -> None:
            step = cut_after(connection, run_id, epoch)
            add_event(connection, run_id, now, "resumed", words, epoch, step)

        self._writer.write(resume)
        # In this order: what has no record is nobody's, and what has one is there.
        self._remove(run_id, FILES_OF_THE_END if epoch else (*FILES_OF_THE_END, "best.keras"))
        with contextlib.suppress(OSError):
            names = [path.name for path in self._folder(run_id).iterdir()]
            self._remove(run_id, networks_after(epoch, names))

    def _state_name(self, run_id: str) -> str:
        with reading(self._database) as connection:
            row = connection.execute(
                "SELECT resume_file FROM runs WHERE id = ?", (run_id,)
            ).fetchone()
        return (row["resume_file"] or "") if row is not None else ""

    def _remove(self, run_id: str, names: Iterable[str]) -> None:
        for name in names:
            with contextlib.suppress(OSError):  # It is in nobody's way.
                (self._folder(run_id) / name).unlink()


def _record_files(connection: sqlite3.Connection, files: Iterable[tuple[object, ...]]) -> None:
    for values in files:
        record_file(connection, values)
