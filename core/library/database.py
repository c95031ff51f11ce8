"""The library's SQLite file: its tables, how it is opened, and what its faults mean in words.

The rollback journal rather than WAL, for SQLite 3.40.1 (Debian 12) can corrupt a WAL database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from core.errors import LearnscopeError

# One entry a version. A library of version n has had the first n of them; never change one that
# has been released, add another.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            created REAL NOT NULL,
            state TEXT NOT NULL,
            settings TEXT NOT NULL,
            sentence TEXT NOT NULL DEFAULT '',
            epochs_done INTEGER NOT NULL DEFAULT 0,
            best_epoch INTEGER,
            best_validation_loss REAL,
            best_validation_accuracy REAL,
            test_loss REAL,
            test_accuracy REAL,
            test_images INTEGER,
            weights INTEGER,
            seconds REAL,
            versions TEXT NOT NULL DEFAULT '{}',
            fingerprint TEXT,
            started REAL,
            heartbeat REAL NOT NULL,
            deleted REAL
        )""",
        "CREATE INDEX runs_by_time ON runs (created)",
        # The batches stand last: SQLite then reads the other columns without touching them.
        """CREATE TABLE epochs (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            epoch INTEGER NOT NULL,
            steps INTEGER NOT NULL,
            seconds REAL NOT NULL,
            running_loss REAL,
            running_accuracy REAL,
            fair_loss REAL,
            fair_accuracy REAL,
            validation_loss REAL,
            validation_accuracy REAL,
            penalty REAL,
            learning_rate REAL,
            batch_losses BLOB NOT NULL,
            batch_accuracies BLOB NOT NULL,
            PRIMARY KEY (run, epoch)
        )""",
        """CREATE TABLE files (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            previous_sha256 TEXT,
            recorded REAL NOT NULL,
            PRIMARY KEY (run, name)
        ) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE runs ADD COLUMN remark TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN kept INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN archived REAL",
        # The epoch whose state is stored, from which an interrupted run can go on, and the file.
        "ALTER TABLE runs ADD COLUMN resume_epoch INTEGER",
        "ALTER TABLE runs ADD COLUMN resume_file TEXT",
        "ALTER TABLE epochs ADD COLUMN movements TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE files ADD COLUMN bytes INTEGER",
        """CREATE TABLE events (
            number INTEGER PRIMARY KEY,
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            at REAL NOT NULL,
            epoch INTEGER,
            step INTEGER,
            kind TEXT NOT NULL,
            words TEXT NOT NULL
        )""",
        "CREATE INDEX events_by_run ON events (run, number)",
    ),
    ("ALTER TABLE epochs ADD COLUMN batch_penalties BLOB",),
    # What was changed in mid-run. A version that does not know it must not resume such a run.
    ("ALTER TABLE runs ADD COLUMN changes TEXT NOT NULL DEFAULT '[]'",),
)
_PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""


def open_for_writing(path: Path, patience: float = _PATIENCE) -> sqlite3.Connection:
    """Open the database, make it if there is none, and bring an older one up to date.

    The connection is in autocommit mode and may be handed to another thread. `patience` is how
    many seconds to wait for another program at the opening; later it has that of all connections.

    Raises
    ------
    LearnscopeError
        If it is not a database of Learnscope, is damaged, comes from a newer version, cannot be
        written, or is missing although runs are there.
    """
    if not path.exists() or path.stat().st_size == 0:
        _refuse_to_forget(path)
    with faults_in_words(path):
        connection = _connect(path, "rwc", patience)
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            _bring_up_to_date(connection, path)
            connection.execute(f"PRAGMA busy_timeout = {1000 * _PATIENCE:.0f}")
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A short-lived connection to read from, its faults in words. It never makes a file."""
    with faults_in_words(path), closing(_connect(path, "rw", _PATIENCE)) as connection:
        connection.execute("PRAGMA query_only = ON")
        yield connection


