"""A run's files are whole, the newest or the one before it, whatever happens and whenever."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import LearnscopeError
from core.runs import Library, State
from core.settings import Settings

FIRST, SECOND = b"first" * 100_000, b"second" * 100_000
ROOT = Path(__file__).parents[2]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "home")
    yield library
    library.close()


@pytest.fixture
def run_id(library: Library) -> str:
    """A run whose best checkpoint is FIRST."""
    run_id = library.create(Settings()).id
    library.store_file(run_id, "best.keras", _writer_of(FIRST))
    return run_id


def _writer_of(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def _the_first_is_untouched(library: Library, run_id: str) -> None:
    assert library.file(run_id, "best.keras").read_bytes() == FIRST
    assert [path.name for path in library.folder(run_id).iterdir()] == ["best.keras"]


def test_a_stored_file_lies_under_its_name_and_its_hash_is_given(library: Library) -> None:
    run_id = library.create(Settings()).id
    digest = library.store_file(run_id, "best.keras", _writer_of(FIRST))
    assert digest == hashlib.sha256(FIRST).hexdigest()
    assert library.file(run_id, "best.keras") == library.home / "runs" / run_id / "best.keras"
    _the_first_is_untouched(library, run_id)


def test_a_later_file_takes_the_place_of_the_first(library: Library, run_id: str) -> None:
    library.store_file(run_id, "best.keras", _writer_of(SECOND))
    assert library.file(run_id, "best.keras").read_bytes() == SECOND


def test_a_file_is_written_beside_under_a_name_of_the_same_kind(
    library: Library, run_id: str
) -> None:
    """Keras chooses the format by the ending; and the first may not be open for writing."""
    paths: list[Path] = []

    def write(path: Path) -> None:
        paths.append(path)
        assert library.file(run_id, "best.keras").read_bytes() == FIRST
        path.write_bytes(SECOND)

    library.store_file(run_id, "best.keras", write, check=paths.append)
    assert paths[0] == paths[1]
    assert paths[0].parent == library.folder(run_id)
    assert paths[0].suffix == ".keras"
    assert paths[0].name != "best.keras"


def test_a_writer_that_fails_half_way_leaves_the_first(library: Library, run_id: str) -> None:
    def write(path: Path) -> None:
        path.write_bytes(SECOND[:1000])
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        library.store_file(run_id, "best.keras", write)
    _the_first_is_untouched(library, run_id)


def test_a_full_disk_leaves_the_first_and_is_told(library: Library, run_id: str) -> None:
    def write(path: Path) -> None:
        path.write_bytes(SECOND[:1000])
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(LearnscopeError, match=r"The disk is full: .*The one before it is kept"):
        library.store_file(run_id, "best.keras", write)
    _the_first_is_untouched(library, run_id)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_takes_no_byte_leaves_the_first(library: Library, run_id: str) -> None:
    def write(path: Path) -> None:
        path.symlink_to("/dev/full")
        path.write_bytes(SECOND)

    with pytest.raises(LearnscopeError, match="The disk is full"):
        library.store_file(run_id, "best.keras", write)
    _the_first_is_untouched(library, run_id)


def test_a_writer_that_writes_nothing_is_told(library: Library, run_id: str) -> None:
    with pytest.raises(LearnscopeError, match="could not be saved"):
        library.store_file(run_id, "best.keras", lambda path: None)
    _the_first_is_untouched(library, run_id)


def test_a_check_that_refuses_leaves_the_first(library: Library, run_id: str) -> None:
    def check(path: Path) -> None:
        raise LearnscopeError("Not a checkpoint.")

    with pytest.raises(LearnscopeError, match=r"Not a checkpoint\."):
        library.store_file(run_id, "best.keras", _writer_of(SECOND), check)
    _the_first_is_untouched(library, run_id)


def test_a_record_that_cannot_be_written_leaves_the_first(library: Library, run_id: str) -> None:
    database = library.home / "library.sqlite"
    hidden = database.with_name("hidden")

    def check(path: Path) -> None:
        database.rename(hidden)

    with pytest.raises(LearnscopeError, match="removed"):
        library.store_file(run_id, "best.keras", _writer_of(SECOND), check)
    hidden.rename(database)
    _the_first_is_untouched(library, run_id)


def test_a_later_file_is_taken_after_one_that_failed(library: Library, run_id: str) -> None:
    with pytest.raises(LearnscopeError):
        library.store_file(run_id, "best.keras", lambda path: None)
    library.store_file(run_id, "best.keras", _writer_of(SECOND))
    assert library.file(run_id, "best.keras").read_bytes() == SECOND


@pytest.mark.parametrize("position", [0, len(FIRST) // 2, len(FIRST) - 1])
def test_a_file_with_a_flipped_bit_is_refused(library: Library, run_id: str, position: int) -> None:
    path = library.file(run_id, "best.keras")
    damaged = bytearray(FIRST)
    damaged[position] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(LearnscopeError, match="is not as it was stored"):
        library.file(run_id, "best.keras")


def test_a_damaged_file_is_not_made_good_by_the_next_one_that_never_came(
    library: Library, run_id: str
) -> None:
    """Its hash must not slip in as that of the one before."""
    library.file(run_id, "best.keras").write_bytes(b"damaged")

    target = library.folder(run_id) / "best.keras"
    library._record_file(run_id, target, hashlib.sha256(SECOND).hexdigest(), len(SECOND))
    with pytest.raises(LearnscopeError, match="is not as it was stored"):
        library.file(run_id, "best.keras")


def test_a_file_that_is_gone_or_never_was_is_a_sentence(library: Library, run_id: str) -> None:
    with pytest.raises(LearnscopeError, match=r"“Default settings” has no last\.keras"):
        library.file(run_id, "last.keras")
    library.file(run_id, "best.keras").unlink()
    with pytest.raises(LearnscopeError, match="cannot be read: No such file"):
        library.file(run_id, "best.keras")


@pytest.mark.parametrize("name", ["../best.keras", "a/b", "/etc/passwd", "", ".", "..", ".hidden"])
def test_a_name_that_leads_elsewhere_is_refused(library: Library, run_id: str, name: str) -> None:
    with pytest.raises(LearnscopeError, match="Expected a plain file name"):
        library.store_file(run_id, name, _writer_of(FIRST))
    with pytest.raises(LearnscopeError, match="Expected a plain file name"):
        library.file(run_id, name)


CHILD = """
import os, signal, sys
from pathlib import Path
import core.library.files
from core.runs import Library
from core.settings import Settings

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

