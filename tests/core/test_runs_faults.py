"""A library whose disk, folder or database fails says so in a sentence and loses nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import LearnscopeError
from core.library.epoch_log import EPOCHS_FILE
from core.runs import Epoch, Library, State
from core.settings import Settings

EPOCH = Epoch(1, 1, 1.0, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "home")
    yield library
    library.close()


def _filled(home: Path) -> Path:
    """A home with one finished run; the path of its database."""
    library = Library(home)
    run_id = library.create(Settings()).id
    library.store_file(run_id, "best.keras", lambda path: path.write_bytes(b"best") and None)
    library.finish(run_id, State.FINISHED, "")
    library.close()
    return home / "library.sqlite"


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(LearnscopeError, match=r"Received: .*home \(.*\)\. Set LEARNSCOPE_HOME"):
        Library(tmp_path / "home")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_a_home_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(LearnscopeError, match=r"Received: /proc/learnscope \("):
        Library(Path("/proc/learnscope"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(LearnscopeError, match="can be written"):
            Library(tmp_path)
    finally:
        tmp_path.chmod(0o700)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "library.sqlite"
    database.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(LearnscopeError, match="which is not a database"):
        Library(tmp_path)
    assert database.read_bytes() == b"Dear diary, " * 1000


@pytest.mark.parametrize("size", [4096, 10000, 50])
def test_a_truncated_database_is_refused_and_left_alone(tmp_path: Path, size: int) -> None:
    database = _filled(tmp_path)
    os.truncate(database, size)
    before = database.read_bytes()
    with pytest.raises(LearnscopeError, match=r"damaged or cut short|not a database"):
        Library(tmp_path)
    assert database.read_bytes() == before


@pytest.mark.parametrize("how", ["emptied", "removed"])
def test_a_library_without_its_record_is_not_silently_made_anew(tmp_path: Path, how: str) -> None:
    database = _filled(tmp_path)
    if how == "emptied":
        os.truncate(database, 0)
    else:
        database.unlink()
    with pytest.raises(LearnscopeError, match="Expected the record of the runs"):
        Library(tmp_path)


def test_a_library_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    database = _filled(tmp_path)
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = database.read_bytes()
    with pytest.raises(LearnscopeError, match=r"of version 999, which a newer Learnscope made"):
        Library(tmp_path)
    assert database.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "library.sqlite", isolation_level=None)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    with pytest.raises(LearnscopeError, match="a database of another program"):
        Library(tmp_path)


def test_a_full_disk_is_told_and_what_waits_is_written_once_there_is_room(
    library: Library,
) -> None:
    """SQLite itself says that the disk is full, for it is not allowed any further page."""
    run_id = library.create(Settings()).id
    library.start(run_id)
    library._writer.write(lambda connection: _allow_pages(connection, 1))
    losses = [1.0] * 100_000
    library.record_epoch(run_id, EPOCH, losses, losses)
    library.finish(run_id, State.FINISHED, "Done.")
    trouble = library.trouble()
    assert trouble is not None
    assert trouble.startswith("The disk is full")
    with pytest.raises(LearnscopeError, match="The disk is full"):
        library.flush()
    with pytest.raises(LearnscopeError, match="The disk is full"):
        library.create(Settings())
    assert len(library.runs()) == 1
    library._writer._connection.execute("PRAGMA max_page_count = 1000000")
    library.flush()
    assert library.trouble() is None
    assert library.epochs(run_id) == [EPOCH]
    assert library.run(run_id).sentence == "Done."


def test_what_waits_is_tried_again_without_being_asked(library: Library) -> None:
    run_id = library.create(Settings()).id
    library._writer.write(lambda connection: _allow_pages(connection, 1))
    losses = [1.0] * 100_000
    library.record_epoch(run_id, EPOCH, losses, losses)
    _wait(lambda: library.trouble() is not None)
    library._writer._connection.execute("PRAGMA max_page_count = 1000000")
    _wait(lambda: library.trouble() is None)
    assert library.epochs(run_id) == [EPOCH]


def test_one_record_that_cannot_be_taken_leaves_the_others_alone(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    run_id = library.create(Settings()).id
    library.record_epoch("20261124-000000", EPOCH, [1], [1])
    library.record_epoch(run_id, EPOCH, [1], [1])
    library.flush()
    assert library.epochs(run_id) == [EPOCH]
    assert "could not take a record" in caplog.text


def test_a_record_that_fails_alone_leaves_no_part_of_it(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing else is in its transaction, which ends, and the next one is taken."""
    run_id = library.create(Settings()).id

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE runs SET epochs_done = 7 WHERE id = ?", (run_id,))
        raise ValueError("after the first half")

    with pytest.raises(ValueError, match="after the first half"):
        library._writer.begin(fail)()
    assert library.run(run_id).epochs_done == 0
    assert "after the first half" in caplog.text
    library.record_epoch(run_id, EPOCH, [1], [1])
    library.flush()
    assert library.epochs(run_id) == [EPOCH]


def test_who_waits_for_an_epoch_does_not_wait_for_a_disk_that_refuses_it(library: Library) -> None:
    """Neither a line of the log nor a page of the database."""
    run_id = library.create(Settings()).id
    (library.folder(run_id) / EPOCHS_FILE).mkdir()
    library._writer.write(lambda connection: _allow_pages(connection, 1))
    losses = [1.0] * 100_000
    library.record_epoch(run_id, EPOCH, losses, losses)()
    assert (library.trouble() or "").startswith("The disk is full")
    library._writer._connection.execute("PRAGMA max_page_count = 1000000")
    library.flush()
    assert library.epochs(run_id) == [EPOCH]


def test_a_folder_that_goes_away_is_told_and_not_made_anew(library: Library) -> None:
    run_id = library.create(Settings()).id
    shutil.rmtree(library.home)
    with pytest.raises(LearnscopeError, match="removed"):
        library.create(Settings())
    with pytest.raises(LearnscopeError, match="removed"):
        library.run(run_id)
    assert not library.home.exists()


def test_a_database_held_by_another_program_is_told(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.library.database._PATIENCE", 0.05)
    holder = sqlite3.connect(library.home / "library.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LearnscopeError, match="is held by another program"):
        library.runs()
    holder.execute("ROLLBACK")
    holder.close()
    assert library.runs() == []


def _allow_pages(connection: sqlite3.Connection, count: int) -> None:
    connection.execute(f"PRAGMA max_page_count = {count}")


def _wait(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