def check_readable(path: Path, patience: float) -> None:
    """LearnscopeError if the database cannot be read as it is, without being brought up to date."""
    with faults_in_words(path), closing(_connect(path, "rw", patience)) as connection:
        version = _version(connection)
        if version != len(MIGRATIONS):
            raise LearnscopeError(
                f"Expected a run library of version {len(MIGRATIONS)}. Received: {path} of version "
                f"{version}."
            )
        connection.execute("SELECT count(*) FROM runs").fetchone()


def _connect(path: Path, mode: str, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    return connection


def _refuse_to_forget(path: Path) -> None:
    """An empty database beside the folders of runs would be a library that lost them all."""
    runs = path.parent / "runs"
    if runs.is_dir() and any(runs.iterdir()):
        raise LearnscopeError(
            f"Expected the record of the runs in {path}. Received: no such file, or an empty one, "
            f"although {runs} holds files of runs. Put {path.name} back from a copy, or move the "
            "folder away to begin anew."
        )


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    newest = len(MIGRATIONS)
    if _version(connection) == newest:
        connection.execute("SELECT count(*) FROM runs").fetchone()
        return
    # Under the write lock, for another process may be doing the same.
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)
        if version > newest:
            raise LearnscopeError(
                f"Expected a run library of version {newest} or older. Received: {path} of "
                f"version {version}, which a newer Learnscope made. Update Learnscope, or set "
                "LEARNSCOPE_HOME to another folder."
            )
        if version == 0 and connection.execute("SELECT * FROM sqlite_master").fetchone():
            raise LearnscopeError(
                f"Expected a run library of Learnscope. Received: {path}, a database of another "
                "program. Set LEARNSCOPE_HOME to another folder."
            )
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {newest}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


@contextmanager
def faults_in_words(path: Path) -> Iterator[None]:
    """Turn what SQLite raises because of the disk or the file into a LearnscopeError."""
    try:
        yield
    except sqlite3.Error as error:
        if not is_of_the_disk(error):
            raise
        raise LearnscopeError(sentence_of(error, path)) from error


def is_of_the_disk(error: BaseException) -> bool:
    """Whether the disk or the file is at fault, and not what was asked of it."""
    return isinstance(error, OSError) or (
        isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
    )


def sentence_of(error: BaseException, path: Path) -> str:
    """What a fault of the disk or of the database file means, and what to do."""
    code = getattr(error, "sqlite_errorname", "") or ""
    for beginning, words in _SENTENCES.items():
        if code.startswith(beginning):
            return words.format(path=path, folder=path.parent)
    return f"The run library {path} could not be read or written: {error}."


_SENTENCES = {
    "SQLITE_FULL": (
        "The disk is full: the run library {path} could not be written. Free some space; what "
        "waits to be written is tried again."
    ),
    "SQLITE_NOTADB": (
        "Expected a run library of Learnscope. Received: {path}, which is not a database. Put it "
        "back from a copy, or move the folder {folder} away to begin anew."
    ),
    "SQLITE_CORRUPT": (
        "The run library {path} is damaged or cut short. Put it back from a copy, or move the "
        "folder {folder} away to begin anew; the checkpoints in it stay readable by Keras."
    ),
    "SQLITE_BUSY": (
        "The run library {path} is held by another program. Close it; what waits to be written is "
        "tried again."
    ),
    "SQLITE_READONLY": (
        "The run library {path} may not be written. Allow writing to it, or set LEARNSCOPE_HOME "
        "to another folder."
    ),
    "SQLITE_CANTOPEN": (
        "The run library {path} could not be opened: it was removed, or may not be written. Put "
        "the folder back, or set LEARNSCOPE_HOME to another one."
    ),
    "SQLITE_IOERR": (
        "The disk did not take or give what the run library {path} asked of it. See that the disk "
        "is there and has space; what waits to be written is tried again."
    ),
}
