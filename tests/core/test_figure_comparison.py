"""The figures of a comparison: what is drawn, and in which colours."""

from __future__ import annotations

import numpy as np
import pytest

from core.comparison.colours import BY_GROUP, legend_title, shades
from core.comparison.groups import groups_of
from core.comparison.mean_curves import MEASURES, group_curve, line_of
from core.comparison.parallel import COLOURS, axes_of, axis_of_result, drawable
from core.figures.comparison import DASHES, PALETTE, group_curves
from core.figures.parallel import parallel_coordinates
from tests.core.made_runs import made_epochs, made_run

LOSS = MEASURES["validation_loss"]


def lines(*curves: list[float]) -> list:
    return [line_of(made_epochs(curve), LOSS, "epoch") for curve in curves]


def drawn(curves: list, runs: list, by: str = BY_GROUP, each_run: bool = False, **more: object):
    groups = groups_of(runs)
    return group_curves(
        curves,
        shades(groups, by),
        LOSS,
        "Epoch",
        "",
        legend_title(groups, by),
        each_run,
        400,
        **more,
    )


def rates(*values: float) -> list:
    return [made_run(1, settings={"dropout_dense": value}) for value in values]


def test_a_group_is_its_mean_and_a_band_and_has_one_entry() -> None:
    curve = group_curve("A", lines([1.0, 2.0], [3.0, 4.0]), [], "deviation")
    figure = drawn([curve], rates(0.0))
    low, high, mean = figure.data
    assert mean.y.tolist() == [2.0, 3.0]
    half = np.std([1.0, 3.0], ddof=1)
    assert low.y == pytest.approx(np.array([2.0, 3.0]) - half)
    assert high.y == pytest.approx(np.array([2.0, 3.0]) + half)
    assert high.fill == "tonexty"
    assert [trace.showlegend for trace in figure.data] == [False, False, True]


def test_each_run_is_drawn_if_asked_and_the_tail_of_a_longer_one_always() -> None:
    curve = group_curve("A", lines([1.0, 2.0, 5.0], [3.0, 4.0]), [], "runs")
    runs, tail, mean = drawn([curve], rates(0.0), each_run=True).data
    assert runs.y == pytest.approx([1, 2, 5, np.nan, 3, 4, np.nan], nan_ok=True)
    assert tail.y == pytest.approx([2, 5, np.nan], nan_ok=True)
    assert mean.y.tolist() == [2.0, 3.0]
    tail, mean = drawn([curve], rates(0.0)).data
    assert tail.y == pytest.approx([2, 5, np.nan], nan_ok=True)


def test_one_run_is_one_line() -> None:
    (line,) = drawn([group_curve("A", lines([1.0, 2.0]), [], "interval")], rates(0.0)).data
    assert line.y.tolist() == [1.0, 2.0]
    assert line.showlegend


def test_runs_that_do_not_count_are_thin_and_dashed_and_in_the_legend_if_alone() -> None:
    (line,) = drawn([group_curve("A", [], lines([1.0, 2.0]), "interval")], rates(0.0)).data
    assert (line.line.dash, line.line.width) == ("dash", 1.2)
    assert line.showlegend


def test_each_group_has_a_look_of_its_own() -> None:
    values = [n / 100 * 5 for n in range(19)]
    curves = [group_curve("A", lines([1.0, 2.0]), [], "none") for _ in values]
    looks = {(t.line.color, t.line.dash) for t in drawn(curves, rates(*values)).data}
    assert len(looks) == 19
    assert len(PALETTE) * len(DASHES) >= 28


def test_groups_of_one_value_share_colour_and_entry() -> None:
    runs = [
        made_run(1, settings={"dropout_dense": rate, "l2": l2})
        for rate in (0.0, 0.5)
        for l2 in (0.0, 0.01)
    ]
    groups = groups_of(runs)
    curves = [group_curve(group.letter, lines([1.0]), [], "none") for group in groups]
    figure = drawn(curves, runs, by="dropout_dense")
    colours = [trace.line.color for trace in figure.data]
    by_rate = [group.settings.regularization.dropout_dense for group in groups]
    assert len(set(zip(by_rate, colours, strict=True))) == len(set(colours)) == 2
    assert sorted(t.name for t in figure.data if t.showlegend) == ["0", "0.5"]
    assert figure.layout.legend.title.text == "Dropout rate (dense)"


