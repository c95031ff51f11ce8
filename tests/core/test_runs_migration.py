"""A library of the first version is brought up to date whole, also if that is cut off half-way."""

from __future__ import annotations

import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import LearnscopeError
from core.library.database import MIGRATIONS
from core.runs import Epoch, Library, State

ROOT = Path(__file__).parents[2]
RUNS = [f"20260101-{number:06x}" for number in range(20)]
EPOCH = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.125, 0.001)
LATER = sum(len(statements) for statements in MIGRATIONS[1:])
"""Statements that bring a library of the first version up to date."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A library of the first version: twenty runs with curves, and checkpoints on the disk."""
    with closing(sqlite3.connect(tmp_path / "library.sqlite", isolation_level=None)) as connection:
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        for run_id in RUNS:
            connection.execute(
                "INSERT INTO runs (id, name, created, state, settings, heartbeat, best_epoch) "
                "VALUES (?, 'Old', 1.0, 'finished', ?, 1.0, 1)",
                (run_id, json.dumps({"epochs": 7})),
            )
            connection.execute(
                "INSERT INTO epochs VALUES (?, 1, 3, 1.5, 2, 0.25, 1.75, 0.5, 1.875, 0.375, 0.125, "
                "0.001, ?, ?)",
                (run_id, b"\0\0\x80?" * 2000, b"\0\0\0?" * 2000),
            )
            folder = tmp_path / "runs" / run_id
            folder.mkdir(parents=True)
            (folder / "best.keras").write_bytes(_content(run_id))
            digest = hashlib.sha256(_content(run_id)).hexdigest()
            connection.execute(
                "INSERT INTO files (run, name, sha256, recorded) VALUES (?, 'best.keras', ?, 1.0)",
                (run_id, digest),
            )
    return tmp_path


def _content(run_id: str) -> bytes:
    return run_id.encode() * 100


def _is_whole(home: Path) -> None:
    """All that the first version held is there, and what came later works."""
    library = Library(home)
    assert library.obstacle is None
    assert sorted(run.id for run in library.runs()) == RUNS
    for run in library.runs():
        assert (run.state, run.settings.optimisation.epochs) == (State.FINISHED, 7)
        assert library.epochs(run.id) == [EPOCH]
        assert library.batches(run.id).losses.tolist() == [1.0] * 2000
        assert library.file(run.id, "best.keras").read_bytes() == _content(run.id)
    assert library.storage() == {run_id: len(_content(run_id)) for run_id in RUNS}
    library.tag(RUNS[0], ["old"])
    assert library.run(RUNS[0]).tags == ("old",)
    library.close()
    with closing(sqlite3.connect(home / "library.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_library_of_the_first_version_keeps_all_and_its_files_get_their_sizes(home: Path) -> None:
    _is_whole(home)


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
import core.library.database
from core.runs import Library

class Dying(sqlite3.Connection):
    left = int(sys.argv[2])

    def execute(self, statement, *values):
        if statement == "BEGIN IMMEDIATE":
            # So little memory that pages go to the disk before the commit.
            super().execute("PRAGMA cache_size = 1")
            super().execute(statement)
            super().execute("UPDATE epochs SET batch_losses = zeroblob(8000)")
            return
        if self.in_transaction:
            if Dying.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            Dying.left -= 1
        return super().execute(statement, *values)

connect = sqlite3.connect
sqlite3.connect = lambda *names, **options: connect(*names, factory=Dying, **options)
Library(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("statements", [1, 2, LATER // 2, LATER, LATER + 1, LATER + 2])
def test_a_kill_in_the_midst_of_it_leaves_a_usable_library(home: Path, statements: int) -> None:
    """The killed process has also overwritten curves, on the disk, in the same transaction."""
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(home), str(statements)],
        cwd=ROOT,
        timeout=60,
        check=False,
        capture_output=True,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert (home / "library.sqlite-journal").exists()
    _is_whole(home)
    assert not (home / "library.sqlite-journal").exists()


def test_one_that_may_not_be_brought_up_to_date_is_told_and_left_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a program that writes to it just then."""
    monkeypatch.setattr("core.library.access._PATIENCE", 0.05)
    before = (home / "library.sqlite").read_bytes()
    with closing(sqlite3.connect(home / "library.sqlite", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(LearnscopeError, match="is held by another program"):
            Library(home)
        holder.execute("ROLLBACK")
    assert (home / "library.sqlite").read_bytes() == before
    _is_whole(home)
