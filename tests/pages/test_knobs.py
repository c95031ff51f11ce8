"""Turning a knob of a run in training, on its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.runs import Library, State
from core.settings import Change, from_mapping
from pages.shared import state
from tests.core.small import SMALL, until

Open = Callable[..., AppTest]
LONG = from_mapping(SMALL | {"epochs": 1000, "dropout_dense": 0.2, "optimizer": "adamw"})


@pytest.fixture
def library(home: object) -> Library:
    """The library that the page looks at."""
    return state.library()


@pytest.fixture
def training(library: Library) -> Iterator[str]:
    """Id of a long run that makes its steps."""
    queue = state.training_queue()
    run_id = queue.submit(LONG)
    until(lambda: (moment := queue.progress(run_id)) and moment.done > 1, 120)
    yield run_id
    queue.stop(run_id)
    assert queue.wait(run_id, 120)


def knobs(test: AppTest) -> dict[str, object]:
    widgets = [*test.slider, *test.select_slider]
    return {w.label: w for w in widgets if str(w.key).startswith(state.KNOB)}


def apply(test: AppTest) -> object:
    (button,) = (button for button in test.button if str(button.key).startswith(state.TURN))
    return button


def test_what_is_applied_is_in_force_a_moment_later_and_told_with_its_step(
    open_page: Open, library: Library, training: str
) -> None:
    test = open_page("learning/train", run=training)
    assert {label: knob.value for label, knob in knobs(test).items()} == {
        "Dropout rate (convolution)": 0.0,
        "Dropout rate (dense)": 0.2,
        "Gaussian noise": 0.0,
        "L1 strength": 0.0,
        "L2 strength": 0.0,
        "Weight decay": 0.004,
        "Learning rate": 0.01,
    }
    assert apply(test).disabled
    knobs(test)["Dropout rate (dense)"].set_value(0.5)
    knobs(test)["L2 strength"].set_value(0.01)
    test.run()
    assert library.run(training).changes == ()
    apply(test).click().run()
    until(lambda: len(library.run(training).changes) == 2)
    test.run()
    assert not test.exception
    first, second = library.run(training).changes
    assert (first.name, first.new, second.name, second.new) == (
        *("dropout_dense", 0.5),
        *("l2", 0.01),
    )
    assert first.step == second.step > 4
    assert [box.value for box in test.success] == [f"In force: {first.words}; {second.words}."]
    told = f"Turned while it trained: {first.words}; {second.words}."
    assert told in [caption.value for caption in test.caption]
    assert apply(test).disabled


def test_what_cannot_be_turned_is_told_with_the_reason(open_page: Open, library: Library) -> None:
    queue = state.training_queue()
    run_id = queue.submit(from_mapping(SMALL | {"epochs": 1000, "schedule": "cosine"}))
    until(lambda: (moment := queue.progress(run_id)) and moment.done > 1, 120)
    test = open_page("learning/train", run=run_id)
    (fixed,) = (c.value for c in test.caption if c.value.startswith("Fixed in this run"))
    assert "**Weight decay**: Only AdamW has weight decay" in fixed
    assert "**Learning rate**: The schedule sets the learning rate" in fixed
    assert "Dropout" not in fixed
    queue.stop(run_id)
    assert queue.wait(run_id, 120)


def test_a_run_that_has_ended_says_what_was_turned_and_offers_no_knob(
    open_page: Open, library: Library
) -> None:
    run = library.create(LONG)
    library.start(run.id)
    library.record_change(run.id, Change("dropout_dense", 0.2, 0.5, 11, 320))
    library.finish(run.id, State.STOPPED, "Stopped.")
    test = open_page("learning/train", run=run.id)
    words = "Turned while it trained: Dropout rate (dense) 0.2 → 0.5 after step 320, in epoch 11."
    assert words in [caption.value for caption in test.caption]
    assert knobs(test) == {}
