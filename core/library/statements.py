"""What is written to the library's database: each function is done inside a transaction."""

from __future__ import annotations

import contextlib
import json
import math
import secrets
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import LearnscopeError
from core.library.checkpoint_file import told_by
from core.library.records import Epoch, State
from core.library.rows import EPOCH_COLUMNS
from core.settings import Change

BEAT = 4.0
"""Seconds between two signs of life of a run."""
STALE = 5 * BEAT
"""Seconds without a sign of life after which a run counts as interrupted."""

BEST_COLUMNS = "best_epoch = ?, best_validation_loss = ?, best_validation_accuracy = ?"

_EPOCH_VALUES = len(EPOCH_COLUMNS.split(",")) + 5
"""Beside these columns the run, three rows of batches, and how the kernels moved."""
_IN_PROGRESS = f"state IN ('{State.QUEUED}', '{State.RUNNING}')"


def unknown_run(run_id: str, deleted: bool = False) -> LearnscopeError:
    """The sentence for an id that stands for nothing (any more)."""
    what = "a run that was deleted" if deleted else "which stands for none"
    return LearnscopeError(
        f"Expected the id of a run in the library. Received: {run_id!r}, {what}. Choose one on "
        "the page of runs."
    )


def interrupted_sentence(epochs_done: int, best_epoch: int | None, began: bool) -> str:
    """What is said of a run whose process is gone."""
    if not began:
        return "Interrupted: Learnscope ended before its turn came."
    when = f"after epoch {epochs_done}" if epochs_done else "in its first epoch"
    kept = f" The best checkpoint, of epoch {best_epoch}, is kept." if best_epoch else ""
    return f"Interrupted {when}: Learnscope ended while it trained.{kept}"


def insert_run(connection: sqlite3.Connection, name: str, created: float, settings: str) -> str:
    """Enter a run that waits for its turn; its id, which begins with the day."""
    day = time.strftime("%Y%m%d", time.localtime(created))
    run_id = f"{day}-{secrets.token_hex(3)}"
    while connection.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone():
        run_id = f"{day}-{secrets.token_hex(3)}"
    connection.execute(
        "INSERT INTO runs (id, name, created, state, settings, heartbeat) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (run_id, name, created, State.QUEUED, settings, created),
    )
    return run_id


def change_run(
    connection: sqlite3.Connection, run_id: str, assignments: str, values: Sequence[Any]
) -> None:
    """Change columns of one run; LearnscopeError if there is no such run."""
    statement = f"UPDATE runs SET {assignments} WHERE id = ?"
    if connection.execute(statement, (*values, run_id)).rowcount == 0:
        raise unknown_run(run_id)


def add_event(
    connection: sqlite3.Connection,
    run_id: str,
    now: float,
    kind: str,
    words: str,
    epoch: int | None = None,
    step: int | None = None,
) -> None:
    """Note that something happened to a run."""
    connection.execute(
        "INSERT INTO events (run, at, epoch, step, kind, words) VALUES (?, ?, ?, ?, ?, ?)",
        (run_id, now, epoch, step, kind, words),
    )


def text_of_changes(changes: Iterable[Change]) -> str:
    """As :func:`core.library.rows.changes_from_text` reads it."""
    return json.dumps([astuple(change) for change in changes])


def add_change(connection: sqlite3.Connection, run_id: str, now: float, change: Change) -> None:
    """Note that a setting was changed in mid-run, among the run's changes and in its story."""
    one = json.dumps(astuple(change))
    change_run(connection, run_id, "changes = json_insert(changes, '$[#]', json(?))", (one,))
    add_event(connection, run_id, now, "turned", f"{change.words}.", change.epoch, change.step)


