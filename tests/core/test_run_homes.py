"""A library that is gone is missed, and not silently made anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.library.homes import LibraryGoneError, forget, refuse_if_gone, remember
from core.runs import Library


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's state directory, one for this test."""
    folder = tmp_path / "state"
    monkeypatch.setattr(
        "core.library.homes.platformdirs.user_state_path", lambda name: folder / name
    )
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a library that is remembered."""
    home = tmp_path / "home"
    Library(home).close()
    remember(home)
    return home


def test_a_folder_that_never_was_a_library_may_become_one(tmp_path: Path) -> None:
    refuse_if_gone(tmp_path / "new")


def test_a_library_that_is_there_is_not_missed(home: Path) -> None:
    refuse_if_gone(home)


@pytest.mark.parametrize("how", ["removed", "emptied"])
def test_a_library_that_is_gone_is_missed(home: Path, how: str) -> None:
    """Emptied as by a drive that is not connected: the folder to connect it at is still there."""
    shutil.rmtree(home)
    if how == "emptied":
        home.mkdir()
    with pytest.raises(LibraryGoneError, match=r"Expected the run library in .*, where it was on "):
        refuse_if_gone(home)
    assert not (home / "library.sqlite").exists()


def test_it_is_found_again_once_it_is_back(home: Path, tmp_path: Path) -> None:
    home.rename(tmp_path / "elsewhere")
    with pytest.raises(LibraryGoneError, match="no such folder"):
        refuse_if_gone(home)
    (tmp_path / "elsewhere").rename(home)
    refuse_if_gone(home)


def test_who_wants_a_new_one_there_can_have_it(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    Library(other).close()
    remember(other)
    for folder in (home, other):
        shutil.rmtree(folder)
    forget(home)
    refuse_if_gone(home)
    with pytest.raises(LibraryGoneError):
        refuse_if_gone(other)


def test_files_of_runs_without_their_record_are_for_the_library_to_tell(home: Path) -> None:
    (home / "library.sqlite").unlink()
    (home / "runs" / "20261124-000001").mkdir(parents=True)
    refuse_if_gone(home)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": "b"}', '{"a": null}'])
def test_a_list_that_cannot_be_read_stands_in_nobodys_way(
    home: Path, state: Path, content: str
) -> None:
    (state / "learnscope" / "libraries.json").write_text(content)
    refuse_if_gone(home)
    remember(home)
    shutil.rmtree(home)
    with pytest.raises(LibraryGoneError):
        refuse_if_gone(home)


def test_a_list_that_cannot_be_written_stands_in_nobodys_way(home: Path, state: Path) -> None:
    shutil.rmtree(state)
    state.write_text("not a folder")
    remember(home)
    forget(home)
    refuse_if_gone(home)


def test_only_the_newest_two_hundred_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(range(1, 1000))
    monkeypatch.setattr("core.library.homes.time.time", lambda: float(next(times)))
    for number in range(201):
        remember(tmp_path / str(number))
    refuse_if_gone(tmp_path / "0")
    with pytest.raises(LibraryGoneError):
        refuse_if_gone(tmp_path / "1")
