"""Figures of attribution: tested for what they contain."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.attribution.records import Course, Courses, Likeness
from core.figures.attribution import (
    MapTile,
    answer_bars,
    courses_figure,
    likeness_figure,
    map_board,
)

IMAGE = np.zeros((4, 3)), 0.5


def a_board():
    tiles = [
        MapTile(np.full((4, 3), number), number + 1.0, f"tile {number}", f"method {number}")
        for number in range(3)
    ]
    return map_board(tiles, 2, 200, "Title", "below", IMAGE)


def test_every_tile_of_a_board_has_its_own_values_and_its_own_scale_around_0():
    maps = [trace for trace in a_board().data if trace.type == "heatmap"]
    assert [(trace.zmin, trace.zmax) for trace in maps] == [(-1, 1), (-2, 2), (-3, 3)]
    assert [float(trace.z[0, 0]) for trace in maps] == [0, 1, 2]
    assert "method 2" in maps[2].hovertemplate


def test_tiles_stand_in_rows_and_do_not_touch():
    first, second, third = (trace for trace in a_board().data if trace.type == "heatmap")
    assert first.y0 == second.y0 and first.x0 == third.x0
    assert second.x0 >= first.x0 + 3 + 1 and third.y0 >= first.y0 + 4 + 0.1
    # 4 rows of pixels are 200 on a wide screen and 100 on a phone: there is room for a line there.
    assert (third.y0 - first.y0 - 4) * 100 / 4 >= 20


def test_the_images_outline_lies_on_every_tile_and_is_no_number_under_the_pointer():
    figure = a_board()
    lines = [trace for trace in figure.data if trace.type == "contour"]
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [(one.x0, one.y0) for one in lines] == [(one.x0, one.y0) for one in maps]
    assert {(one.contours.start, one.contours.end, one.hoverinfo) for one in lines} == {
        (0.5, 0.5, "skip")
    }


def test_one_scale_bar_says_against_and_for():
    bars = [trace for trace in a_board().data if trace.type == "heatmap" and trace.showscale]
    (bar,) = (trace.colorbar for trace in bars)
    assert list(bar.ticktext) == ["against", "0", "for"] and list(bar.tickvals) == [-1, 0, 1]


def test_the_explained_class_has_another_colour():
    said = np.array([0.2, 0.7, 0.1])
    (bars,) = answer_bars(said, np.log(said), ["cat", "dog", "ship"], 2, "").data
    first, second, third = bars.marker.color
    assert first == second != third


def test_the_range_of_the_draws_is_drawn_around_their_mean():
    course = [Likeness(0, 1, 1, 1, 1, 5, 0), Likeness(1, 0.5, 0.2, 0.6, 0.9, 5, 0)]
    (line,) = likeness_figure({"Saliency": course}, ["classes"], "").data
    assert list(line.x) == ["as trained", "classes"] and list(line.y) == [1, 0.5]
    assert line.error_y.array[1] == pytest.approx(0.1)
    assert line.error_y.arrayminus[1] == pytest.approx(0.3)


def test_where_no_map_could_be_ranked_there_is_no_point():
    nothing = Likeness(1, math.nan, math.nan, math.nan, math.nan, 5, 5)
    figure = likeness_figure({"Grad-CAM": [nothing]}, [], "")
    assert '"y":[null]' in figure.to_json()


def test_both_kinds_stand_side_by_side_under_one_legend_with_chance_as_a_band():
    line = np.array([0.0, 0.5, 1.0])
    chance = tuple(Course(line, line * height) for height in (0.5, 1.0))
    both = [
        Courses(kind, {"saliency": Course(line, 1 - line)}, chance)
        for kind in ("deletion", "insertion")
    ]
    figure = courses_figure(both, ["away", "in"], {"saliency": "Saliency"}, "Title")
    named = [(one.name, one.xaxis, one.showlegend) for one in figure.data if one.name]
    assert named == [
        ("Random orders", "x", True),
        ("Saliency", "x", True),
        ("Random orders", "x2", False),
        ("Saliency", "x2", False),
    ]
    low, high, mean, own = figure.data[:4]
    assert list(low.y) == [0, 0.25, 0.5] and list(high.y) == [0, 0.5, 1]
    assert list(mean.y) == [0, 0.375, 0.75] and list(own.y) == [1, 0.5, 0]
    assert (figure.layout.xaxis.title.text, figure.layout.xaxis2.title.text) == ("away", "in")
