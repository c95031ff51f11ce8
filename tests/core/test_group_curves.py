"""Mean curves and their bands, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from core.comparison.mean_curves import (
    MEASURES,
    group_curve,
    half_width,
    lengths_in_words,
    line_of,
    mean_curve,
)
from tests.core.made_runs import made_epochs

LOSS = MEASURES["validation_loss"]


def lines(*curves: list[float]) -> list:
    return [line_of(made_epochs(curve), LOSS, "epoch") for curve in curves]


def test_the_mean_goes_as_far_as_the_shortest_run() -> None:
    curve = mean_curve(lines([1.0, 2.0, 3.0, 9.0], [3.0, 4.0], [5.0, 3.0, 1.0]), "deviation")
    assert curve.mean.tolist() == [3.0, 3.0]
    assert curve.at.tolist() == [1.0, 2.0]
    assert (curve.runs, curve.longest) == (3, 4)
    assert lengths_in_words(curve) == (
        "the mean ends at epoch 2, the last that all 3 runs reached; the longest went on to epoch "
        "4 and is drawn thin from there"
    )


def test_runs_of_one_length_need_no_words() -> None:
    assert lengths_in_words(mean_curve(lines([1.0, 2.0], [3.0, 4.0]), "none")) == ""


def test_the_bands_are_deviation_error_and_students_interval() -> None:
    """1, 3, 5: mean 3, standard deviation 2; with two degrees of freedom t is 4.3027."""
    values = np.array([[1.0], [3.0], [5.0]])
    assert half_width(values, "deviation") == pytest.approx([2.0])
    assert half_width(values, "error") == pytest.approx([2 / math.sqrt(3)])
    assert half_width(values, "interval") == pytest.approx([4.302653 * 2 / math.sqrt(3)])
    assert half_width(values, "none").tolist() == [0.0]
    low, high = stats.t.interval(0.95, 2, 3.0, stats.sem([1.0, 3.0, 5.0]))
    curve = mean_curve(lines([1.0], [3.0], [5.0]), "interval")
    assert (curve.low[0], curve.high[0]) == pytest.approx((low, high))


@pytest.mark.parametrize("band", ["deviation", "error", "interval"])
def test_one_run_has_no_band(band: str) -> None:
    curve = group_curve("A", lines([1.0, 2.0]), [], band)
    assert not curve.has_band
    assert curve.mean is not None
    assert curve.mean.low.tolist() == curve.mean.mean.tolist() == [1.0, 2.0]


def test_an_epoch_in_which_a_run_has_no_number_has_no_mean() -> None:
    curve = mean_curve(lines([1.0, math.nan, 3.0], [1.0, 2.0, math.inf]), "interval")
    assert curve.mean[0] == 1.0
    assert np.isnan(curve.mean[1:]).all()
    assert np.isnan(curve.high[1:]).all()


def test_what_goes_on_beyond_the_mean_is_kept_from_its_end_on() -> None:
    curve = group_curve("A", lines([1.0, 2.0, 3.0, 9.0], [3.0, 4.0]), lines([7.0]), "runs")
    assert [line.values.tolist() for line in curve.tails] == [[2.0, 3.0, 9.0]]
    assert [line.values.tolist() for line in curve.not_counted] == [[7.0]]


def test_a_group_in_which_no_run_counts_has_no_mean() -> None:
    curve = group_curve("A", [], lines([7.0], []), "interval")
    assert curve.mean is None
    assert curve.tails == ()
    assert len(curve.not_counted) == 1


@pytest.mark.parametrize(
    ("measure", "axis", "at"),
    [
        ("validation_loss", "epoch", [1, 2, 3]),
        ("validation_loss", "step", [4, 8, 12]),
        ("validation_loss", "time", [0.5, 1, 1.5]),
        # A mean over an epoch belongs to its middle.
        ("running_loss", "epoch", [0.5, 1.5, 2.5]),
        ("running_loss", "step", [2, 6, 10]),
        ("running_accuracy", "time", [0.25, 0.75, 1.25]),
    ],
)
def test_where_a_figure_belongs(measure: str, axis: str, at: list[float]) -> None:
    line = line_of(made_epochs([3.0, 2.0, 1.0], seconds=0.5), MEASURES[measure], axis)
    assert line.at.tolist() == at


def test_each_measure_reads_its_own_figure() -> None:
    read = {name: line_of(made_epochs([2.0]), m, "epoch").values[0] for name, m in MEASURES.items()}
    assert read == pytest.approx(
        {
            "validation_loss": 2.0,
            "validation_accuracy": 0.5,
            "fair_loss": 1.75,
            "fair_accuracy": 0.6,
            "gap": 0.25,
            "running_loss": 3.0,
            "running_accuracy": 0.1,
            "penalty": 0.01,
        }
    )


def test_by_time_a_point_stands_at_the_mean_time() -> None:
    both = [
        line_of(made_epochs([1.0, 2.0], seconds=seconds), LOSS, "time") for seconds in (1.0, 3.0)
    ]
    assert mean_curve(both, "none").at.tolist() == [2.0, 4.0]
