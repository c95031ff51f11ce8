"""The page of runs, through app.py as a person meets it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.runs import Epoch, Library, Run, State
from core.settings import OptimisationSettings, RegularizationSettings, Settings
from pages.shared import state

APP = Path(__file__).resolve().parents[2] / "app.py"
EPOCH = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)

OpenRuns = Callable[..., AppTest]


@pytest.fixture
def library(home: Path) -> Library:
    """The library that the page looks at."""
    return state.library()


@pytest.fixture
def open_runs(library: Library) -> OpenRuns:
    """Open /runs, with a query such as ``open_runs(run="20261124-3f9a2c")``."""

    def open_runs(**link: str) -> AppTest:
        test = AppTest.from_file(str(APP), default_timeout=120).run()
        test.switch_page("pages/learning/runs.py")
        test.query_params.clear()
        for name, value in link.items():
            test.query_params[name] = value
        return test.run()

    return open_runs


def _finished(library: Library, name: str, **regularization: float) -> Run:
    settings = Settings(regularization=RegularizationSettings(**regularization))
    run = library.create(settings, name)
    library.start(run.id)
    library.record_epoch(run.id, EPOCH, [1, 2, 3], [0, 0, 1])
    library.record_best(run.id, 1, 1.875, 0.375)
    library.finish(run.id, State.FINISHED, "Finished: all 30 epochs.", 1.5, 0.5, 1000)
    return library.run(run.id)


def _names(test: AppTest) -> list[str]:
    return [] if not test.dataframe else test.dataframe[0].value["name"].tolist()


def _tick(test: AppTest, *rows: int) -> AppTest:
    test.session_state[test.dataframe[0].key] = {"selection": {"rows": list(rows)}}
    return test.run()


def _press(test: AppTest, label: str) -> AppTest:
    return next(button for button in test.button if button.label == label).click().run()


def _labels(test: AppTest) -> list[str]:
    return [button.label for button in test.button]


def _texts(test: AppTest) -> str:
    return "\n".join(element.value for element in [*test.markdown, *test.caption])


def test_runs_are_listed_newest_first_with_their_figures(
    library: Library, open_runs: OpenRuns
) -> None:
    _finished(library, "First")
    _finished(library, "Second", dropout_dense=0.5)
    test = open_runs()
    assert not test.exception
    assert test.title[0].value == "Runs"
    table = test.dataframe[0].value
    assert table["name"].tolist() == ["Second", "First"]
    assert table["dropout_dense"].tolist() == [0.5, 0.0]
    assert table["best_epoch"].tolist() == [1, 1]
    assert table["validation_loss"].tolist() == [1.875, 1.875]
    assert table["test_accuracy"].tolist() == [50.0, 50.0]
    assert table["test_images"].tolist() == [1000, 1000]
    assert "wrong_labels" not in table


def test_an_empty_library_offers_a_first_run_and_leads_to_it(
    library: Library, open_runs: OpenRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Queue:
        def submit(self, settings: Settings, name: str = "") -> str:
            return library.create(settings, name).id

    test = open_runs()
    assert _labels(test) == ["Train the default network"]
    with monkeypatch.context() as patch:
        patch.setattr(state, "training_queue", Queue)
        button = test.button[0].click()
        patch.setattr("streamlit.switch_page", _note_switch(switched := []))
        button.run()
    (run,) = library.runs()
    assert run.settings == Settings()
    assert switched == [("pages/learning/train.py", {"run": run.id})]


def _note_switch(switched: list[object]) -> Callable[..., None]:
    def switch_page(page: str, *, query_params: dict[str, str]) -> None:
        switched.append((page, dict(query_params)))

    return switch_page


def test_a_ticked_run_is_told_in_words_and_can_be_opened(
    library: Library, open_runs: OpenRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _finished(library, "First", dropout_dense=0.5)
    test = _tick(open_runs(), 0)
    assert "**First**: Finished: all 30 epochs." in _texts(test)
    assert "Dropout rate (dense) 0.5." in _texts(test)
    monkeypatch.setattr("streamlit.switch_page", _note_switch(switched := []))
    _press(test, "Open its curves")
    assert switched == [("pages/learning/train.py", {"run": run.id})]


def test_a_run_is_renamed(library: Library, open_runs: OpenRuns) -> None:
    run = _finished(library, "First")
    test = _tick(open_runs(), 0)
    test.text_input(key=f"{state.NEW_NAME} {run.id}").set_value("Better name")
    assert _names(_press(test, "Save")) == ["Better name"]
    assert library.run(run.id).name == "Better name"


def test_delete_can_be_undone(library: Library, open_runs: OpenRuns) -> None:
    _finished(library, "First")
    _finished(library, "Second")
    test = _press(_tick(open_runs(), 1), "Delete")
    assert _names(test) == ["Second"]
    assert "Deleted: “First”" in _texts(test)
    test = _press(test, "Undo")
    assert _names(test) == ["Second", "First"]
    assert "Deleted" not in _texts(test)


def test_several_runs_are_deleted_and_brought_back_together(
    library: Library, open_runs: OpenRuns
) -> None:
    for name in "abc":
        _finished(library, name)
    test = _press(_tick(open_runs(), 0, 2), "Delete these 2 runs")
    assert _names(test) == ["b"]
    assert _names(_press(test, "Undo")) == ["c", "b", "a"]


def test_the_last_run_can_be_brought_back_too(library: Library, open_runs: OpenRuns) -> None:
    _finished(library, "Only")
    test = _press(_tick(open_runs(), 0), "Delete")
    assert _labels(test)[:2] == ["Undo", "Train the default network"]
    assert _names(_press(test, "Undo")) == ["Only"]


def test_a_tick_stays_with_its_run_when_a_newer_one_comes(
    library: Library, open_runs: OpenRuns
) -> None:
    """Streamlit knows rows by their numbers; "Delete" must not meet the run that moved there."""
    _finished(library, "Second")
    _finished(library, "Third")
    test = _tick(open_runs(), 1)
    _finished(library, "Fourth")
    test.run()
    assert _names(test) == ["Fourth", "Third", "Second"]
    assert "**Second**" in _texts(test)
    assert _names(_press(test, "Delete")) == ["Fourth", "Third"]


def test_a_run_in_progress_is_shown_and_followed_but_not_deleted(
    library: Library, open_runs: OpenRuns
) -> None:
    run = library.create(Settings(optimisation=OptimisationSettings(epochs=5)), "Mine")
    library.start(run.id)
    test = _tick(open_runs(), 0)
    assert test.dataframe[0].value["state"].tolist() == ["training, epoch 1 of 5"]
    assert next(button for button in test.button if button.label == "Delete").disabled
    library.record_epoch(run.id, EPOCH, [1, 2, 3], [0, 0, 1])
    library.flush()
    test.run()
    assert test.dataframe[0].value["state"].tolist() == ["training, epoch 2 of 5"]
    library.finish(run.id, State.STOPPED, "Stopped by you.")
    test.run()
    assert test.dataframe[0].value["state"].tolist() == ["stopped by you"]
    assert not next(button for button in test.button if button.label == "Delete").disabled


def test_a_link_to_a_run_ticks_it(library: Library, open_runs: OpenRuns) -> None:
    run = _finished(library, "First")
    _finished(library, "Second")
    assert "**First**" in _texts(open_runs(run=run.id))


@pytest.mark.parametrize("run_id", ["20261124-3f9a2c", "../../etc/passwd", "<b>x</b>"])
def test_an_unknown_run_in_a_link_is_a_sentence_and_the_list_remains(
    library: Library, open_runs: OpenRuns, run_id: str
) -> None:
    _finished(library, "First")
    test = open_runs(run=run_id)
    assert not test.exception
    assert [warning.value for warning in test.warning] == [
        f"Expected the id of a run in the library. Received: {run_id!r}, which stands for none. "
        "Choose one on the page of runs."
    ]
    assert _names(test) == ["First"]


def test_a_library_that_goes_away_is_a_sentence(library: Library, open_runs: OpenRuns) -> None:
    _finished(library, "First")
    test = open_runs()
    shutil.rmtree(library.home)
    test.run()
    assert not test.exception
    assert len(test.error) == 1
    assert "could not be opened: it was removed" in test.error[0].value