first, second = b"first" * 100_000, b"second" * 100_000
library = Library(Path(sys.argv[1]))
run = library.create(Settings()).id
library.start(run)
library.store_file(run, "best.keras", lambda path: path.write_bytes(first))
moment = sys.argv[2]
write = lambda path: path.write_bytes(second)
check = None
if moment == "half written":
    write = lambda path: (path.write_bytes(second[:1000]), die())
elif moment == "checking":
    check = die
elif moment == "before the record":
    library._record_file = die
elif moment == "after the record":
    record = library._record_file
    library._record_file = lambda *about: (record(*about), die())
elif moment == "after the replacement":
    to_disk = core.library.files._to_disk
    core.library.files._to_disk = lambda path: die() if path.is_dir() else to_disk(path)
elif moment == "any":
    print("ready", flush=True)
    while True:
        for content in (first, second):
            library.store_file(run, "best.keras", lambda path: path.write_bytes(content))
library.store_file(run, "best.keras", write, check)
"""


def _after_the_kill(home: Path) -> bytes:
    """What the best checkpoint holds once Learnscope has started again; all else is asserted."""
    library = Library(home)
    (run,) = library.runs()
    assert run.state is State.INTERRUPTED
    content = library.file(run.id, "best.keras").read_bytes()
    assert [path.name for path in library.folder(run.id).iterdir()] == ["best.keras"]
    library.store_file(run.id, "best.keras", _writer_of(b"third"))
    assert library.file(run.id, "best.keras").read_bytes() == b"third"
    library.close()
    return content


@pytest.mark.parametrize(
    ("moment", "left"),
    [
        ("half written", FIRST),
        ("checking", FIRST),
        ("before the record", FIRST),
        ("after the record", FIRST),
        ("after the replacement", SECOND),
    ],
)
def test_a_kill_at_each_step_of_a_save_leaves_a_whole_file(
    tmp_path: Path, moment: str, left: bytes
) -> None:
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), moment], cwd=ROOT, timeout=60, check=False
    )
    assert child.returncode == -signal.SIGKILL
    assert _after_the_kill(tmp_path) == left


@pytest.mark.parametrize("delay", [0.002, 0.011, 0.029, 0.053, 0.097])
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path, delay: float) -> None:
    command = [sys.executable, "-c", CHILD, str(tmp_path), "any"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(delay)  # The moment is what is tested.
        os.kill(child.pid, signal.SIGKILL)
    assert _after_the_kill(tmp_path) in (FIRST, SECOND)
