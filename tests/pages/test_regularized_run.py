"""What the train page says of a run with smoothed labels, averaged weights, or a schedule."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import warmup
from core.export.notebook import notebook
from core.export.report import report
from core.export.whole_run import whole_run
from core.learning.what_is_measured import what_is_measured
from core.library.records import Epoch
from core.runs import Library, State
from core.settings import Value, from_mapping
from pages.shared import state

Open = Callable[..., AppTest]
RATES = [0.01, 0.01, 0.001]


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    assert warmup.wait(300)


@pytest.fixture
def library(home: object) -> Library:
    return state.library()


def stored(library: Library, **settings: Value) -> str:
    """A run of three epochs with these settings; gives its id."""
    run = library.create(from_mapping(settings), "Mine")
    library.start(run.id)
    for number, rate in enumerate(RATES, 1):
        epoch = Epoch(number, 32 * number, number, 1.0, 0.5, 0.9, 0.6, 0.95, 0.6, 0.0, rate)
        library.record_epoch(run.id, epoch, np.ones(32), np.full(32, 0.5))
    library.flush()
    library.finish(run.id, State.FINISHED, "Finished.")
    return run.id


def captions(test: AppTest) -> list[str]:
    return [caption.value for caption in test.caption]


def in_weights(test: AppTest) -> list[dict]:
    """The figures below the two of the learning curves."""
    test.session_state[state.CURVE_TABS] = "Weights"
    return [json.loads(c.proto.bytes)["figure"] for c in test.run().get("bidi_component")][2:]


def test_what_the_losses_are_taken_on_is_told_on_the_page_and_wherever_the_run_goes(
    open_app: Open, library: Library
) -> None:
    run_id = stored(library, label_smoothing=0.1, weight_averaging=True)
    words = what_is_measured(library.run(run_id).settings)
    assert "against the labels as they are" in words
    assert words in captions(open_app())
    assert words in report(library, run_id, datetime(2026, 11, 24, tzinfo=UTC))
    first, *_ = json.loads(notebook(whole_run(library, run_id)))["cells"]
    assert words in "".join(first["source"])


def test_where_that_is_no_question_nothing_is_said(open_app: Open, library: Library) -> None:
    stored(library, l2=0.001, dropout_dense=0.5)
    assert not any("taken against the labels" in caption for caption in captions(open_app()))


def test_the_rates_of_a_schedule_are_drawn_by_epoch(open_app: Open, library: Library) -> None:
    stored(library, schedule="step", schedule_factor=0.1, schedule_epochs=2, learning_rate=0.01)
    test = open_app()
    (figure,) = in_weights(test)
    (trace,) = figure["data"]
    x, y = (np.frombuffer(base64.b64decode(trace[a]["bdata"]), trace[a]["dtype"]) for a in "xy")
    assert x.tolist() == [1, 2, 3]
    assert y.tolist() == pytest.approx(RATES)
    assert figure["layout"]["yaxis"]["type"] == "log"
    assert "Schedule: step by step. Each rate is that of its whole epoch." in captions(test)


def test_a_constant_rate_has_no_chart(open_app: Open, library: Library) -> None:
    stored(library)
    assert in_weights(open_app()) == []
