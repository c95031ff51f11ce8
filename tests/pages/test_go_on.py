"""A run that was cut off goes on from its page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.runs import Library, Run, State
from core.settings import DataSettings, OptimisationSettings, Settings
from pages.shared import state
from tests.core.small import until

Open = Callable[..., AppTest]
LONG = Settings(
    data=DataSettings(dataset="digits", training_images=100),
    optimisation=OptimisationSettings(epochs=40),
)


@pytest.fixture
def library(home: object) -> Library:
    """The library that the page looks at."""
    return state.library()


def stopped_run(library: Library) -> Run:
    """A run that was stopped after some epochs, by the queue of the page."""
    queue = state.training_queue()
    run_id = queue.submit(LONG)
    until(lambda: library.run(run_id).resume_epoch, 120)
    queue.stop(run_id)
    assert queue.wait(run_id, 120)
    return library.run(run_id)


def go_on_buttons(test: AppTest) -> list[str]:
    return [button.label for button in test.button if str(button.key).startswith(state.GO_ON)]


def press_go_on(test: AppTest) -> AppTest:
    (button,) = (button for button in test.button if str(button.key).startswith(state.GO_ON))
    return button.click().run()


def test_a_stopped_run_goes_on_from_its_last_whole_epoch_to_its_end(
    open_app: Open, library: Library
) -> None:
    run = stopped_run(library)
    assert run.state is State.STOPPED
    test = open_app(run=run.id)
    assert go_on_buttons(test) == ["Go on"]
    press_go_on(test)
    assert not test.exception
    assert state.training_queue().wait(run.id, 240)
    after = library.run(run.id)
    assert (after.state, after.epochs_done) == (State.FINISHED, 40)
    test.run()
    assert [box.value for box in test.success] == [after.sentence]
    resumed = next(event for event in library.events(run.id) if event.kind == "resumed")
    assert f"Resumed after epoch {resumed.epoch}, it is the same run" in after.sentence
    assert go_on_buttons(test) == []


def test_a_damaged_state_is_a_sentence_and_the_run_stays_as_it_was(
    open_app: Open, library: Library
) -> None:
    run = stopped_run(library)
    library.state_file(run.id).write_bytes(b"not a state")
    test = press_go_on(open_app(run=run.id))
    assert not test.exception
    assert "is not as it was stored" in test.error[-1].value
    assert not state.training_queue().busy()
    assert library.run(run.id) == run


def test_runs_that_have_their_end_offer_nothing(
    open_app: Open, trained: Callable[..., str]
) -> None:
    test = open_app(run=trained())
    assert not test.exception
    assert go_on_buttons(test) == []
