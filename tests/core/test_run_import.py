"""Bringing a run in: one that fails, or is killed, half way leaves the library as it was."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import LearnscopeError
from core.export.archive import archive
from core.library import incoming as run_import
from core.runs import Library
from tests.core.exported import EPOCHS, recorded
from tests.core.small import small

ROOT = Path(__file__).parents[2]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "away")
    yield library
    library.close()


@pytest.fixture
def packed(tmp_path: Path) -> bytes:
    home = Library(tmp_path / "home")
    run = recorded(home)
    for name in ("kernels.npz", "predictions.npz"):
        home.store_file(run.id, name, lambda path: np.savez(path, values=np.arange(5)))
    content = archive(home, run.id)
    home.close()
    return content


def bring_in(library: Library, content: bytes) -> None:
    from core.library.archive import bring_in

    bring_in(library, io.BytesIO(content))


def left(library: Library) -> list[str]:
    """Rows and files that are there, seen or not."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(library.home / "library.sqlite")) as connection:
        found = [
            f"{table} {row}"
            for table in ("runs", "epochs", "events", "files")
            for row in connection.execute(f"SELECT * FROM {table}")
        ]
    folder = library.home / "runs"
    return found + [str(path) for path in folder.glob("*/*")]


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("failing", [0, 1])
def test_a_disk_that_fills_up_half_way_leaves_nothing(
    library: Library, packed: bytes, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    copied: list[Path] = []
    copy = run_import.shutil.copyfile

    def copyfile(source: Path, target: Path) -> object:
        if len(copied) == failing:
            raise OSError(28, "No space left on device")
        copied.append(target)
        return copy(source, target)

    monkeypatch.setattr(run_import.shutil, "copyfile", copyfile)
    with pytest.raises(LearnscopeError, match="The disk is full"):
        bring_in(library, packed)
    assert left(library) == []
    monkeypatch.undo()
    bring_in(library, packed)
    assert library.epochs(library.runs()[0].id) == list(EPOCHS)


@pytest.mark.usefixtures("warm")
def test_a_record_that_the_database_refuses_leaves_nothing(
    library: Library, packed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("no")

    monkeypatch.setattr(run_import, "record_file", refuse)
    with pytest.raises(ValueError, match="no"):
        bring_in(library, packed)
    assert left(library) == []


@pytest.mark.usefixtures("warm")
def test_nothing_is_seen_of_a_run_whose_files_are_not_all_there(
    library: Library, packed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    copy = run_import.shutil.copyfile

    def copyfile(source: Path, target: Path) -> object:
        seen.append(len(library.runs()) + len(library.deleted()))
        return copy(source, target)

    monkeypatch.setattr(run_import.shutil, "copyfile", copyfile)
    bring_in(library, packed)
    assert seen == [0, 0]
    assert len(library.runs()) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from core.library import incoming as run_import
from core.library.archive import bring_in
from core.runs import Library

copy, copied = run_import.shutil.copyfile, []

def copyfile(source, target):
    copy(source, target)
    copied.append(target)
    if len(copied) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

run_import.shutil.copyfile = copyfile
bring_in(Library(Path(sys.argv[1])), open(sys.argv[2], "rb"))
"""


@pytest.mark.slow
def test_what_a_killed_process_left_half_done_is_gone_after_the_next_start(
    tmp_path: Path, packed: bytes
) -> None:
    first = Library(tmp_path / "away")
    kept = first.create(small(), "Here before")
    first.close()
    (tmp_path / "run.zip").write_bytes(packed)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "away"), str(tmp_path / "run.zip")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    after = Library(tmp_path / "away")
    assert [run.id for run in after.runs()] == [kept.id]
    assert not any("20270115" in one for one in left(after))
    assert len(list((tmp_path / "away" / "runs").glob("*"))) == 0
    after.close()