def test_three_numbers_and_more_are_a_scale_and_words_are_not() -> None:
    scale = shades(groups_of(rates(0.0, 0.1, 0.5)), "dropout_dense")
    assert [(shade.place, shade.count, shade.ordered) for shade in scale] == [
        (0, 3, True),
        (1, 3, True),
        (2, 3, True),
    ]
    runs = [made_run(1, settings={"optimizer": name}) for name in ("adam", "sgd", "rmsprop")]
    assert not any(shade.ordered for shade in shades(groups_of(runs), "optimizer"))


def test_a_legend_spells_out_few_groups_and_gives_letters_to_many() -> None:
    assert [s.name for s in shades(groups_of(rates(0.0, 0.5)), BY_GROUP)] == [
        "A: Dropout rate (dense) 0",
        "B: Dropout rate (dense) 0.5",
    ]
    many = groups_of(rates(0.0, 0.1, 0.2, 0.3, 0.4))
    assert [s.name for s in shades(many, BY_GROUP)][:2] == ["A: 0", "B: 0.1"]
    assert legend_title(many, BY_GROUP) == "Dropout rate (dense)"
    mixed = groups_of([*rates(0.0, 0.1, 0.2, 0.3), made_run(1, settings={"l2": 0.01})])
    assert [s.name for s in shades(mixed, BY_GROUP)] == list("ABCDE")


def test_the_axis_can_be_logarithmic() -> None:
    curve = group_curve("A", lines([1.0]), [], "none")
    assert drawn([curve], rates(0.0), logarithmic=True).layout.yaxis.type == "log"
    assert drawn([curve], rates(0.0)).layout.yaxis.type is None


def test_settings_and_results_stand_on_parallel_axes() -> None:
    runs = [
        made_run(1, loss=0.5, settings={"dropout_dense": 0.5, "optimizer": "sgd"}),
        made_run(2, loss=0.4, settings={"dropout_dense": 0.1, "batch_normalization": True}),
        made_run(3, loss=0.3, accuracy=0.95),
        made_run(4, loss=None, accuracy=None),
    ]
    shown = drawable(runs)
    assert len(shown) == 3
    axes = {axis.label: axis for axis in axes_of(shown)}
    assert list(axes) == [
        "Dropout rate (dense)",
        "Normalization",
        "Optimizer",
        "Validation loss",
        "Validation accuracy (%)",
        "Best epoch",
    ]
    assert axes["Dropout rate (dense)"].positions.tolist() == [2, 1, 0]
    assert axes["Dropout rate (dense)"].words == ("0", "0.1", "0.5")
    assert axes["Normalization"].words == ("None", "Batch")
    # In the order in which the page offers them.
    assert axes["Optimizer"].words == ("Adam", "SGD with momentum")
    assert axes["Optimizer"].positions.tolist() == [1, 0, 0]
    assert axes["Validation loss"].positions.tolist() == [0.5, 0.4, 0.3]
    assert axes["Validation accuracy (%)"].positions == pytest.approx([90, 90, 95])
    figure = parallel_coordinates(list(axes.values()), axes["Validation loss"], 400)
    (trace,) = figure.data
    assert [dimension.label for dimension in trace.dimensions] == list(axes)
    assert trace.line.color.tolist() == [0.5, 0.4, 0.3]


def test_no_test_figure_is_among_the_results() -> None:
    assert not any("test" in key for key in COLOURS)


def test_a_number_of_many_values_lies_on_a_scale() -> None:
    runs = [made_run(1, settings={"epochs": number}) for number in range(10, 19)]
    axis = axes_of(runs)[0]
    assert axis.ticks == ()
    assert axis.positions.tolist() == list(range(10, 19))


def test_losses_worlds_apart_stand_on_a_logarithmic_axis() -> None:
    runs = [made_run(1, loss=0.5), made_run(2, loss=50.0), made_run(3, loss=5.0)]
    axis = axis_of_result("validation_loss", runs)
    assert axis.positions == pytest.approx(np.log10([0.5, 50, 5]))
    assert axis.words == ("0.5", "1", "2", "5", "10", "20", "50")
    assert axis.ticks == pytest.approx(np.log10([0.5, 1, 2, 5, 10, 20, 50]))
