"""Two processes at one library: one writes, the other looks on, is told who, and takes over."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from core.errors import LearnscopeError
from core.runs import STALE, Epoch, Library, State
from core.settings import Settings
from tests.core.clock import Clock

ROOT = Path(__file__).parents[2]
EPOCH = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.125, 0.001)


def test_the_second_one_says_who_holds_it(tmp_path: Path, clock: Clock) -> None:
    owner = Library(tmp_path, clock, "http://localhost:8600")
    other = Library(tmp_path, clock)
    assert owner.obstacle is None
    since = datetime.fromtimestamp(clock.time).strftime("%d %b %Y, %H:%M:%S")
    assert other.obstacle == (
        f"The run library {tmp_path} is held by another Learnscope: process {os.getpid()} on the "
        f"machine “{socket.gethostname()}”, since {since}, at http://localhost:8600. Train there; "
        "or end that one, and reload this page. Until then all runs can be looked at here, but "
        "nothing can be trained, renamed or deleted."
    )
    owner.close()
    other.close()


def test_the_second_one_reads_all_and_changes_nothing(tmp_path: Path) -> None:
    owner = Library(tmp_path)
    run_id = owner.create(Settings(), "Mine").id
    owner.store_file(run_id, "best.keras", lambda path: path.write_bytes(b"best") and None)
    owner.record_epoch(run_id, EPOCH, [1, 2], [0, 1])
    owner.finish(run_id, State.FINISHED, "Done.")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    other = Library(tmp_path)
    assert other.run(run_id).sentence == "Done."
    assert other.epochs(run_id) == [EPOCH]
    assert other.file(run_id, "best.keras").read_bytes() == b"best"
    changes: list[Callable[[], object]] = [
        lambda: other.create(Settings()),
        lambda: other.start(run_id),
        lambda: other.record_epoch(run_id, EPOCH, [1], [1]),
        lambda: other.record_best(run_id, 1, 1.0, 0.5),
        lambda: other.finish(run_id, State.FAILED, "No."),
        lambda: other.record_event(run_id, "resumed", "No."),
        lambda: other.store_file(
            run_id, "best.keras", lambda path: path.write_bytes(b"x") and None
        ),
        lambda: other.rename(run_id, "Yours"),
        lambda: other.tag(run_id, ["no"]),
        lambda: other.remark(run_id, "no"),
        lambda: other.keep(run_id),
        lambda: other.archive(run_id),
        lambda: other.delete(run_id),
        other.reconcile,
        other.flush,
    ]
    for change in changes:
        with pytest.raises(LearnscopeError, match="is held by another Learnscope: process"):
            change()
    other.close()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    owner.rename(run_id, "Still mine")
    owner.close()


def test_the_second_one_takes_over_once_the_first_is_closed(tmp_path: Path) -> None:
    owner, other = Library(tmp_path), Library(tmp_path)
    other.take_over()
    assert other.obstacle is not None
    owner.close()
    assert other.obstacle is not None  # Not before it is asked to.
    other.take_over()
    assert other.obstacle is None
    assert other.create(Settings()).state is State.QUEUED
    assert json.loads((tmp_path / "library.lock").read_text())["process"] == os.getpid()
    other.close()
    assert (tmp_path / "library.lock").read_text() == ""


def test_a_closed_one_takes_nothing_over(tmp_path: Path) -> None:
    owner, other = Library(tmp_path), Library(tmp_path)
    other.close()
    owner.close()
    other.take_over()
    with pytest.raises(LearnscopeError, match="was closed"):
        other.create(Settings())
    Library(tmp_path).close()


def test_a_killed_holder_holds_nothing_and_its_runs_are_interrupted_at_once(tmp_path: Path) -> None:
    """SIGKILL, so that the process itself can do nothing about it; no time goes by."""
    program = (
        "import sys; from pathlib import Path; from core.runs import Library\n"
        "from core.settings import Settings\n"
        "library = Library(Path(sys.argv[1]), address='http://localhost:8600')\n"
        "library.start(library.create(Settings()).id)\n"
        "print('ready', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        other = Library(tmp_path)
        assert other.obstacle is not None
        assert f"process {process.pid} on the machine" in other.obstacle
        assert "at http://localhost:8600" in other.obstacle
        assert [run.state for run in other.runs()] == [State.RUNNING]
        os.kill(process.pid, signal.SIGKILL)
    other.take_over()
    assert other.obstacle is None
    (run,) = other.runs()
    assert run.state is State.INTERRUPTED
    assert [event.kind for event in other.events(run.id)] == ["started", "interrupted"]
    other.close()


def test_a_lock_whose_file_was_removed_is_still_only_one(tmp_path: Path) -> None:
    """A new file is a new lock: both write then, as on a disk without locks, and lose nothing."""
    owner = Library(tmp_path)
    (tmp_path / "library.lock").unlink()
    other = Library(tmp_path)
    ids = {library.create(Settings()).id for library in (owner, other)}
    assert {run.id for run in owner.runs()} == ids
    owner.close()
    other.close()


def test_a_holder_that_has_not_said_who_it_is_is_told_all_the_same(tmp_path: Path) -> None:
    owner = Library(tmp_path)
    (tmp_path / "library.lock").write_text('{"process": 1, ')
    other = Library(tmp_path)
    assert other.obstacle is not None
    assert "is held by another Learnscope. Train there; or end" in other.obstacle
    owner.close()
    other.close()


def test_a_library_that_cannot_be_opened_holds_no_lock(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite").write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(LearnscopeError, match="not a database"):
        Library(tmp_path)
    (tmp_path / "library.sqlite").unlink()
    library = Library(tmp_path)
    assert library.obstacle is None
    library.close()


def test_a_holder_whose_library_is_gone_leaves_the_other_in_words(tmp_path: Path) -> None:
    home = tmp_path / "home"
    owner, other = Library(home), Library(home)
    owner.close()
    shutil.rmtree(home)
    other.take_over()
    with pytest.raises(LearnscopeError, match="could not be opened: it was removed"):
        other.create(Settings())
    assert not home.exists()
    other.close()


def test_a_silent_run_looks_interrupted_to_others(tmp_path: Path, clock: Clock) -> None:
    """Silent: its process wrote no sign of life for STALE seconds. Here it never had a thread."""
    owner = Library(tmp_path, clock)
    waiting, training = owner.create(Settings()).id, owner.create(Settings()).id
    owner.start(training)
    owner.record_epoch(training, EPOCH, [1], [1])
    owner.record_best(training, 1, 1.0, 0.5)
    owner.flush()
    other = Library(tmp_path, clock)
    assert [run.state for run in other.runs()] == [State.RUNNING, State.QUEUED]
    clock.time += STALE + 1
    assert other.run(waiting).sentence == "Interrupted: Learnscope ended before its turn came."
    assert other.run(training).sentence == (
        "Interrupted after epoch 1: Learnscope ended while it trained. "
        "The best checkpoint, of epoch 1, is kept."
    )
    assert {run.state for run in other.runs()} == {State.INTERRUPTED}
    assert {run.state for run in owner.runs()} == {State.RUNNING, State.QUEUED}
    with pytest.raises(LearnscopeError, match="is held by another Learnscope"):
        other.reconcile()
    clock.time -= STALE + 1
    assert {run.state for run in other.runs()} == {State.RUNNING, State.QUEUED}
    owner.close()
    other.close()


def test_what_a_dead_process_left_is_written_down_as_interrupted_without_waiting(
    tmp_path: Path, clock: Clock
) -> None:
    """Not a second has passed; but who holds the library knows that nobody else trains."""
    dead = Library(tmp_path, clock)
    waiting, training = dead.create(Settings()).id, dead.create(Settings()).id
    dead.start(training)
    dead.flush()
    dead._lock.release()  # As the kernel does it for a process that was killed.
    later = Library(tmp_path, clock)
    with closing(sqlite3.connect(tmp_path / "library.sqlite")) as connection:
        states = dict(connection.execute("SELECT id, state FROM runs"))
    assert states == {waiting: "interrupted", training: "interrupted"}
    assert [event.kind for event in later.events(training)] == ["started", "interrupted"]
    later.close()
    dead.close()


def test_a_run_that_was_only_held_up_takes_its_state_back(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk that knows no locks the other one can but go by the silence, and writes it down."""
    monkeypatch.setattr("core.library.writer.BEAT", 0.05)
    monkeypatch.setattr("core.library.lock.fcntl.flock", _no_locks)
    owner = Library(tmp_path, clock)
    waiting, training = owner.create(Settings()).id, owner.create(Settings()).id
    owner.start(training)
    clock.time += STALE + 1
    other = Library(tmp_path, clock)
    assert other.obstacle is None
    deadline = time.monotonic() + 10
    while other.run(training).state.ended and time.monotonic() < deadline:
        time.sleep(0.01)
    assert other.run(training).state is State.RUNNING
    assert other.run(waiting).state is State.QUEUED
    owner.close()
    other.close()


