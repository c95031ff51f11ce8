"""The newest epochs of a run, which stand in a file of it until the database holds them."""

from __future__ import annotations

import errno
import math
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core.library.recording
from core.errors import LearnscopeError
from core.library.epoch_log import EPOCHS_FILE, EpochLog, logged
from core.runs import STALE, Epoch, Library, State
from core.settings import Settings
from tests.core.killed import log_epochs, process
from tests.core.small import until

VALUES = ["run", 7, 0.1, math.inf, None, "{}", bytes(range(256)), -1e-300]
FIRST = Epoch(1, 2, 0.5, 1.5, 0.25, 1.0, 0.5, 1.25, 0.5, 0.125, 0.001)


def epoch(number: int) -> Epoch:
    return replace(FIRST, epoch=number, steps=2 * number, fair_loss=1 / number)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "home")
    yield library
    library.close()


@pytest.fixture
def lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database gets no epoch by itself."""
    monkeypatch.setattr(core.library.recording, "WITHIN", 3600.0)


def record(library: Library, run_id: str, *numbers: int) -> None:
    for number in numbers:
        losses = np.float32([number / 3, math.nan])
        library.record_epoch(
            run_id, epoch(number), losses, [0.5, 1], {"dense": (1.5, math.nan)}, [0.1, 0.2]
        )()


def left_by_a_kill(library: Library, folder: Path) -> Library:
    """The library as it lies on the disk at this moment, opened when nobody lives any more."""
    shutil.copytree(library.home, folder)
    return Library(folder, clock=lambda: time.time() + STALE + 1)


def test_what_is_appended_comes_back_as_it_was(tmp_path: Path) -> None:
    log = EpochLog(tmp_path / "log")
    log.append(1, VALUES)
    log.append(2, [math.nan, b""])
    first, (number, nothing) = logged(tmp_path / "log")
    assert first == VALUES
    assert math.isnan(number)
    assert nothing == b""


def test_of_a_file_cut_anywhere_the_whole_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log, ends = EpochLog(path), [0]
    for number in (1, 2):
        log.append(number, [number, b"12"])
        ends.append(path.stat().st_size)
    content = path.read_bytes()
    for length in range(len(content) + 1):
        path.write_bytes(content[:length])
        whole = sum(end <= length for end in ends[1:])
        assert logged(path) == [[1, b"12"], [2, b"12"]][:whole]


def test_nothing_is_read_from_a_line_with_a_flipped_bit_on(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = EpochLog(path)
    for number in (1, 2, 3):
        log.append(number, [number])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert logged(path) == [[1]]


def test_no_file_is_no_epochs(tmp_path: Path) -> None:
    assert logged(tmp_path / "log") == []


def test_the_file_is_empty_once_the_database_holds_all_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = EpochLog(path)
    log.append(1, [1])
    log.append(2, [2])
    log.settle(1)
    assert logged(path) == [[1], [2]]
    log.append(3, [3])
    log.settle(2)
    assert logged(path) == [[1], [2], [3]]
    log.settle(3)
    assert path.read_bytes() == b""
    log.append(4, [4])
    assert logged(path) == [[4]]


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    log = EpochLog(path)
    log.append(1, [1])
    before, write, calls = path.read_bytes(), os.write, Counter()

    def full(descriptor: int, content: memoryview) -> int:
        calls["write"] += 1
        if calls["write"] > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, content[:3])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        log.append(2, [2])
    assert path.read_bytes() == before
    monkeypatch.setattr(os, "write", write)
    log.append(3, [3])
    assert logged(path) == [[1], [3]]


def test_after_a_kill_the_epochs_of_the_log_are_on_record(
    library: Library, lazy: None, tmp_path: Path
) -> None:
    """Compared with the same ones that came straight into the database."""
    run_id, standard = library.create(Settings()).id, library.create(Settings()).id
    library.start(run_id)
    record(library, standard, 1, 2, 3)
    library.flush()
    record(library, run_id, 1, 2, 3)
    assert library.epochs(run_id) == []
    after = left_by_a_kill(library, tmp_path / "after")
    run = after.run(run_id)
    assert (run.state, run.epochs_done, run.seconds) == (State.INTERRUPTED, 3, 0.5)
    assert run.sentence.startswith("Interrupted after epoch 3:")
    assert after.epochs(run_id) == after.epochs(standard) == [epoch(1), epoch(2), epoch(3)]
    mine, other = after.batches(run_id), after.batches(standard)
    for name in ("losses", "accuracies", "penalties"):
        assert getattr(mine, name).tobytes() == getattr(other, name).tobytes()
    assert repr(after.movements(run_id)) == repr(after.movements(standard))
    assert not (after.folder(run_id) / EPOCHS_FILE).exists()
    after.close()


def test_a_log_does_not_bring_back_what_the_database_holds_newer(
    library: Library, lazy: None, tmp_path: Path
) -> None:
    """As a kill leaves it between a transaction and the moment in which the log is emptied."""
    run_id = library.create(Settings()).id
    library.start(run_id)
    record(library, run_id, 1, 2)
    log = library.folder(run_id) / EPOCHS_FILE
    content = log.read_bytes()
    record(library, run_id, 3)
    library.flush()
    log.write_bytes(content)
    after = left_by_a_kill(library, tmp_path / "after")
    assert after.run(run_id).epochs_done == 3
    assert after.epochs(run_id) == [epoch(1), epoch(2), epoch(3)]
    after.close()


def test_no_epoch_is_taken_from_behind_a_gap(library: Library, lazy: None, tmp_path: Path) -> None:
    """As a kill leaves it when the disk was full for one epoch, and no longer for the next."""
    run_id = library.create(Settings()).id
    library.start(run_id)
    record(library, run_id, 1, 2, 4)
    after = left_by_a_kill(library, tmp_path / "after")
    assert after.epochs(run_id) == [epoch(1), epoch(2)]
    assert after.run(run_id).epochs_done == 2
    after.close()


def test_a_line_of_another_version_is_passed_over(
    library: Library, lazy: None, tmp_path: Path
) -> None:
    run_id = library.create(Settings()).id
    library.start(run_id)
    EpochLog(library.folder(run_id) / EPOCHS_FILE).append(1, [0.0, run_id, 1, "other"])
    record(library, run_id, 1)
    after = left_by_a_kill(library, tmp_path / "after")
    assert after.epochs(run_id) == [epoch(1)]
    after.close()


def test_a_log_of_a_run_that_has_ended_is_removed_and_changes_nothing(
    library: Library, lazy: None, tmp_path: Path
) -> None:
    run_id = library.create(Settings()).id
    record(library, run_id, 1, 2)
    content = (library.folder(run_id) / EPOCHS_FILE).read_bytes()
    library.finish(run_id, State.FINISHED, "Done.")
    assert not (library.folder(run_id) / EPOCHS_FILE).exists()
    run, epochs = library.run(run_id), library.epochs(run_id)
    (library.folder(run_id) / EPOCHS_FILE).write_bytes(content)
    after = left_by_a_kill(library, tmp_path / "after")
    assert (after.run(run_id), after.epochs(run_id)) == (run, epochs)
    assert not (after.folder(run_id) / EPOCHS_FILE).exists()
    after.close()


def test_epochs_of_a_moment_go_to_the_disk_together(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.library.recording, "WITHIN", 0.2)
    run_id, statements = library.create(Settings()).id, []
    library._writer._connection.set_trace_callback(statements.append)
    record(library, run_id, 1, 2, 3)
    until(lambda: len(library.epochs(run_id)) == 3)
    assert statements.count("COMMIT") == 1
    log = library.folder(run_id) / EPOCHS_FILE
    until(lambda: log.stat().st_size == 0)


def test_what_is_waited_for_takes_the_waiting_epochs_along(library: Library, lazy: None) -> None:
    run_id = library.create(Settings()).id
    record(library, run_id, 1)
    library.rename(run_id, "Named")
    assert library.epochs(run_id) == [epoch(1)]


def test_closing_writes_what_waits(library: Library, lazy: None) -> None:
    run_id = library.create(Settings()).id
    record(library, run_id, 1, 2)
    library.close()
    assert library.epochs(run_id) == [epoch(1), epoch(2)]


def test_who_may_only_look_writes_no_line(library: Library) -> None:
    run_id = library.create(Settings()).id
    onlooker = Library(library.home)
    with pytest.raises(LearnscopeError, match="held by another"):
        record(onlooker, run_id, 1)
    assert not (library.home / "runs" / run_id).exists()
    onlooker.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reaches into SQLite as Linux has it")
def test_a_kill_at_each_write_loses_no_epoch_that_was_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three epochs, a flush, two more, and the end; killed at each write of all that."""

    def trained(name: str, at: int) -> tuple[int | None, list[str], int, Any]:
        home, names = tmp_path / name, tmp_path / f"{name}.names"
        begun = process(log_epochs, home, at, names)
        begun.join(120)
        given = names.read_text().split().count("given")
        library = Library(home, clock=lambda: time.time() + STALE + 1)
        runs = library.runs()
        found = [(run.state, run.epochs_done, library.epochs(run.id)) for run in runs]
        for run in runs:
            assert not (library.folder(run.id) / EPOCHS_FILE).exists()
        library.close()
        return begun.exitcode, names.read_text().splitlines(), given, found

    code, writes, _, found = trained("unharmed", 0)
    epochs = [epoch(number) for number in range(1, 6)]
    assert (code, found) == (0, [(State.FINISHED, 5, epochs)])
    lost = Counter()
    for at in range(1, sum(name != "given" for name in writes) + 1):
        code, _, given, found = trained(f"at-{at}", at)
        assert code == -signal.SIGKILL
        ((state, done, on_record),) = found
        assert state in (State.INTERRUPTED, State.FINISHED)
        assert on_record == epochs[:done]
        assert done >= given
        lost[done - given] += 1
    with capsys.disabled():
        sys.stdout.write(f"\nkilled at each of {sum(lost.values())} writes; none was lost\n")
