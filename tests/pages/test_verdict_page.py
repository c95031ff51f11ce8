"""The train page says what a run's curves say, on what that rests and what to try next."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import core.diagnosis
from core import warmup
from core.learning.curve_lines import Axis, LossPart
from core.library.records import Epoch
from core.runs import Library, State
from core.settings import Value, from_mapping
from core.verdict.records import Kind
from pages.shared import state, verdict_view
from tests.core import generated_curves
from tests.core.generated_curves import Truth, epochs_of

Open = Callable[..., AppTest]
STEPS = 32
"""Batches an epoch of 1,000 training images in batches of 32, the last of which has 8."""


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    assert warmup.wait(300)


@pytest.fixture
def library(home: object) -> Library:
    """The library that the page looks at."""
    return state.library()


def drawn(make: Callable[..., Truth], shaking: float = 0.03) -> list[Epoch]:
    """The epochs of a generated curve of thirty, whose kind is known."""
    rng = np.random.default_rng(5)
    return epochs_of(rng, make(rng, 30), shaking)


def stored(
    library: Library,
    epochs: Sequence[Epoch],
    ends: bool = True,
    movements: bool = False,
    **settings: Value,
) -> str:
    """A run with these epochs; gives its id."""
    run = library.create(from_mapping(settings), "Mine")
    library.start(run.id)
    for epoch in epochs:
        add(library, run.id, epoch, movements)
    library.flush()
    if ends:
        library.finish(run.id, State.FINISHED, "Finished.")
    return run.id


def add(library: Library, run_id: str, epoch: Epoch, movements: bool = False) -> None:
    moved = {"conv_1": (2.0, 0.5), "dense": (4.0, 0.25)} if movements else None
    batches = np.full(STEPS, 1.0), np.full(STEPS, 0.5)
    library.record_epoch(run_id, epoch, *batches, moved, batch_penalties=np.full(STEPS, 0.25))


def figures(test: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.bytes)["figure"] for chart in test.get("bidi_component")]


def line(figure: dict[str, Any], name: str) -> dict[str, list[float]]:
    (trace,) = [trace for trace in figure["data"] if trace["name"] == name]
    return {
        axis: np.frombuffer(base64.b64decode(trace[axis]["bdata"]), trace[axis]["dtype"]).tolist()
        for axis in "xy"
    }


def texts(test: AppTest) -> str:
    return "\n".join(text.value for text in [*test.markdown, *test.caption])


def in_tab(test: AppTest, name: str) -> AppTest:
    test.session_state[state.CURVE_TABS] = name
    return test.run()


def advice(test: AppTest) -> list[str]:
    return [b.label for b in test.button if b.key and b.key.startswith(state.ADVICE)]


@pytest.mark.parametrize(
    ("kind", "maker", "shaking"),
    [
        (Kind.STILL_LEARNING, "still_learning", 0.03),
        (Kind.CONVERGED, "converged", 0.03),
        (Kind.UNDERFITTING, "underfitting", 0.03),
        (Kind.OVERFITTING, "overfitting", 0.03),
        (Kind.MEMORISING, "memorising", 0.03),
        (Kind.TOO_NOISY, "converged", 0.8),
    ],
)
def test_each_verdict_is_told_in_words_with_evidence_and_advice(
    open_app: Open, library: Library, kind: Kind, maker: str, shaking: float
) -> None:
    rng = np.random.default_rng(5)
    truth = getattr(generated_curves, maker)(rng, 30)
    epochs = epochs_of(rng, truth, shaking)
    stored(library, epochs, wrong_labels=round(truth.wrong_labels, 2))
    test = open_app()
    assert not test.exception
    assert any("-badge[" in text.value and str(kind)[1:] in text.value for text in test.markdown)
    assert any(text.value.startswith(str(kind).capitalize()) for text in test.markdown)
    assert advice(test)
    assert "So far" not in texts(test)
    evidence = texts(in_tab(test, "Evidence"))
    best = min(epochs, key=lambda epoch: epoch.validation_loss)
    assert f"Lowest validation loss {best.validation_loss:.3g}, in epoch {best.epoch}." in evidence
    assert "L. Prechelt, “Early stopping, but when?”" in evidence
    assert "GL > 5" in evidence and "PQ > 0.75" in evidence and "UP, s = 3" in evidence


def test_an_ended_run_without_a_verdict_is_not_said_to_go_on(
    open_app: Open, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(library, drawn(generated_curves.converged))
    monkeypatch.setattr(warmup, "ready", lambda: False)
    said = texts(open_app())
    assert "Once the run has ended" not in said and "No verdict yet" not in said
    assert said.count("Reading the curves ...") == 2


def test_a_run_that_diverged_says_so_and_advises_shorter_steps(
    open_app: Open, library: Library
) -> None:
    broken = Epoch(2, 64, 2.0, float("nan"), 0.1, float("nan"), 0.1, float("nan"), 0.1, 0.0, 0.001)
    stored(library, [drawn(generated_curves.converged)[0], broken])
    test = open_app()
    assert "Diverged in epoch 2: a loss was no longer a finite number." in texts(test)
    assert advice(test)[0] == "Learning rate: 0.0001"
    assert not test.exception
    for tab in ("How to read it", "Evidence", "Weights"):
        assert not in_tab(test, tab).exception


def test_the_onset_and_the_noise_are_drawn_on_the_chart_along_any_axis(
    open_app: Open, library: Library
) -> None:
    epochs = drawn(generated_curves.overfitting)
    stored(library, epochs)
    test = open_app()
    (sentence,) = [t.value for t in test.markdown if t.value.startswith("Overfitting since epoch")]
    onset = int(sentence.split()[3].rstrip(":"))
    for axis, places in (
        (Axis.EPOCH, [epoch.epoch for epoch in epochs]),
        (Axis.STEP, [epoch.steps for epoch in epochs]),
        (Axis.TIME, [epoch.seconds for epoch in epochs]),
    ):
        test.session_state[state.CURVE_AXIS] = axis
        loss, accuracy = figures(test.run())
        assert [shape["x0"] for shape in loss["layout"]["shapes"]] == [places[onset - 1]]
        assert [shape["x0"] for shape in accuracy["layout"]["shapes"]] == [places[onset - 1]]
        assert line(loss, "Validation")["x"] == pytest.approx(places)
        band = line(loss, "Within noise")
        assert band["x"][1] == places[-1]
        # At the onset the curve has left what noise can do.
        assert max(band["y"]) < epochs[-1].validation_loss


def test_the_page_says_which_epoch_was_best_and_what_the_last_one_is_worth(
    open_app: Open, library: Library
) -> None:
    epochs = drawn(generated_curves.overfitting)
    stored(library, epochs)
    best = min(epochs, key=lambda epoch: epoch.validation_loss)
    last = epochs[-1]
    said = texts(open_app())
    assert f"Best: epoch {best.epoch}, validation loss {best.validation_loss:.3g}" in said
    assert f"Last: epoch 30, validation loss {last.validation_loss:.3g}" in said
    higher = last.validation_loss / best.validation_loss - 1
    assert f"({higher:.0%}) higher. On 1,000 validation images, dropout off" in said


def test_the_page_says_why_running_and_fair_loss_differ_in_this_run(
    open_app: Open, library: Library
) -> None:
    epochs = [
        Epoch(1, 32, 1.0, 2.0, 0.5, 1.0, 0.5, 1.0, 0.5, 0.0, 0.001),
        Epoch(2, 64, 2.0, 0.9, 0.5, 0.6, 0.5, 0.9, 0.5, 0.0, 0.001),
    ]
    stored(library, epochs, dropout_dense=0.5)
    said = texts(in_tab(open_app(), "How to read it"))
    assert "the running training loss is 0.900 and the fair one 0.600" in said
    assert "+0.200 is from averaging" in said and "+0.100 is left" in said
    assert "dropout 0.5 (dense) being on" in said


def test_each_part_of_the_loss_can_be_drawn_and_smoothed_over_the_raw_curve(
    open_app: Open, library: Library
) -> None:
    epochs = [
        Epoch(1, 32, 1.0, 2.0, 0.5, 1.0, 0.5, 1.0, 0.5, 0.125, 0.001),
        Epoch(2, 64, 2.0, 0.9, 0.5, 0.6, 0.5, 0.8, 0.5, 0.0625, 0.001),
    ]
    stored(library, epochs, l2=0.001)
    test = open_app()
    test.session_state[state.LOSS_PART] = LossPart.TOTAL
    loss = figures(test.run())[0]
    assert line(loss, "Training")["y"] == pytest.approx([2.25, 1.15])
    assert line(loss, "Validation")["y"] == pytest.approx([1.125, 0.8625])
    test.session_state[state.LOSS_PART] = LossPart.PENALTY
    loss = figures(test.run())[0]
    assert line(loss, "Training")["y"] == [0.25, 0.25]
    assert line(loss, "At the epoch's end")["y"] == [0.125, 0.0625]
    test.session_state[state.LOSS_PART] = LossPart.DATA
    test.session_state[state.SMOOTHING] = 0.5
    loss, accuracy = figures(test.run())
    assert line(loss, "Validation")["y"] == pytest.approx([1.0, (1 + 2 * 0.8) / 3])
    assert line(loss, "Validation, as it is")["y"] == pytest.approx([1.0, 0.8])
    assert line(accuracy, "Training, as it is")["y"] == [0.5, 0.5]
    assert not test.exception


def test_without_l1_and_l2_the_page_says_that_there_is_no_penalty(
    open_app: Open, library: Library
) -> None:
    stored(library, drawn(generated_curves.converged))
    test = open_app()
    assert "its penalty is 0 throughout" not in texts(test)
    test.session_state[state.LOSS_PART] = LossPart.TOTAL
    assert "its penalty is 0 throughout" in texts(test.run())


def test_advice_puts_the_run_s_settings_with_one_change_into_the_controls(
    open_app: Open, library: Library
) -> None:
    stored(library, drawn(generated_curves.overfitting), filters=8, seed=7)
    test = open_app(filters="32")
    button = next(b for b in test.button if b.label == "Early stopping: on")
    button.click().run()
    assert not test.exception
    assert test.session_state[state.setting_key("early_stopping")] is True
    assert test.session_state[state.setting_key("filters")] == 8
    assert test.session_state[state.setting_key("seed")] == 7
    (toast,) = test.toast
    assert toast.value == (
        "Early stopping is now on instead of off, all else as in this run. It stands in the tab "
        "Regularization. Press Train."
    )
    link = {name: str(np.squeeze(value)) for name, value in dict(test.query_params).items()}
    assert link == {"filters": "8", "early_stopping": "on", "seed": "7"}
    assert not test.run().toast


def test_advice_of_another_section_opens_its_tab(open_app: Open, library: Library) -> None:
    stored(library, drawn(generated_curves.still_learning))
    test = open_app()
    next(b for b in test.button if b.label == "Epochs: 60").click().run()
    assert test.session_state[state.setting_key("epochs")] == 60
    assert test.session_state[state.SETTINGS_TAB] == ("optimisation", 1)
    (toast,) = test.toast
    assert "in the tab Training" in toast.value


def test_while_a_run_is_under_way_its_verdict_is_preliminary_and_gives_no_advice(
    open_app: Open, library: Library
) -> None:
    stored(library, drawn(generated_curves.overfitting), ends=False)
    test = open_app()
    said = texts(test)
    assert "**So far.** Overfitting since epoch" in said
    assert "So far: overfitting since epoch" in said
    assert advice(test) == []
    assert "Once the run has ended, this says what to try next." in said


def test_a_verdict_is_made_for_a_new_epoch_only_and_at_most_once_a_second(
    open_app: Open, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    judge = core.diagnosis.diagnose_run

    def counted(epochs: Sequence[Epoch], *more: Any) -> Any:
        asked.append(len(epochs))
        return judge(epochs, *more)

    monkeypatch.setattr(core.diagnosis, "diagnose_run", counted)
    monkeypatch.setattr(verdict_view, "_PAUSE", 1000.0)
    epochs = drawn(generated_curves.converged)
    run_id = stored(library, epochs[:10], ends=False)
    test = open_app()
    add(library, run_id, epochs[10])
    library.flush()
    test.run()
    assert asked == [10]
    monkeypatch.setattr(verdict_view, "_PAUSE", 0.0)
    test.run()
    test.run()
    assert asked == [10, 11]
    monkeypatch.setattr(verdict_view, "_PAUSE", 1000.0)
    add(library, run_id, epochs[11])
    library.finish(run_id, State.FINISHED, "Finished.")
    test.run()
    assert asked == [10, 11, 12]


def test_how_the_weights_moved_is_drawn_by_layer(open_app: Open, library: Library) -> None:
    stored(library, drawn(generated_curves.converged)[:3], movements=True)
    test = open_app()
    assert len(figures(test)) == 2
    norms, changes = figures(in_tab(test, "Weights"))[2:]
    assert line(norms, "conv_1") == {"x": [1, 2, 3], "y": [2, 2, 2]}
    assert line(changes, "dense") == {"x": [1, 2, 3], "y": [0.25, 0.25, 0.25]}
    assert "In epoch 3, conv_1 moved most: by 50.00% of its norm" in texts(test)


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (True, "How the weights moved was not recorded"),
        (False, "How the weights move is shown from the end of the first epoch on."),
    ],
)
def test_without_a_record_of_the_weights_there_is_a_sentence_and_no_chart(
    open_app: Open, library: Library, ends: bool, words: str
) -> None:
    stored(library, drawn(generated_curves.converged)[:3], ends=ends)
    test = in_tab(open_app(), "Weights")
    assert words in texts(test)
    assert len(figures(test)) == 2
