"""Reading from the run library: any number of threads and processes may, at any time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import LearnscopeError
from core.library.database import reading
from core.library.files import checked_name, sha256_of
from core.library.records import BatchLosses, Epoch, Event, Movement, Run, State
from core.library.rows import (
    EPOCH_COLUMNS,
    batches_from_rows,
    epoch_from_row,
    movements_from_row,
    run_from_row,
)
from core.library.search import (
    ROW_COLUMNS,
    Found,
    Holdings,
    Search,
    SeenStates,
    any_in_progress,
    find,
    holdings,
    read_rows,
)
from core.library.statements import STALE, interrupted_sentence, unknown_run

_BATCHES = "batch_losses, batch_accuracies, batch_penalties"


class Reader:
    """What can be read from a library; :class:`core.runs.Library` adds the writing."""

    def __init__(self, home: Path, clock: Callable[[], float]) -> None:
        self.home = home
        self._clock = clock
        self._database = home / "library.sqlite"
        self._alive: set[str] = set()

    def run(self, run_id: str) -> Run:
        """The run of this id; LearnscopeError if there is none, or it was deleted."""
        with reading(self._database) as connection:
            row = connection.execute(
                f"SELECT {ROW_COLUMNS} FROM runs WHERE id = ?", (run_id,)
            ).fetchone()
        if row is None or row["deleted"] is not None:
            raise unknown_run(run_id, deleted=row is not None)
        return self._seen(row)

    def runs(self, ids: Sequence[str] | None = None) -> list[Run]:
        """All runs that are not deleted, the newest first; or those of them with these ids."""
        these = "" if ids is None else " AND id IN (SELECT value FROM json_each(?))"
        with reading(self._database) as connection:
            rows = connection.execute(
                f"SELECT {ROW_COLUMNS} FROM runs WHERE deleted IS NULL{these} "
                "ORDER BY created DESC, rowid DESC",
                () if ids is None else (json.dumps(list(ids)),),
            ).fetchall()
        return [self._seen(row) for row in rows]

    def search(self, search: Search, page: int = 1, size: int = 100) -> Found:
        """Find runs that are not deleted.

        Parameters
        ----------
        search : Search
            Which, and in what order.
        page : int
            Which page of them to read, the first being 1; the last one if there are fewer.
        size : int
            How many stand on a page.
        """
        with reading(self._database) as connection:
            numbers = find(connection, search, self._seen_states())
            pages = max(1, -(-len(numbers) // size))
            page = min(max(page, 1), pages)
            rows = read_rows(connection, numbers[(page - 1) * size : page * size])
        return Found([self._seen(row) for row in rows], len(numbers), page, pages)

    def in_progress(self) -> bool:
        """Whether any run waits or trains, here or elsewhere."""
        with reading(self._database) as connection:
            return any_in_progress(connection, self._seen_states())

    def tags(self) -> list[str]:
        """All tags of the runs that are not deleted, by the alphabet."""
        with reading(self._database) as connection:
            rows = connection.execute(
                "SELECT DISTINCT value FROM runs, json_each(runs.tags) WHERE deleted IS NULL"
            ).fetchall()
        return sorted((row["value"] for row in rows), key=str.casefold)

    def deleted(self) -> list[Run]:
        """The runs that are deleted and can still be brought back, the last deleted first."""
        with reading(self._database) as connection:
            rows = connection.execute(
                # At 0 it is one that is just being brought in, or was not brought in whole.
                f"SELECT {ROW_COLUMNS} FROM runs WHERE deleted > 0 ORDER BY deleted DESC"
            ).fetchall()
        return [self._seen(row) for row in rows]

    def holdings(self) -> Holdings:
        """How many runs there are, and what they and the database take."""
        with reading(self._database) as connection:
            size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            (database_bytes,) = connection.execute(size).fetchone()
            return holdings(connection, database_bytes)

    def epochs(self, run_id: str) -> list[Epoch]:
        """The figures of all epochs of a run, in order."""
        return [epoch_from_row(row) for row in self._epoch_rows(run_id, EPOCH_COLUMNS)]

    def batches(self, run_id: str) -> BatchLosses:
        """The true losses, accuracies and penalties of all batches of a run, in order."""
        return batches_from_rows(self._epoch_rows(run_id, _BATCHES))

    def movements(self, run_id: str) -> list[Movement]:
        """How far the kernel of each layer came in each epoch, by epoch; may be empty."""
        rows = self._epoch_rows(run_id, "epoch, movements")
        return [movement for row in rows for movement in movements_from_row(row)]

    def events(self, run_id: str) -> list[Event]:
        """What happened to a run, in order."""
        with reading(self._database) as connection:
            rows = connection.execute(
                "SELECT at, epoch, step, kind, words FROM events WHERE run = ? ORDER BY number",
                (run_id,),
            ).fetchall()
        return [Event(*row) for row in rows]

    def storage(self, ids: Sequence[str] | None = None) -> dict[str, int]:
        """Bytes of files that each run, or each of these, takes, by id; without the database."""
        these = "" if ids is None else " WHERE run IN (SELECT value FROM json_each(?))"
        with reading(self._database) as connection:
            rows = connection.execute(
                f"SELECT run, sum(coalesce(bytes, 0)) AS bytes FROM files{these} GROUP BY run",
                () if ids is None else (json.dumps(list(ids)),),
            ).fetchall()
        return {row["run"]: row["bytes"] for row in rows}

    def files(self, run_id: str) -> dict[str, str]:
        """The SHA-256 of each file of a run, as it was stored, by its name."""
        with reading(self._database) as connection:
            rows = connection.execute(
                "SELECT name, sha256 FROM files WHERE run = ? ORDER BY name", (run_id,)
            ).fetchall()
        return {row["name"]: row["sha256"] for row in rows}

    def file(self, run_id: str, filename: str) -> Path:
        """Where a file of a run lies, after a look whether it is the one that was stored.

        Raises
        ------
        LearnscopeError
            If there is none, or if it was changed or damaged since.
        """
        run = self.run(run_id)
        path = self._folder(run_id) / checked_name(filename)
        for _ in range(3):  # It may be replaced between the look at the record and at the file.
            accepted = self._accepted(run_id, filename)
            if not accepted:
                raise LearnscopeError(f"The run “{run.name}” has no {filename}.")
            try:
                if sha256_of(path) in accepted:
                    return path
            except OSError as error:
                raise LearnscopeError(
                    f"{path} of the run “{run.name}” cannot be read: {error.strerror}. Put it back "
                    "from a copy, or train the run again."
                ) from error
        raise LearnscopeError(
            f"{path} of the run “{run.name}” is not as it was stored: it was changed or damaged. "
            "Put it back from a copy, or train the run again."
        )

    def _seen_states(self) -> SeenStates:
        now = self._clock()
        return SeenStates(now - STALE, now + STALE, self._alive)

    def _folder(self, run_id: str) -> Path:
        return self.home / "runs" / run_id

    def _seen(self, row: sqlite3.Row) -> Run:
        """The run as it stands now: one that has been silent for too long is interrupted."""
        run = run_from_row(row)
        silent = abs(self._clock() - row["heartbeat"]) > STALE and run.id not in self._alive
        if run.state.ended or not silent:
            return run
        sentence = interrupted_sentence(
            run.epochs_done, run.best_epoch, began=row["started"] is not None
        )
        return replace(run, state=State.INTERRUPTED, sentence=sentence)

    def _epoch_rows(self, run_id: str, columns: str) -> list[sqlite3.Row]:
        with reading(self._database) as connection:
            rows = connection.execute(
                f"SELECT {columns} FROM epochs WHERE run = ? ORDER BY epoch", (run_id,)
            ).fetchall()
        if not rows:
            self.run(run_id)  # Only to say so if there is no such run.
        return rows

    def _accepted(self, run_id: str, filename: str) -> set[str]:
        """The hashes that a file may have: its own or, after a kill, that of the one before it."""
        with reading(self._database) as connection:
            row = connection.execute(
                "SELECT sha256, previous_sha256 FROM files WHERE run = ? AND name = ?",
                (run_id, filename),
            ).fetchone()
        return set() if row is None else {digest for digest in row if digest is not None}
