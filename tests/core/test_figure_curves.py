"""The learning curves as figures: every point is a record, and none says more than it may."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.curves import Figure, accuracy_curves, loss_curves
from core.learning.curve_lines import Axis, CurveView, LossPart
from core.learning.curves import Curves
from core.learning.knob_marks import knob_marks
from core.library.records import BatchLosses, Epoch
from core.settings import Change
from core.verdict.marks import Marks
from pages.shared.live_chart import chart_message

MARKS = Marks(2.0, "overfitting since epoch 2", False, 4.0, (1.0, 0.5, 0.625))
LOGARITHMIC = CurveView(logarithmic=True)


def epoch(number: int, validation_loss: float = 0.5) -> Epoch:
    """An epoch whose figures all differ, with the number in them."""
    return Epoch(
        epoch=number,
        steps=4 * number,
        seconds=number,
        running_loss=3 / number,
        running_accuracy=0.1 + number / 100,
        fair_loss=2 / number,
        fair_accuracy=0.3 + number / 100,
        validation_loss=validation_loss,
        validation_accuracy=0.5 + number / 100,
        penalty=9.0,
        learning_rate=0.001,
    )


def curves(*epochs: Epoch, batches: int | None = None, steps_per_epoch: int = 4) -> Curves:
    """Epochs with their batches, whose losses are their own numbers, counted down."""
    count = steps_per_epoch * len(epochs) if batches is None else batches
    losses = np.arange(count, 0, -1).astype(np.float32)
    ends = tuple(steps_per_epoch * e.epoch for e in epochs)
    return Curves(epochs, BatchLosses(losses, losses / (count + 1), ends), steps_per_epoch)


def line(figure: Figure, name: str) -> tuple[list[float], list[float]]:
    (found,) = [trace for trace in figure["data"] if trace["name"] == name]
    return found["x"].tolist(), found["y"].tolist()


def named(figure: Figure, name: str) -> dict[str, Any]:
    (found,) = [trace for trace in figure["data"] if trace["name"] == name]
    return found


def names(figure: Figure) -> list[str]:
    return [trace["name"] for trace in figure["data"]]


def test_each_curve_holds_the_records_a_running_mean_at_its_middle_the_others_at_the_end() -> None:
    run = curves(epoch(1), epoch(2, 0.25))
    loss, accuracy = loss_curves(run, 30, 300), accuracy_curves(run, 30, 300)
    assert line(loss, "Training") == ([0.5, 1.5], [3.0, 1.5])
    assert line(loss, "Fair training") == ([1.0, 2.0], [2.0, 1.0])
    assert line(loss, "Validation") == ([1.0, 2.0], [0.5, 0.25])
    assert line(accuracy, "Training")[1] == pytest.approx([0.11, 0.12])
    assert line(accuracy, "Fair training")[1] == pytest.approx([0.31, 0.32])
    assert line(accuracy, "Validation")[1] == pytest.approx([0.51, 0.52])


def test_each_batch_stands_where_its_step_ends_also_in_the_epoch_under_way() -> None:
    run = curves(epoch(1), batches=6)
    expected = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5]
    assert line(loss_curves(run, 30, 300), "Batches") == (expected, [6, 5, 4, 3, 2, 1])
    x, y = line(accuracy_curves(run, 30, 300), "Batches")
    assert x == expected
    assert y == pytest.approx([6 / 7, 5 / 7, 4 / 7, 3 / 7, 2 / 7, 1 / 7])


def test_the_star_is_at_the_lowest_validation_loss_in_both_charts() -> None:
    run = curves(epoch(1, 0.5), epoch(2, 0.25), epoch(3, math.nan), epoch(4, 0.75))
    assert line(loss_curves(run, 30, 300), "Best epoch") == ([2.0], [0.25])
    assert line(accuracy_curves(run, 30, 300), "Best epoch") == ([2.0], [pytest.approx(0.52)])


def test_there_is_no_star_before_an_epoch_has_ended_nor_on_what_is_no_number() -> None:
    assert "Best epoch" not in names(loss_curves(curves(batches=3), 30, 300))
    assert "Best epoch" not in names(loss_curves(curves(epoch(1, math.nan)), 30, 300))


def test_of_many_batches_each_peak_and_dip_is_kept_in_few_points() -> None:
    losses = np.ones(100_000, np.float32)
    losses[12_345], losses[54_321] = 7.0, 0.125
    run = Curves((), BatchLosses(losses, losses, ()), 1000)
    x, y = line(loss_curves(run, 100, 300), "Batches")
    assert len(y) <= 1000
    assert (max(y), min(y)) == (7.0, 0.125)
    assert x[y.index(7.0)] == pytest.approx(12.346)
    assert x[y.index(0.125)] == pytest.approx(54.322)


@pytest.mark.parametrize("smoothing", [0.0, 0.95])
@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("draw", [loss_curves, accuracy_curves])
def test_a_message_stays_under_100_kilobytes_after_1000_epochs_of_1000_batches(
    draw: Callable[..., Figure], axis: Axis, smoothing: float
) -> None:
    noise = np.random.default_rng(0).random((2, 1_000_000)).astype(np.float32)
    epochs = tuple(epoch(number, 1 / number) for number in range(1, 1001))
    run = Curves(epochs, BatchLosses(*noise, tuple(range(1000, 1_000_001, 1000))), 1000)
    figure = draw(run, 1000, 300, CurveView(axis, smoothing=smoothing), MARKS)
    assert len(chart_message(figure, "loss", 300, "Loss by epoch")) < 100_000


def test_both_figures_of_a_long_run_are_made_in_a_blink() -> None:
    """Training goes on beside it: with plotly's own checks this takes 70 ms or more."""
    run = curves(*(epoch(number) for number in range(1, 201)), steps_per_epoch=32)

    def seconds() -> float:
        begin = time.perf_counter()
        loss_curves(run, 200, 300)
        accuracy_curves(run, 200, 300)
        return time.perf_counter() - begin

    assert min(seconds() for _ in range(10)) < 0.015


