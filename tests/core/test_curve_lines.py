"""What is drawn of a run: which loss, along which axis, how smooth; all by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.learning.curve_lines import (
    Axis,
    ChartLines,
    CurveView,
    Line,
    LossPart,
    accuracy_lines,
    loss_lines,
    running_penalties,
)
from core.learning.curves import Curves
from core.library.records import BatchLosses, Epoch

# epoch, steps, seconds, running, fair and validation loss and accuracy, penalty, learning rate
EPOCHS = (
    Epoch(1, 3, 6.0, 2.0, 0.25, 1.75, 0.5, 1.5, 0.375, 0.5, 0.001),
    Epoch(2, 6, 9.0, 1.0, 0.5, 0.75, 0.625, 0.5, 0.8125, 0.25, 0.001),
)
LOSSES = (4.0, 1.5, 2.0, 1.25, 1.0, 0.75, 0.5)
PENALTIES = (1.0, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125)
"""Three batches an epoch, the third of them half as large as the others; one of a third epoch."""


def run(epochs: tuple[Epoch, ...] = EPOCHS, penalties: tuple[float, ...] = PENALTIES) -> Curves:
    losses = np.float32(LOSSES)
    batches = BatchLosses(losses, losses / 8, (3, 6), np.float32(penalties))
    return Curves(epochs, batches, steps_per_epoch=3, last_batch=0.5)


def line(chart: ChartLines, name: str) -> Line:
    (found,) = [line for line in chart.lines if line.name == name]
    return found


def test_the_penalty_in_keras_running_loss_is_weighted_by_the_images_of_each_batch() -> None:
    expected = [(1.0 + 0.75 + 0.5 * 0.625) / 2.5, (0.5 + 0.375 + 0.5 * 0.25) / 2.5]
    assert running_penalties(run()) == pytest.approx(expected)


def test_in_an_epoch_that_was_cut_short_no_batch_was_a_small_one() -> None:
    cut = Epoch(2, 5, 9.0, 1.0, 0.5, math.nan, math.nan, math.nan, math.nan, math.nan, 0.001)
    batches = BatchLosses(
        np.float32(LOSSES[:5]), np.zeros(5, np.float32), (3, 5), np.float32(PENALTIES[:5])
    )
    curves = Curves((EPOCHS[0], cut), batches, 3, 0.5)
    assert running_penalties(curves)[1] == pytest.approx((0.5 + 0.375) / 2)


def test_each_part_of_the_loss_is_drawn_for_batches_and_epochs() -> None:
    data, total, penalty = (loss_lines(run(), CurveView(part=part)) for part in LossPart)
    first, second = (1.0 + 0.75 + 0.3125) / 2.5, (0.5 + 0.375 + 0.125) / 2.5
    assert line(data, "Batches").y.tolist() == list(LOSSES)
    assert line(data, "Training").y.tolist() == [2.0, 1.0]
    assert line(data, "Fair training").y.tolist() == [1.75, 0.75]
    assert line(data, "Validation").y.tolist() == [1.5, 0.5]
    assert line(total, "Batches").y.tolist() == [5.0, 2.25, 2.625, 1.75, 1.375, 1.0, 0.625]
    assert line(total, "Training").y == pytest.approx([2 + first, 1 + second])
    assert line(total, "Fair training").y.tolist() == [2.25, 1.0]
    assert line(total, "Validation").y.tolist() == [2.0, 0.75]
    assert line(penalty, "Batches").y.tolist() == list(PENALTIES)
    assert line(penalty, "Training").y == pytest.approx([first, second])
    assert line(penalty, "At the epoch's end").y.tolist() == [0.5, 0.25]
    assert [len(chart.lines) for chart in (data, total, penalty)] == [4, 4, 3]


def test_a_penalty_that_was_not_recorded_is_a_gap_and_never_a_zero() -> None:
    curves = run(penalties=())
    total = loss_lines(curves, CurveView(part=LossPart.TOTAL))
    assert np.isnan(line(total, "Batches").y).all()
    assert np.isnan(line(total, "Training").y).all()
    assert line(total, "Validation").y.tolist() == [2.0, 0.75]
    assert line(loss_lines(curves, CurveView()), "Batches").y.tolist() == list(LOSSES)


def test_an_accuracy_is_the_same_whatever_part_of_the_loss_is_drawn() -> None:
    for part in LossPart:
        chart = accuracy_lines(run(), CurveView(part=part))
        assert line(chart, "Batches").y.tolist() == [loss / 8 for loss in LOSSES]
        assert line(chart, "Training").y.tolist() == [0.25, 0.5]
        assert line(chart, "Fair training").y.tolist() == [0.5, 0.625]
        assert line(chart, "Validation").y.tolist() == [0.375, 0.8125]


def test_along_steps_a_mean_over_an_epoch_stands_in_its_middle() -> None:
    chart = loss_lines(run(), CurveView(Axis.STEP))
    assert line(chart, "Batches").x.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert line(chart, "Training").x.tolist() == [1.5, 4.5]
    assert line(chart, "Validation").x.tolist() == [3, 6]
    assert chart.best == (2, 6.0, 0.5)


def test_along_time_the_batches_of_an_epoch_are_spread_evenly_and_none_is_guessed() -> None:
    """The first epoch took 6 s, the second 3 s; how long the third will take is not known."""
    chart = loss_lines(run(), CurveView(Axis.TIME))
    assert line(chart, "Batches").x.tolist() == [2, 4, 6, 7, 8, 9]
    assert line(chart, "Batches").y.tolist() == list(LOSSES[:6])
    assert line(chart, "Training").x.tolist() == [3.0, 7.5]
    assert line(chart, "Validation").x.tolist() == [6.0, 9.0]
    assert not len(line(loss_lines(run(epochs=()), CurveView(Axis.TIME)), "Batches").x)


def test_the_area_lies_between_fair_training_and_validation() -> None:
    chart = loss_lines(run(), CurveView())
    assert chart.area_x.tolist() == [1, 2, 2, 1]
    assert chart.area_y.tolist() == [1.5, 0.5, 0.75, 1.75]
    assert not len(loss_lines(run(), CurveView(part=LossPart.PENALTY)).area_x)


def test_an_epoch_without_scores_is_no_corner_of_the_area() -> None:
    unscored = replace(EPOCHS[1], epoch=3, fair_loss=math.nan, validation_loss=math.nan)
    chart = loss_lines(run((*EPOCHS, unscored)), CurveView())
    assert chart.area_x.tolist() == [1, 2, 2, 1]


def test_smooth_curves_have_the_raw_ones_beneath_and_the_star_stays_on_the_record() -> None:
    chart = loss_lines(run(), CurveView(smoothing=0.5))
    for name, values in (("Batches", LOSSES), ("Training", (2.0, 1.0)), ("Validation", (1.5, 0.5))):
        drawn = line(chart, name)
        assert drawn.raw_y.tolist() == list(values)
        assert drawn.y[:2] == pytest.approx([values[0], (values[0] + 2 * values[1]) / 3])
        np.testing.assert_array_equal(drawn.x, drawn.raw_x)
    assert chart.area_y[:2] == pytest.approx([1.5, (1.5 + 2 * 0.5) / 3])
    assert chart.best == (2, 2.0, 0.5)
    assert not len(line(loss_lines(run(), CurveView()), "Validation").raw_x)


def test_of_a_long_run_the_extremes_and_the_newest_epoch_are_kept_in_few_points() -> None:
    epochs = tuple(
        replace(EPOCHS[0], epoch=n, steps=3 * n, validation_loss=9.0 if n == 777 else 1.0)
        for n in range(1, 3001)
    )
    losses = np.ones(9000, np.float32)
    curves = Curves(epochs, BatchLosses(losses, losses, tuple(range(3, 9001, 3))), 3)
    chart = loss_lines(curves, CurveView())
    drawn = line(chart, "Validation")
    assert len(drawn.x) <= 1000
    assert drawn.x[drawn.y.argmax()] == 777
    assert len(chart.area_x) <= 400
    assert chart.area_x.max() == 3000
