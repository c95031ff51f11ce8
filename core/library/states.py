"""What the library's database says of stored states: each function is done in a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from core.library.files import STATE_FILES
from core.library.kept_epochs import kept_epochs, kept_file
from core.library.statements import change_run, record_file

FILES_OF_THE_END = ("last.keras", "predictions.npz")
"""What is made when a training ends, and holds no more once it goes on."""


@dataclass(frozen=True)
class StoredState:
    """A file in a run's folder with the state of its training: its name, SHA-256 and size."""

    filename: str
    sha256: str
    size: int


def make_resumable(
    connection: sqlite3.Connection, run_id: str, epoch: int, state: StoredState, now: float
) -> None:
    """From now on this is the state from which the run can go on, after that epoch."""
    record_file(connection, (run_id, state.filename, state.sha256, None, now, state.size))
    values = (epoch, state.filename)
    change_run(connection, run_id, "resume_epoch = ?, resume_file = ?", values)


def forget_state(connection: sqlite3.Connection, run_id: str) -> None:
    """The run needs to go on no more."""
    change_run(connection, run_id, "resume_epoch = NULL, resume_file = NULL", ())
    _forget_files(connection, run_id, STATE_FILES)


def cut_after(connection: sqlite3.Connection, run_id: str, epoch: int) -> int:
    """Forget what came after an epoch, and the end; how many steps had been made by then."""
    connection.execute("DELETE FROM epochs WHERE run = ? AND epoch > ?", (run_id, epoch))
    row = connection.execute(
        "SELECT steps, seconds FROM epochs WHERE run = ? AND epoch = ?", (run_id, epoch)
    ).fetchone()
    steps, seconds = (0, None) if row is None else (row["steps"], row["seconds"])
    change_run(
        connection,
        run_id,
        "epochs_done = ?, seconds = ?, test_loss = NULL, test_accuracy = NULL, test_images = NULL",
        (epoch, seconds),
    )
    rows = connection.execute("SELECT name FROM files WHERE run = ?", (run_id,)).fetchall()
    names = [*FILES_OF_THE_END, *networks_after(epoch, (row["name"] for row in rows))]
    _forget_files(connection, run_id, names)
    if epoch == 0:
        change_run(
            connection,
            run_id,
            "best_epoch = NULL, best_validation_loss = NULL, best_validation_accuracy = NULL",
            (),
        )
        _forget_files(connection, run_id, ("best.keras",))
    return int(steps)


def networks_after(epoch: int, names: Iterable[str]) -> list[str]:
    """Files of networks, among these names, that hold no more once all is made anew from there."""
    # A run that begins anew makes its first weights again too.
    return [kept_file(one) for one in kept_epochs(names) if one > epoch or epoch == 0]


def _forget_files(connection: sqlite3.Connection, run_id: str, names: Iterable[str]) -> None:
    for name in names:
        connection.execute("DELETE FROM files WHERE run = ? AND name = ?", (run_id, name))
