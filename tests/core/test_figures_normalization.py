"""The figures of batch normalization hold the numbers that they are given."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.companions import changes_by_size, decision_bars, probabilities_by_size
from core.figures.moving_average import first_values_figure, following_figure
from core.figures.normalization import (
    batch_by_batch,
    distribution_figure,
    gamma_and_beta,
    moving_against_batches,
)
from core.figures.variance_shift import shift_by_keep, shift_by_layer
from core.mechanisms.channel import Distribution
from core.mechanisms.normalization import NormalizationLayer, Statistics
from core.mechanisms.normalization_records import Change, Company, InCompany, LayerShift
from core.mechanisms.shift_theory import relu_theory

EDGES, HALVES = np.array([-1.0, 0.0, 1.0]), np.array([0.5, 0.5])
LAYER = NormalizationLayer(
    "norm", np.array([1.0, 2.0]), np.array([0.0, -1.0]), Statistics(np.zeros(2), np.ones(2)), 0.9, 0
)
SHIFTS = (
    LayerShift("norm_1", "", 1.0, np.array([1.0, 1.1]), 1.0, None),
    LayerShift("norm_2", "dropout_1", 0.5, np.array([0.6, 0.7, 0.8]), 0.405, 0.66),
)
COMPANY = Company(
    np.array([0.2, 0.8], np.float32),
    (
        InCompany(2, np.zeros((2, 1), np.int64), np.array([[0.9, 0.1], [0.3, 0.7]], np.float32)),
        InCompany(4, np.zeros((2, 3), np.int64), np.array([[0.2, 0.8], [0.3, 0.7]], np.float32)),
    ),
)


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def every_figure() -> dict[str, go.Figure]:
    after = Distribution(EDGES, (-1.0, 1.0), HALVES, HALVES, HALVES)
    batches = Statistics(np.array([1.0, 2.0]), np.array([4.0, 9.0]))
    moving = Statistics(np.array(1.5), np.array(4.0))
    steps = np.array([1, 2])
    return {
        "distribution": distribution_figure(after, "After", "output", {"this batch": 0.0}),
        "batches": batch_by_batch(batches, moving, 1, 0),
        "gamma": gamma_and_beta(LAYER, 1),
        "moving": moving_against_batches(
            np.array([1.0, 3.0]), np.array([[1, 2], [3, 4]]), "mean", 0
        ),
        "first": first_values_figure(steps, {"0.9": 0.9**steps}, {"0.9": "run"}, [], 2),
        "following": following_figure(np.array([1, 2, 3]), np.array([4, 5]), 2.5, 0, 0.9),
        "probabilities": probabilities_by_size(COMPANY, "seven", 2),
        "changes": changes_by_size([Change(2, 0.5, 0.0)], "norm", 4),
        "decision": decision_bars(COMPANY.alone, COMPANY.alone, ["0", "1"], 2),
        "shift": shift_by_layer(SHIFTS, "100 images"),
        "keep": shift_by_keep(SHIFTS, relu_theory()),
    }


@pytest.mark.parametrize("name", every_figure())
def test_every_figure_has_a_title_and_names_its_axes(name: str):
    layout = every_figure()[name].layout
    assert layout.title.text and layout.yaxis.title.text
    assert layout.xaxis.title.text or name == "shift"  # the layers speak for themselves


def test_each_batch_is_a_point_with_its_spread_and_the_chosen_one_stands_out():
    figure = every_figure()["batches"]
    chosen = named(figure, "this batch")
    assert (chosen.x[0], chosen.y[0], chosen.error_y.array[0]) == (2, 2.0, 3.0)
    band = figure.layout.shapes[0]
    assert (band.y0, band.y1, band.type) == (-0.5, 3.5, "rect")


def test_a_channel_stands_at_its_moving_statistic_and_that_of_the_batches():
    figure = every_figure()["moving"]
    others, chosen = figure.data[1:]
    assert (chosen.x[0], chosen.y[0], chosen.error_y.array[0]) == (1.0, 2.0, 1.0)
    assert (others.x[0], others.y[0]) == (3.0, 3.0)


def lag_lines(roles: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Colour and dash of each momentum's line."""
    usual, steps = ["0.9", "0.99", "0.999"], np.array([1, 2])
    left = {name: float(name) ** steps for name in [*usual, "0.95"]}
    figure = first_values_figure(steps, left, roles, usual, 2)
    return {line.name.split(" ")[0]: (line.line.color, line.line.dash) for line in figure.data}


def test_no_two_momenta_have_a_colour_or_a_dash_in_common():
    lines = lag_lines({"0.95": "chosen"})
    assert [len({line[part] for line in lines.values()}) for part in (0, 1)] == [4, 4]
    # Nor with the run's own line apart from the chosen one.
    colours = [colour for colour, _ in lag_lines({"0.95": "chosen", "0.99": "run"}).values()]
    assert len(set(colours)) == 4


def test_a_momentum_keeps_its_look_when_another_one_is_chosen():
    of_none, of_one = lag_lines({"0.95": "run"}), lag_lines({"0.95": "run", "0.9": "chosen"})
    assert [of_none[name] for name in ("0.99", "0.999")] == [
        of_one[name] for name in ("0.99", "0.999")
    ]


def test_probabilities_are_those_of_the_class_that_is_decided_for_alone():
    first = every_figure()["probabilities"].data[0]
    assert list(first.y) == pytest.approx([0.1, 0.7])
    assert set(first.x) == {"2"}


def test_every_channel_is_a_point_beside_theory_and_prediction():
    figure = every_figure()["shift"]
    assert list(figure.data[1].y) == [0.6, 0.7, 0.8]
    assert list(named(figure, "straight behind dropout and ReLU").y) == [1.0, 0.405]
    assert list(named(figure, "by this layer's own weights").y) == [None, 0.66]


def test_the_four_numbers_of_the_paper_are_written_at_the_curve():
    figure = every_figure()["keep"]
    assert list(named(figure, "as in Li et al. (2019)").text) == [
        "0.860",
        "0.732",
        "0.405",
        "0.226",
    ]
    measured = named(figure, "measured, median of the channels")
    assert (list(measured.x), list(measured.y)) == ([1.0, 0.5], [pytest.approx(1.05), 0.7])