def start_run(
    connection: sqlite3.Connection, run_id: str, now: float, known: Sequence[Any]
) -> None:
    """Its turn has come; `known` are weights, versions and fingerprint, None where not known."""
    row = connection.execute("SELECT started FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row is not None and row["started"] is None:
        add_event(connection, run_id, now, "started", "Training began.", 1, 0)
    change_run(
        connection,
        run_id,
        f"state = '{State.RUNNING}', sentence = '', started = coalesce(started, ?), "
        "heartbeat = ?, weights = coalesce(?, weights), versions = coalesce(?, versions), "
        "fingerprint = coalesce(?, fingerprint)",
        (now, now, *known),
    )


def plain(value: Any) -> Any:
    """A number of Python's own, for SQLite stores a NumPy number as a blob."""
    return value.item() if hasattr(value, "item") else value


def epoch_values(
    run_id: str,
    epoch: Epoch,
    batch_losses: npt.ArrayLike,
    batch_accuracies: npt.ArrayLike,
    movements: Mapping[str, tuple[float, float]],
    batch_penalties: npt.ArrayLike | None = None,
) -> tuple[Any, ...]:
    """What :func:`insert_epoch` takes; the arrays are copied, so that they may be filled anew."""
    losses, accuracies = (
        np.asarray(values, "<f4").reshape(-1) for values in (batch_losses, batch_accuracies)
    )
    if losses.size != accuracies.size:
        raise ValueError(f"{losses.size} losses of batches, but {accuracies.size} accuracies")
    known = {
        layer: [float(value) if math.isfinite(value) else None for value in pair]
        for layer, pair in movements.items()
    }
    penalties = None
    if batch_penalties is not None:
        terms = np.asarray(batch_penalties, "<f4").reshape(-1)
        if terms.size != losses.size:
            raise ValueError(f"{losses.size} losses of batches, but {terms.size} penalties")
        penalties = terms.tobytes()
    batches = losses.tobytes(), accuracies.tobytes()
    return (run_id, *map(plain, astuple(epoch)), *batches, json.dumps(known), penalties)


def insert_epoch(connection: sqlite3.Connection, values: Sequence[Any], now: float) -> None:
    """Enter, or replace, an epoch: run, EPOCH_COLUMNS, blobs of batches, movements, penalties."""
    run_id, epoch, _, seconds = values[:4]
    places = ", ".join("?" * len(values))
    connection.execute(
        f"INSERT OR REPLACE INTO epochs (run, {EPOCH_COLUMNS}, batch_losses, batch_accuracies, "
        f"movements, batch_penalties) VALUES ({places})",
        values,
    )
    connection.execute(
        "UPDATE runs SET epochs_done = ?, seconds = ?, heartbeat = ? WHERE id = ?",
        (epoch, seconds, now, run_id),
    )


def insert_logged(
    connection: sqlite3.Connection, run_id: str, logged: Iterable[Sequence[Any]]
) -> None:
    """Enter the epochs of a log that come after those on record: of each its time and values."""
    row = connection.execute("SELECT epochs_done FROM runs WHERE id = ?", (run_id,)).fetchone()
    done = row["epochs_done"]
    for now, *values in logged:
        # What is on record already may be newer: a state comes with its epoch past the log. A gap
        # is an epoch that the disk refused. And another version, which keeps other figures, may
        # have been killed.
        if len(values) == _EPOCH_VALUES and row["epochs_done"] < values[1] <= done + 1:
            insert_epoch(connection, [run_id, *values[1:]], now)
            done = values[1]


def record_file(connection: sqlite3.Connection, values: Sequence[Any]) -> None:
    """Enter a file: run, name, its new hash, the present one, the time, how many bytes."""
    connection.execute(
        "INSERT OR REPLACE INTO files (run, name, sha256, previous_sha256, recorded, bytes) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        values,
    )


def give_signs_of_life(connection: sqlite3.Connection, now: float, runs: Iterable[str]) -> None:
    """Say that these runs live, also those that another process took for interrupted."""
    for run_id in runs:
        connection.execute(
            f"UPDATE runs SET state = CASE WHEN started IS NULL THEN '{State.QUEUED}' "
            f"ELSE '{State.RUNNING}' END, sentence = '' "
            f"WHERE id = ? AND state = '{State.INTERRUPTED}'",
            (run_id,),
        )
        connection.execute("UPDATE runs SET heartbeat = ? WHERE id = ?", (now, run_id))


def give_no_more_signs(connection: sqlite3.Connection, runs: Iterable[str]) -> None:
    """Let everybody see at once that nobody looks after these runs any more."""
    for run_id in runs:
        connection.execute("UPDATE runs SET heartbeat = 0 WHERE id = ?", (run_id,))


def runs_cut_off(
    connection: sqlite3.Connection, now: float, alive: frozenset[str], only_silent: bool
) -> list[str]:
    """Ids of the runs that are in progress but not alive.

    With `only_silent` these are those that have not given a sign of life for long, whoever looks
    after them.
    """
    rows = connection.execute(
        f"SELECT id FROM runs WHERE {_IN_PROGRESS} AND abs(heartbeat - ?) > ?",
        (now, STALE if only_silent else -1),
    )
    return [row["id"] for row in rows if row["id"] not in alive]


def interrupt_runs(connection: sqlite3.Connection, now: float, runs: Iterable[str]) -> None:
    """Write down that these runs were interrupted."""
    for run_id in runs:
        row = connection.execute(
            "SELECT epochs_done, best_epoch, started FROM runs WHERE id = ?", (run_id,)
        ).fetchone()
        sentence = interrupted_sentence(
            row["epochs_done"], row["best_epoch"], row["started"] is not None
        )
        change_run(connection, run_id, "state = ?, sentence = ?", (State.INTERRUPTED, sentence))
        add_event(connection, run_id, now, str(State.INTERRUPTED), sentence, row["epochs_done"])


def settle_best(connection: sqlite3.Connection, run_id: str, checkpoint: Path) -> None:
    """Have the record of the best say what the checkpoint in place says of itself, if it does."""
    if (told := told_by(checkpoint)) is not None:
        change_run(connection, run_id, BEST_COLUMNS, told)


def note_sizes(connection: sqlite3.Connection, runs: Path) -> None:
    """Note how large the files are that a library of the first version holds."""
    rows = connection.execute("SELECT run, name FROM files WHERE bytes IS NULL").fetchall()
    for row in rows:
        with contextlib.suppress(OSError):
            size = (runs / row["run"] / row["name"]).stat().st_size
            connection.execute(
                "UPDATE files SET bytes = ? WHERE run = ? AND name = ?",
                (size, row["run"], row["name"]),
            )


def remove_deleted(connection: sqlite3.Connection, limit: float) -> None:
    """Forget what was deleted before this time, in seconds since 1970."""
    connection.execute("DELETE FROM runs WHERE deleted <= ?", (limit,))
