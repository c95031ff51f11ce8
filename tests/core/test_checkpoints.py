"""The checkpoint thread: the newest best is stored whole, seldom, and a failure loses nothing."""

from __future__ import annotations

import errno
import threading
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import keras
import numpy as np
import pytest

from core.errors import LearnscopeError
from core.fitting.callbacks import Best
from core.fitting.checkpoints import CheckpointWriter, check_archive
from core.fitting.keras_archive import checkpoint_form
from core.library.checkpoint_file import CheckpointForm
from core.library.files import write_and_place


def network() -> keras.Model:
    image = keras.Input((2,))
    model = keras.Model(image, keras.layers.Dense(1, use_bias=False, name="d")(image))
    model.compile("sgd", "mse")
    return model


def form() -> Future[CheckpointForm]:
    had: Future[CheckpointForm] = Future()
    had.set_result(checkpoint_form(network()))
    return had


def best(epoch: int) -> Best:
    """Weights that are the epoch's number."""
    return Best(epoch, 1 / epoch, 0.5, [np.full((2, 1), epoch, np.float32)])


def number_in(path: Path) -> float:
    return float(keras.models.load_model(path).get_layer("d").kernel.numpy()[0, 0])


class Folder:
    """Stores as the library does, notes when, and fails on demand."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.stored: list[str] = []
        self.failures: list[Exception] = []
        self.seconds = 0.0
        self.happened = threading.Event()

    def __call__(
        self, name: str, write: Callable[[Path], None], check: Callable[[Path], object]
    ) -> None:
        def write_slowly(path: Path) -> None:
            time.sleep(self.seconds)
            write(path)
            if self.failures:
                raise self.failures.pop(0)

        try:
            write_and_place(self.home / name, write_slowly, check, lambda digest, size: None)
            self.stored.append(name)
        finally:
            self.happened.set()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_what_was_given_last_is_stored_when_close_returns(folder: Folder) -> None:
    announced: list[int] = []
    writer = CheckpointWriter(form(), folder, lambda stored: announced.append(stored.epoch))
    for epoch in range(1, 6):
        writer.give(best(epoch))
    writer.close()
    assert number_in(folder.home / "best.keras") == 5
    assert announced[-1] == 5
    assert writer.stored is not None
    assert (writer.stored.epoch, writer.trouble) == (5, "")


def test_nothing_given_is_nothing_stored(folder: Folder) -> None:
    writer = CheckpointWriter(form(), folder, lambda stored: None)
    writer.close()
    assert (folder.stored, writer.stored) == ([], None)


def test_after_a_save_it_rests_two_hundred_times_as_long(folder: Folder) -> None:
    """A save of more than 50 ms: what comes in the second after it waits, close or not."""
    folder.seconds = 0.05
    writer = CheckpointWriter(form(), folder, lambda stored: None)
    writer.give(best(1))
    assert folder.happened.wait(60)
    began = time.monotonic()
    while time.monotonic() - began < 0.5:
        writer.give(best(2))
    assert folder.stored == ["best.keras"]
    writer.close()
    assert folder.stored == ["best.keras"] * 2
    assert number_in(folder.home / "best.keras") == 2


def test_the_end_does_not_wait_for_the_rest_to_be_over(folder: Folder) -> None:
    folder.seconds = 0.5
    writer = CheckpointWriter(form(), folder, lambda stored: None)
    writer.give(best(1))
    assert folder.happened.wait(60)
    began = time.monotonic()
    writer.close()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "no space"), RuntimeError("h5py")])
def test_a_refused_save_keeps_the_one_before_and_is_told(
    folder: Folder, failure: Exception
) -> None:
    writer = CheckpointWriter(form(), folder, lambda stored: None)
    writer.give(best(1))
    assert folder.happened.wait(60)
    folder.failures = [failure, failure]
    writer.give(best(2))
    writer.close()
    assert number_in(folder.home / "best.keras") == 1
    assert writer.stored is not None
    assert writer.stored.epoch == 1
    assert "could not be saved" in writer.trouble
    assert [path.name for path in folder.home.iterdir()] == ["best.keras"]


def test_a_save_refused_once_is_tried_again_at_the_end(folder: Folder) -> None:
    folder.failures = [OSError(errno.ENOSPC, "no space")]
    writer = CheckpointWriter(form(), folder, lambda stored: None)
    writer.give(best(3))
    writer.close()
    assert number_in(folder.home / "best.keras") == 3
    assert writer.stored is not None
    assert writer.trouble == ""


def test_a_file_under_another_name_is_stored_at_once(folder: Folder) -> None:
    writer = CheckpointWriter(form(), folder, lambda stored: None)
    writer.close()
    assert writer.save("last.keras", best(7).weights)
    assert number_in(folder.home / "last.keras") == 7


def test_other_files_are_stored_with_what_is_newest_then(folder: Folder) -> None:
    writer, newest = CheckpointWriter(form(), folder, lambda stored: None), ["one"]
    for word in ("one", "two", "three"):
        newest[0] = word
        writer.give_file("a.txt", lambda path: path.write_text(newest[0]), Path.read_text)
    writer.close()
    assert (folder.home / "a.txt").read_text() == "three"
    assert writer.lost == {}
    assert writer.stored is None


def test_no_other_file_is_stored_before_the_first_best(folder: Folder) -> None:
    """The rest after its save, of a second here, would have the best wait."""
    folder.seconds = 0.05
    writer = CheckpointWriter(form(), folder, lambda stored: None)
    writer.give_file("a.txt", lambda path: path.write_text("whole"), Path.read_text)
    assert not folder.happened.wait(0.2)
    writer.give(best(1))
    writer.close()
    assert folder.stored == ["best.keras", "a.txt"]


def test_another_file_that_is_refused_costs_no_weights_and_is_tried_again(folder: Folder) -> None:
    writer = CheckpointWriter(form(), folder, lambda stored: None)

    def write(path: Path) -> None:
        path.write_text("whole")
        if attempts:
            raise attempts.pop()

    attempts = [OSError(errno.ENOSPC, "no space")]
    writer.give(best(1))
    writer.give_file("a.txt", write, Path.read_text)
    writer.close()
    assert (folder.home / "a.txt").read_text() == "whole"
    assert (writer.lost, writer.trouble) == ({}, "")
    assert number_in(folder.home / "best.keras") == 1


def test_another_file_that_is_never_taken_is_told_by_name(folder: Folder) -> None:
    writer = CheckpointWriter(form(), folder, lambda stored: None)

    def refuse(path: Path) -> None:
        raise OSError(errno.ENOSPC, "no space")

    writer.give_file("a.txt", refuse, Path.read_text)
    writer.give(best(1))
    writer.close()
    assert list(writer.lost) == ["a.txt"]
    assert writer.lost["a.txt"].startswith("The disk is full: ")
    assert writer.trouble == ""
    assert number_in(folder.home / "best.keras") == 1


def test_a_damaged_archive_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "best.keras"
    network().save(path)
    check_archive(path)
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        begin = archive.getinfo("model.weights.h5").header_offset
    whole[begin + 200] ^= 0xFF
    path.write_bytes(whole)
    with pytest.raises(LearnscopeError, match=r"part model\.weights\.h5 cannot be read back"):
        check_archive(path)
    path.write_bytes(whole[:-100])
    with pytest.raises(LearnscopeError, match=r"part best\.keras cannot be read back"):
        check_archive(path)