def test_signs_of_life_keep_a_run_alive_by_themselves(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.library.writer.BEAT", 0.05)
    owner, other = Library(tmp_path, clock), Library(tmp_path, clock)
    run_id = owner.create(Settings()).id
    clock.time += STALE + 1
    deadline = time.monotonic() + 10
    while other.run(run_id).state.ended and time.monotonic() < deadline:
        time.sleep(0.01)
    assert other.run(run_id).state is State.QUEUED
    owner.close()
    other.close()


def test_close_lets_others_see_at_once_that_a_run_is_left(tmp_path: Path) -> None:
    owner, other = Library(tmp_path), Library(tmp_path)
    run_id = owner.create(Settings()).id
    owner.start(run_id)
    assert other.run(run_id).state is State.RUNNING
    owner.close()
    assert other.run(run_id).state is State.INTERRUPTED
    other.close()


def _no_locks(descriptor: int, operation: int) -> None:
    raise OSError(errno.ENOLCK, "No locks available")


@pytest.mark.parametrize("locks", [True, False])
def test_two_processes_at_one_library_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locks: bool
) -> None:
    """With locks the second one reads and is refused in words; without, both write."""
    if not locks:
        monkeypatch.setattr("core.library.lock.fcntl.flock", _no_locks)
    library = Library(tmp_path / "home")
    command = [sys.executable, "-c", OTHER, str(library.home), str(locks)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as other:
        for number in range(10):
            library.create(Settings(), str(number))
            library.runs()
    assert other.returncode == 0
    names = {run.name for run in library.runs()}
    assert names == set("0123456789") | (set() if locks else set("abcdefghij"))
    library.close()


OTHER = """
import errno, sys
from pathlib import Path
import core.library.lock
from core.errors import LearnscopeError
from core.runs import Library, State
from core.settings import Settings
locks = sys.argv[2] == "True"
def no_locks(descriptor, operation):
    raise OSError(errno.ENOLCK, "No locks available")
if not locks:
    core.library.lock.fcntl.flock = no_locks
library = Library(Path(sys.argv[1]))
for name in "abcdefghij":
    library.runs()
    try:
        library.finish(library.create(Settings(), name).id, State.FINISHED, "")
        assert not locks
    except LearnscopeError as error:
        assert locks and "is held by another Learnscope: process" in str(error), error
library.close()
"""
