"""A library on a disk that is really full, or read-only, or whose database a program holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import LearnscopeError
from core.runs import Epoch, Library, State
from core.settings import Settings
from tests.core.real_disks import filled_up, read_only, small_disk

EPOCH = Epoch(1, 1, 1.0, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)
BEST = b"best" * 1000


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """None, for a program that holds the database."""
    monkeypatch.setattr("core.library.access._PATIENCE", 0.05)
    monkeypatch.setattr("core.library.access._LITTLE_PATIENCE", 0.05)
    monkeypatch.setattr("core.library.database._PATIENCE", 0.05)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of half a megabyte."""
    with small_disk(tmp_path / "disk", kilobytes=512) as folder:
        yield folder


def _writer_of(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def _finished(library: Library, name: str = "Mine") -> str:
    run_id = library.create(Settings(), name).id
    library.store_file(run_id, "best.keras", _writer_of(BEST))
    library.record_epoch(run_id, EPOCH, [1], [1])
    library.finish(run_id, State.FINISHED, "Done.")
    return run_id


def _is_whole(library: Library, run_id: str) -> None:
    assert library.run(run_id).sentence == "Done."
    assert library.epochs(run_id) == [EPOCH]
    assert library.file(run_id, "best.keras").read_bytes() == BEST


def test_a_full_disk_is_told_the_previous_best_stays_and_the_other_runs_too(disk: Path) -> None:
    library = Library(disk / "home")
    other, run_id = _finished(library), library.create(Settings()).id
    library.start(run_id)
    library.store_file(run_id, "best.keras", _writer_of(b"previous"))
    with filled_up(disk):
        with pytest.raises(LearnscopeError, match=r"The disk is full: .*The one before it is kept"):
            library.store_file(run_id, "best.keras", _writer_of(BEST))
        assert library.file(run_id, "best.keras").read_bytes() == b"previous"
        library.record_epoch(run_id, EPOCH, [1.0] * 10_000, [1.0] * 10_000)
        library.finish(run_id, State.FAILED, "Failed.")
        trouble = library.trouble()
        assert trouble is not None
        assert trouble.startswith("The disk is full: the run library ")
        with pytest.raises(LearnscopeError, match="The disk is full"):
            library.rename(other, "x" * 100)
        _is_whole(library, other)
    library.flush()
    assert library.trouble() is None
    assert library.epochs(run_id) == [EPOCH]
    assert library.run(run_id).state is State.FAILED
    library.close()


def test_a_disk_that_is_full_at_the_start_hides_no_run(disk: Path) -> None:
    before = Library(disk / "home")
    run_id = _finished(before)
    before.close()
    with filled_up(disk):
        library = Library(disk / "home")
        _is_whole(library, run_id)
        with pytest.raises(LearnscopeError, match="The disk is full"):
            for _ in range(100):  # A page of the database may have some room left.
                library.create(Settings(), "y" * 100)
    library.take_over()
    assert library.create(Settings()).state is State.QUEUED
    library.close()


def test_a_folder_that_became_read_only_is_told_and_all_stays_readable(tmp_path: Path) -> None:
    library = Library(tmp_path / "home")
    run_id = _finished(library)
    with read_only(tmp_path / "home"):
        with pytest.raises(LearnscopeError, match=r"The run library .*(may not be written|opened)"):
            library.create(Settings())
        with pytest.raises(LearnscopeError, match=r"could not be saved: (Read-only|.*denied)"):
            library.store_file(run_id, "best.keras", _writer_of(b"new"))
        _is_whole(library, run_id)
    assert library.create(Settings()).state is State.QUEUED
    _is_whole(library, run_id)
    library.close()


def test_a_folder_that_is_read_only_at_the_start_can_be_looked_at(tmp_path: Path) -> None:
    before = Library(tmp_path / "home")
    run_id = _finished(before)
    before.close()
    with read_only(tmp_path / "home"):
        library = Library(tmp_path / "home")
        assert library.obstacle is not None
        assert library.obstacle.startswith(
            "Expected a folder for the run library that can be written. Received: "
            f"{tmp_path / 'home'} ("
        )
        assert "all runs can be looked at here, but nothing can be trained" in library.obstacle
        _is_whole(library, run_id)
        with pytest.raises(LearnscopeError, match="that can be written"):
            library.delete(run_id)
        library.take_over()
        assert library.obstacle is not None
    library.take_over()
    assert library.obstacle is None
    library.rename(run_id, "Yours")
    _is_whole(library, run_id)
    library.close()


def test_a_read_only_folder_without_a_library_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with read_only(tmp_path / "home"), pytest.raises(LearnscopeError, match="can be written"):
        Library(tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


def test_a_program_that_holds_the_whole_database_at_the_start_is_told(
    tmp_path: Path, patience: None
) -> None:
    before = Library(tmp_path)
    run_id = _finished(before)
    before.close()
    with closing(sqlite3.connect(tmp_path / "library.sqlite", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LearnscopeError, match=r"is held by another program\. Close it"):
            Library(tmp_path)
        holder.execute("ROLLBACK")
    library = Library(tmp_path)
    _is_whole(library, run_id)
    library.close()


def test_a_program_that_writes_at_the_start_leaves_the_runs_to_be_looked_at(
    tmp_path: Path, patience: None
) -> None:
    before = Library(tmp_path)
    run_id = _finished(before)
    before.close()
    with closing(sqlite3.connect(tmp_path / "library.sqlite", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        library = Library(tmp_path)
        assert library.obstacle is not None
        assert "is held by another program. Close it" in library.obstacle
        _is_whole(library, run_id)
        with pytest.raises(LearnscopeError, match="is held by another program"):
            library.create(Settings())
        holder.execute("ROLLBACK")
    library.take_over()
    assert library.obstacle is None
    assert library.create(Settings()).state is State.QUEUED
    library.close()


@pytest.mark.parametrize("position", [0, len(BEST) // 2, len(BEST) - 1])
def test_one_damaged_checkpoint_leaves_the_other_runs_alone(tmp_path: Path, position: int) -> None:
    library = Library(tmp_path)
    damaged, whole = _finished(library, "Damaged"), _finished(library, "Whole")
    content = bytearray(BEST)
    content[position] ^= 1
    library.file(damaged, "best.keras").write_bytes(content)
    with pytest.raises(LearnscopeError, match=r"of the run “Damaged” is not as it was stored"):
        library.file(damaged, "best.keras")
    assert library.epochs(damaged) == [EPOCH]
    _is_whole(library, whole)
    library.close()