@pytest.mark.parametrize("logarithmic", [False, True])
def test_plotly_knows_every_property(logarithmic: bool) -> None:
    """The figures are plain dictionaries, for speed; here plotly checks each name and value."""
    run = curves(epoch(1), epoch(2))
    for axis, part, smoothing, marks in product(Axis, LossPart, (0.0, 0.9), (None, MARKS)):
        view = CurveView(axis, part, smoothing, logarithmic)
        for epochs in (None, 30):
            go.Figure(loss_curves(run, epochs, 300, view, marks))
            go.Figure(accuracy_curves(run, epochs, 300, view, marks))


def revisions(figure: Figure) -> tuple[str | None, str, str | None]:
    """By what plotly.js tells whether to keep the hidden curves, and the zoom along each axis."""
    layout = figure["layout"]
    axes = layout["xaxis"]["uirevision"], layout["yaxis"].get("uirevision")
    return layout.get("uirevision"), *axes


def test_a_change_of_an_axis_forgets_the_zoom_along_it_and_nothing_else_does() -> None:
    first = loss_curves(curves(epoch(1)), 30, 300)
    grown = loss_curves(curves(epoch(1), epoch(2)), 30, 300, CurveView(smoothing=0.5), MARKS)
    assert revisions(grown) == revisions(first)
    hidden, across, up = revisions(first)
    for view in (CurveView(logarithmic=True), CurveView(part=LossPart.PENALTY)):
        other = revisions(loss_curves(curves(epoch(1)), 30, 300, view))
        assert other[:2] == (hidden, across)
        assert other[2] != up
    for axis in (Axis.STEP, Axis.TIME):
        other = revisions(loss_curves(curves(epoch(1)), 30, 300, CurveView(axis)))
        assert other[::2] == (hidden, up)
        assert other[1] != across
    accuracy = revisions(accuracy_curves(curves(epoch(1)), 30, 300))
    assert revisions(accuracy_curves(curves(epoch(1)), 30, 300, LOGARITHMIC)) == accuracy


def test_the_same_curves_are_there_smooth_or_not_so_that_a_hidden_one_stays_hidden() -> None:
    run = curves(epoch(1), epoch(2))
    rough, smooth = (loss_curves(run, 30, 300, CurveView(smoothing=s)) for s in (0.0, 0.5))
    assert names(rough) == names(smooth)
    for figure in (rough, smooth):
        groups = {trace["name"]: trace.get("legendgroup") for trace in figure["data"]}
        for name in ("Batches", "Training", "Fair training", "Validation"):
            assert groups[name] == groups[f"{name}, as it is"] == name
        # What has no point at all, plotly.js does not count among those that can be hidden.
        assert all(len(trace["x"]) for trace in figure["data"])


def test_under_a_smooth_curve_lies_the_raw_one_in_the_same_colour() -> None:
    figure = loss_curves(curves(epoch(1), epoch(2, 0.25)), 30, 300, CurveView(smoothing=0.5))
    assert line(figure, "Validation, as it is") == ([1.0, 2.0], [0.5, 0.25])
    assert line(figure, "Validation") == ([1.0, 2.0], [0.5, pytest.approx((0.5 + 2 * 0.25) / 3)])
    raw, smooth = (named(figure, name) for name in ("Validation, as it is", "Validation"))
    assert raw["line"]["color"] == smooth["line"]["color"]
    assert names(figure).index(raw["name"]) < names(figure).index(smooth["name"])


