"""The figures of the layers page hold the numbers that they are given."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.figures.activity import unit_bars
from core.figures.layer_cost import cost_figure
from core.figures.receptive_field import field_figure
from core.figures.strips import CELL, GAP, ROW, class_bars, strip
from core.figures.theme import BLUE, SIGNED, VERMILLION
from core.inside.activity_records import LayerActivity, Station
from core.inside.layer_records import LayerRecord
from core.inside.reach_records import Axis, CostShares, EffectiveField, Reach, Window

IMAGE = np.linspace(0, 1, 64).reshape(8, 8, 1)
ROWS, COLUMNS = (
    Axis(3, 1, -1, 8, (Window("conv_1", 3, 1),)),
    Axis(5, 1, -2, 8, (Window("conv_1", 5, 1),)),
)
REACH = Reach("conv", ROWS, COLUMNS, "window")
SHARES = np.full((8, 8), 1 / 64)


def field(shares: np.ndarray = SHARES) -> EffectiveField:
    return EffectiveField("conv", shares, (4.0, 5.0), (1.0, 2.0), 3, 4, 4)


def station(values: np.ndarray, limit: float) -> Station:
    count = values.shape[2] if values.ndim == 3 else 0
    record = LayerRecord("conv", "Conv2D", values.shape, "", 0, 0, "")
    return Station(record, values, tuple(range(count)), count, limit, 0.0, False)


def rgb(colour: object) -> tuple[int, ...]:
    return tuple(int(str(colour)[at : at + 2], 16) for at in (1, 3, 5))


def shapes(figure) -> dict[str, tuple[float, float, float, float]]:
    return {shape.name: (shape.x0, shape.x1, shape.y0, shape.y1) for shape in figure.layout.shapes}


def test_the_window_is_drawn_around_the_pixels_that_the_middle_unit_sees():
    drawn = shapes(field_figure(IMAGE, REACH, field()))
    # Middle: number 4; rows 3 to 5 and columns 2 to 6, each pixel half a pixel to both sides.
    assert drawn["Can see: 5 x 3 pixels"] == (1.5, 6.5, 2.5, 5.5)


def test_the_ellipses_stand_at_the_centre_with_their_spreads_as_half_axes():
    drawn = shapes(field_figure(IMAGE, REACH, field()))
    sigma = math.sqrt((1 + 4) / 2)
    assert drawn[f"Spread: {sigma:.2f} pixels"] == (3, 7, 3, 5)
    assert drawn[f"Twice the spread: {2 * sigma:.2f} pixels"] == (1, 9, 2, 6)


def test_without_an_effective_field_only_the_image_and_the_window_are_drawn():
    still = field(np.zeros((8, 8)))
    for effective in (None, still):
        figure = field_figure(IMAGE, REACH, effective)
        assert [trace.type for trace in figure.data] == ["image"]
        assert list(shapes(figure)) == ["Can see: 5 x 3 pixels"]


def test_a_layer_that_sees_everything_has_no_window():
    figure = field_figure(IMAGE, Reach("dense", None, None, "whole"), None)
    assert not figure.layout.shapes
    assert figure.layout.title.text.startswith("What dense sees of the image")


def test_a_window_over_the_images_edge_is_shown_whole():
    wide = Axis(21, 1, -10, 8)
    figure = field_figure(IMAGE, Reach("conv", wide, wide, "window"), None)
    assert figure.layout.xaxis.range[0] < wide.first < 0
    assert figure.layout.xaxis.range[1] >= wide.first + wide.size - 0.5
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # row 0 at the top


def test_the_bars_of_cost_hold_each_share_by_layer():
    shares = CostShares(("a", "b"), (0.25, 0.75), (0.0, 1.0), (0.5, 0.5))
    bars = {bar.name: dict(zip(bar.y, bar.x, strict=True)) for bar in cost_figure(shares, "").data}
    assert bars["multiply-adds"] == {"a": 0.25, "b": 0.75}
    assert bars["weights"] == {"a": 0, "b": 1}
    assert bars["time"] == {"a": 0.5, "b": 0.5}


def test_dead_units_stand_last_in_a_colour_of_their_own():
    zeros = np.array([0.5, 1.0, 0.25])
    found = LayerActivity(
        "relu", "ReLU", 10, 30, 0.0, 0.0, 0.5, True, np.array([9, 0, 10]), np.zeros(3), zeros
    )
    (bars,) = unit_bars(found, "map", "10 images").data
    assert list(bars.y) == [0.75, 0.5, 0]
    assert [one[0] for one in bars.customdata] == [2, 0, 1]
    assert [one[1] for one in bars.customdata] == [10, 9, 0]
    assert list(bars.marker.color) == [BLUE, BLUE, VERMILLION]


def test_a_strip_shows_its_maps_side_by_side_with_clear_gaps():
    maps = np.zeros((7, 7, 3))
    maps[:, :, 0], maps[:, :, 2] = 2.0, -2.0
    picture, width = strip(station(maps, 2.0))
    side = 2 * CELL // 7 * 7
    assert picture.shape == (side, 3 * side + 4 * GAP, 4)
    assert width == 3 * CELL + 2 * GAP
    middle = picture[side // 2]
    assert tuple(middle[side // 2]) == (*rgb(SIGNED[-1][1]), 255)  # the largest number
    assert tuple(middle[side + GAP]) == (0, 0, 0, 0)
    assert tuple(middle[side + 2 * GAP + side // 2]) == (*rgb(SIGNED[2][1]), 255)  # zero
    assert tuple(middle[-side // 2]) == (*rgb(SIGNED[0][1]), 255)


@pytest.mark.parametrize(("count", "lines"), [(10, 1), (ROW, 1), (ROW + 1, 2)])
def test_a_row_of_numbers_becomes_a_band_that_is_broken_into_lines(count, lines):
    picture, width = strip(station(np.ones(count), 1.0))
    across = min(count, ROW)
    side = picture.shape[1] // across
    assert picture.shape[0] == lines * side and width <= 620
    opaque = picture[side // 2 :: side, side // 2 :: side, 3] == 255
    assert opaque.sum() == count


def test_the_bars_of_the_classes_hold_the_probabilities_and_mark_the_decision():
    (bars,) = class_bars(np.array([0.25, 0.75]), ("cat", "dog"), 1).data
    assert dict(zip(bars.x, bars.y, strict=True)) == {"cat": 0.25, "dog": 0.75}
    assert bars.marker.color[1] == BLUE != bars.marker.color[0]
    assert list(bars.text) == ["25.0%", "75.0%"]
