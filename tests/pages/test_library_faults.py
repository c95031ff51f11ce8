"""Whatever is wrong with the library, a page says it in a sentence: no traceback, no blank page."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.runs import Library
from pages.shared import state
from tests.core.real_disks import filled_up, read_only, small_disk

PAGES = {
    "Train": "learning/train",
    "Runs": "learning/runs",
    "Layers": "interpretation/layers",
}
Visit = Callable[..., AppTest]

every_page = pytest.mark.parametrize("title", PAGES)


@pytest.fixture
def closed(home: Path, trained: Callable[..., str]) -> Path:
    """The home of a library with a trained run, which no process has open."""
    trained("Mine")
    st.cache_resource.clear()
    return home


@pytest.fixture
def holder(closed: Path) -> Iterator[Library]:
    """Another server, as far as the lock can tell, that holds the library."""
    library = Library(closed, address="http://localhost:8600")
    yield library
    library.close()


def _sentence(test: AppTest, title: str) -> str:
    """The one error that the page shows under its title."""
    assert not test.exception
    assert [one.value for one in test.title] == [title]
    (error,) = test.error
    return error.value


def _texts(test: AppTest) -> str:
    return "\n".join(one.value for one in [*test.markdown, *test.caption])


def _truncate(database: Path) -> None:
    os.truncate(database, 4096)


def _make_newer(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 999")


def _write_diary(database: Path) -> None:
    database.write_bytes(b"Dear diary, " * 1000)


FAULTS = {
    "damaged or cut short": _truncate,
    "of version 999, which a newer Learnscope made": _make_newer,
    "which is not a database": _write_diary,
    "Expected the record of the runs in": Path.unlink,
}


@every_page
@pytest.mark.parametrize("words", FAULTS)
def test_a_database_that_cannot_be_opened_is_a_sentence_and_left_alone(
    closed: Path, visit: Visit, title: str, words: str
) -> None:
    database = closed / "library.sqlite"
    FAULTS[words](database)
    before = database.read_bytes() if database.exists() else None
    test = visit(PAGES[title])
    assert words in _sentence(test, title)
    assert (database.read_bytes() if database.exists() else None) == before
    assert "Begin a new" not in "".join(button.label for button in test.button)


def test_a_page_goes_on_once_the_database_is_back(closed: Path, visit: Visit) -> None:
    copy = (closed / "library.sqlite").read_bytes()
    _truncate(closed / "library.sqlite")
    test = visit("learning/runs")
    _sentence(test, "Runs")
    (closed / "library.sqlite").write_bytes(copy)
    next(button for button in test.button if button.label == "Try again").click().run()
    assert not test.error
    assert test.dataframe[0].value["name"].tolist() == ["Mine"]


@every_page
def test_a_library_that_is_gone_at_the_start_is_missed_and_not_made_anew(
    closed: Path, visit: Visit, title: str
) -> None:
    shutil.rmtree(closed)
    test = visit(PAGES[title])
    assert "Expected the run library in" in _sentence(test, title)
    assert not closed.exists()


def test_who_wants_a_new_library_in_place_of_the_one_that_is_gone_says_so(
    closed: Path, visit: Visit
) -> None:
    shutil.rmtree(closed)
    test = visit("learning/runs")
    (button,) = (one for one in test.button if one.label == "Begin a new, empty library there")
    button.click().run()
    assert not test.error
    assert "There are no runs yet." in _texts(test)
    assert (closed / "library.sqlite").exists()


@every_page
def test_a_library_that_goes_away_while_it_is_open_is_a_sentence(
    home: Path, trained: Callable[..., str], visit: Visit, title: str
) -> None:
    trained()
    shutil.rmtree(home)
    assert "could not be opened: it was removed" in _sentence(visit(PAGES[title]), title)
    assert not home.exists()


@every_page
def test_a_database_that_a_program_holds_is_a_sentence(
    closed: Path, visit: Visit, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    monkeypatch.setattr("core.library.access._PATIENCE", 0.05)
    with closing(sqlite3.connect(closed / "library.sqlite", isolation_level=None)) as program:
        program.execute("BEGIN EXCLUSIVE")
        assert "is held by another program" in _sentence(visit(PAGES[title]), title)
        program.execute("ROLLBACK")


@every_page
def test_a_library_held_by_another_server_is_shown_with_its_holder(
    holder: Library, visit: Visit, title: str
) -> None:
    test = visit(PAGES[title])
    assert not test.exception
    assert not test.error
    (warning,) = [one.value for one in test.warning]
    assert f"is held by another Learnscope: process {os.getpid()} on the machine" in warning
    assert "at http://localhost:8600. Train there; or end that one, and reload" in warning
    if title == "Train":
        assert "#### Mine" in _texts(test)
    elif title == "Runs":
        assert test.dataframe[0].value["name"].tolist() == ["Mine"]
    else:
        assert ["Mine"] in [one.options for one in test.selectbox if one.label == "Run"]


def test_training_is_refused_with_the_holder_and_nothing_is_entered(
    holder: Library, visit: Visit
) -> None:
    test = visit("learning/train")
    next(button for button in test.button if button.label == "Train").click().run()
    assert not test.exception
    assert any("is held by another Learnscope" in error.value for error in test.error)
    assert [run.name for run in holder.runs()] == ["Mine"]


def test_changes_are_out_of_reach_where_another_server_holds_the_library(
    holder: Library, visit: Visit
) -> None:
    (run,) = holder.runs()
    test = visit("learning/runs", run=run.id)
    disabled = {button.label for button in test.button if button.disabled}
    assert {"Keep", "Archive", "Delete"} <= disabled
    assert not next(one for one in test.button if one.label == "Open its curves").disabled


def test_a_reload_takes_the_library_over_once_its_holder_is_gone(
    holder: Library, visit: Visit
) -> None:
    test = visit("learning/runs")
    assert len(test.warning) == 1
    holder.close()
    test.run()
    assert not test.warning
    state.library().rename(state.library().runs()[0].id, "Yours")
    assert test.run().dataframe[0].value["name"].tolist() == ["Yours"]


@every_page
def test_a_read_only_library_is_shown_with_a_word_on_top(
    closed: Path, visit: Visit, title: str
) -> None:
    with read_only(closed):
        test = visit(PAGES[title])
        assert not test.exception
        assert not test.error
        (warning,) = [one.value for one in test.warning]
        assert warning.startswith("Expected a folder for the run library that can be written.")
        st.cache_resource.clear()


@every_page
def test_a_full_disk_hides_no_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
    trained: Callable[..., str],
    visit: Visit,
    title: str,
) -> None:
    with small_disk(tmp_path / "disk", kilobytes=2048) as disk:
        monkeypatch.setenv("LEARNSCOPE_HOME", str(disk / "home"))
        trained("Mine")
        with filled_up(disk):
            test = visit(PAGES[title])
            assert not test.exception
            assert not test.error
        st.cache_resource.clear()


def test_training_on_a_full_disk_is_refused_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
    trained: Callable[..., str],
    visit: Visit,
) -> None:
    with small_disk(tmp_path / "disk", kilobytes=2048) as disk:
        monkeypatch.setenv("LEARNSCOPE_HOME", str(disk / "home"))
        trained("Mine")
        with filled_up(disk):
            test = visit("learning/train")
            next(button for button in test.button if button.label == "Train").click().run()
            assert not test.exception
            assert any("The disk is full" in error.value for error in test.error)
            assert len(state.library().runs()) == 1
        st.cache_resource.clear()


@pytest.mark.parametrize("page", ["layers", "kernels", "responses", "decision"])
def test_one_damaged_checkpoint_is_a_sentence_and_the_other_runs_stay_usable(
    trained: Callable[..., str], visit: Visit, page: str
) -> None:
    whole, damaged = trained("Whole"), trained("Damaged")
    path = state.library().file(damaged, "best.keras")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    test = visit(f"interpretation/{page}", run=damaged)
    assert not test.exception
    (error,) = [one.value for one in test.error]
    assert "of the run “Damaged” is not as it was stored: it was changed or damaged" in error
    choice = next(one for one in test.selectbox if one.label == "Run")
    choice.select(whole).run()
    assert not test.error
    assert test.selectbox[0].value == whole
    assert len(test.dataframe) + len(test.get("plotly_chart")) > 0


def test_the_runs_page_and_the_curves_of_a_damaged_run_stay(
    trained: Callable[..., str], visit: Visit
) -> None:
    damaged = trained("Damaged")
    trained("Whole")
    path = state.library().file(damaged, "best.keras")
    path.write_bytes(path.read_bytes()[:-1])
    test = visit("learning/runs")
    assert not test.error
    assert test.dataframe[0].value["name"].tolist() == ["Whole", "Damaged"]
    test = visit("learning/train", run=damaged)
    assert not test.exception
    assert not test.error
    assert any("is not as it was stored" in one.value for one in test.warning)
    assert "Damaged" in _texts(test)