def test_the_gap_is_an_area_between_fair_training_and_validation_in_both_charts() -> None:
    run = curves(epoch(1), epoch(2, 0.25))
    for draw in (loss_curves, accuracy_curves):
        area = named(draw(run, 30, 300), "Generalization gap")
        assert (area["fill"], area["x"].tolist()) == ("toself", [1, 2, 2, 1])
    assert named(loss_curves(run, 30, 300), "Generalization gap")["y"].tolist() == [0.5, 0.25, 1, 2]


def test_the_evidence_is_drawn_a_line_at_the_onset_and_a_band_that_noise_can_fill() -> None:
    run = curves(epoch(1), epoch(2))
    loss = loss_curves(run, 30, 300, None, MARKS)
    (onset,) = loss["layout"]["shapes"]
    assert (onset["x0"], onset["x1"], onset["yref"]) == (2.0, 2.0, "paper")
    assert onset["label"]["text"] == "overfitting since epoch 2"
    band = named(loss, "Within noise")
    assert band["x"].tolist() == [1, 4, 4, 1]
    assert band["y"].tolist() == [0.5, 0.5, 0.625, 0.625]
    accuracy = accuracy_curves(run, 30, 300, None, MARKS)
    assert accuracy["layout"]["shapes"] == [onset]
    # Noise was told of the data loss alone.
    total = loss_curves(run, 30, 300, CurveView(part=LossPart.TOTAL), MARKS)
    assert "Within noise" not in names(accuracy) + names(total) + names(loss_curves(run, 30, 300))
    assert loss_curves(run, 30, 300)["layout"]["shapes"] == []


@pytest.mark.parametrize(
    ("axis", "title", "end"),
    [(Axis.EPOCH, "Epoch", 30), (Axis.STEP, "Step", 120), (Axis.TIME, "Seconds of training", None)],
)
def test_the_axis_says_what_it_counts(axis: Axis, title: str, end: int | None) -> None:
    layout = loss_curves(curves(epoch(1)), 30, 300, CurveView(axis))["layout"]
    assert layout["xaxis"]["title"]["text"] == title
    assert layout["xaxis"]["autorangeoptions"].get("maxallowed") == end


def test_the_title_says_which_loss_it_is() -> None:
    titles = [
        loss_curves(curves(epoch(1)), 30, 300, CurveView(part=part))["layout"]["title"]["text"]
        for part in LossPart
    ]
    assert "without penalty" in titles[0]
    assert "as Keras prints it" in titles[1]
    assert "L1 and L2" in titles[2]


def axis(figure: Figure) -> tuple[int, int]:
    options = figure["layout"]["xaxis"]["autorangeoptions"]
    return options["minallowed"], options["maxallowed"]


@pytest.mark.parametrize(
    ("epochs_done", "epochs", "end"),
    [(1, 20, 20), (1, 300, 30), (30, 300, 30), (31, 300, 100), (299, 400, 300), (400, 400, 400)],
)
def test_the_axis_grows_with_a_long_run(epochs_done: int, epochs: int, end: int) -> None:
    run = curves(*map(epoch, range(1, epochs_done + 1)))
    assert axis(accuracy_curves(run, epochs, 300)) == (0, end)


def test_the_axis_of_an_ended_run_ends_where_the_run_did() -> None:
    run = curves(epoch(1), batches=6)
    assert axis(loss_curves(run, None, 300)) == (0, 2)


TURNED = (
    Change("dropout_dense", 0.2, 0.5, 2, 6),
    Change("l2", 0.0, 0.01, 2, 6),
    Change("l2", 0.01, 0.0, 3, 9),
    Change("l2", 0.0, 0.1, 9, 35),
)


@pytest.mark.parametrize(
    ("axis", "places"),
    # Four steps an epoch; epochs end after 1.5 and 3 seconds; the third is under way.
    [(Axis.EPOCH, [1.5, 2.25]), (Axis.STEP, [6, 9]), (Axis.TIME, [2.25])],
)
def test_each_change_of_a_setting_is_a_labelled_line_where_its_step_is(
    axis: Axis, places: list[float]
) -> None:
    """Those of one step together; what is on record beyond the curves is not drawn."""
    run = curves(*(replace(epoch(n), seconds=1.5 * n, steps=4 * n) for n in (1, 2)), batches=10)
    marks = knob_marks(TURNED, run, axis)
    for figure in (loss_curves, accuracy_curves):
        shapes = figure(run, 5, 300, CurveView(axis), None, marks)["layout"]["shapes"]
        assert [(shape["x0"], shape["x1"]) for shape in shapes] == [(at, at) for at in places]
        words = [shape["label"]["text"] for shape in shapes]
        # Two names do not fit along a chart's height: the sentence above the charts has them.
        both = ["2 changes", "L2 strength off"]
        assert words == both[: len(places)]
        go.Figure({"data": [], "layout": {"shapes": shapes}})
