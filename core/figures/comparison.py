"""Curves of groups of runs over one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb, sample_colorscale

from core.comparison.colours import Shade
from core.comparison.mean_curves import CurveMeasure, GroupCurve, Line
from core.figures.theme import (
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    axis_below,
    legend_below,
    new_figure,
)

PALETTE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, GRAY)
DASHES = ("solid", "dash", "dot", "dashdot")
SCALE = [[0.0, BLUE], [0.5, PURPLE], [1.0, ORANGE]]
"""For settings that are numbers; each of its colours reads on light and on dark ground."""
_MOST_POINTED_AT_TOGETHER = 6
_FEW_BANDS = 3


def group_curves(
    curves: Sequence[GroupCurve],
    shades: Sequence[Shade],
    measure: CurveMeasure,
    axis_title: str,
    subtitle: str,
    legend_title: str,
    each_run: bool,
    height: int,
    logarithmic: bool = False,
) -> go.Figure:
    """The mean of each group with its band, and thin lines for what is not in the mean.

    Parameters
    ----------
    curves : sequence of GroupCurve
    shades : sequence of Shade
        One a curve.
    measure : CurveMeasure
        What the curves are of.
    axis_title, subtitle, legend_title : str
        Words around the chart.
    each_run : bool
        Whether the curves of the single runs are drawn, thin, behind their mean.
    height : int
        In pixels.
    logarithmic : bool
        Whether equal steps upwards are equal factors.
    """
    figure = new_figure(measure.title, height, subtitle)
    named: set[str] = set()
    for curve, shade in zip(curves, shades, strict=True):
        look = _look(shade)
        look["veil"] = 0.25 if len(curves) <= _FEW_BANDS else 0.12
        for trace in _traces(curve, shade, look, measure, each_run):
            # Groups of one colour have one entry, which shows and hides them together.
            trace["showlegend"] = trace.pop("main", False) and shade.name not in named
            figure.add_trace(go.Scatter(**trace, legendgroup=shade.name))
        named.add(shade.name)
    figure.update_layout(**_legend(legend_title), dragmode="zoom")
    figure.update_layout(
        hovermode="x" if len(curves) <= _MOST_POINTED_AT_TOGETHER else "closest",
        margin={"l": 8, "r": 8, "t": 60, "b": 8},
    )
    figure.update_xaxes(title=axis_below(axis_title, size=13))
    if logarithmic:
        figure.update_yaxes(type="log", exponentformat="power")
    if measure.share:
        figure.update_yaxes(tickformat=".0%")
    return figure


def _legend(title: str) -> dict[str, Any]:
    return {
        "showlegend": True,
        "legend": legend_below() | {"title": {"text": title}},
    }


def _look(shade: Shade) -> dict[str, Any]:
    """The line's colour and dash."""
    if shade.ordered:
        (colour,) = sample_colorscale(SCALE, [shade.place / (shade.count - 1)])
        return {"color": colour, "dash": "solid"}
    dash = DASHES[shade.place // len(PALETTE) % len(DASHES)]
    return {"color": PALETTE[shade.place % len(PALETTE)], "dash": dash}


def _traces(
    curve: GroupCurve,
    shade: Shade,
    look: dict[str, Any],
    measure: CurveMeasure,
    each_run: bool,
) -> list[dict[str, Any]]:
    form = ".1%" if measure.share else ".4f"
    traces = []
    mean = curve.mean
    if mean is not None and curve.has_band:
        traces += _band(curve, look["color"], look["veil"])
    if mean is not None:
        if each_run and mean.runs > 1:
            traces.append(_thin(curve.lines, look["color"], "solid", 0.4, shade.name))
        traces.append(_thin(curve.tails, look["color"], "dot", 0.7, shade.name))
        traces.append(_mean(curve, shade, look, form))
    traces.append(_thin(curve.not_counted, look["color"], "dash", 0.55, shade.name))
    traces = [trace for trace in traces if trace["x"].size]
    if traces and mean is None:
        traces[0]["main"] = True
    return traces


def _mean(curve: GroupCurve, shade: Shade, look: dict[str, Any], form: str) -> dict[str, Any]:
    assert curve.mean is not None
    mean = curve.mean
    band = f" (%{{customdata[0]:{form}}} to %{{customdata[1]:{form}}})" if curve.has_band else ""
    what = f"{curve.letter}, mean of {mean.runs}" if mean.runs > 1 else curve.letter
    return {
        "main": True,
        "name": shade.name,
        "x": mean.at,
        "y": mean.mean,
        "mode": "lines+markers" if len(mean.at) == 1 else "lines",
        "line": {"color": look["color"], "dash": look["dash"], "width": 2.5},
        "customdata": np.stack([mean.low, mean.high], axis=1),
        "hovertemplate": f"{what}: %{{y:{form}}}{band}<extra></extra>",
    }


def _band(curve: GroupCurve, colour: str, opacity: float) -> list[dict[str, Any]]:
    assert curve.mean is not None
    shared = {
        "x": curve.mean.at,
        "mode": "lines",
        "line": {"width": 0, "color": colour},
        "hoverinfo": "skip",
    }
    return [
        {**shared, "y": curve.mean.low},
        {**shared, "y": curve.mean.high, "fill": "tonexty", "fillcolor": _clear(colour, opacity)},
    ]


def _thin(
    lines: Sequence[Line], colour: str, dash: str, opacity: float, name: str
) -> dict[str, Any]:
    """Several lines as one trace, with a gap after each."""
    gap = [np.nan]
    return {
        "name": name,
        "x": np.concatenate([part for line in lines for part in (line.at, gap)] or [[]]),
        "y": np.concatenate([part for line in lines for part in (line.values, gap)] or [[]]),
        "mode": "lines",
        "line": {"color": colour, "width": 1.2, "dash": dash},
        "opacity": opacity,
        "hoverinfo": "skip",
    }


def _clear(colour: str, opacity: float) -> str:
    """The colour of a band, through which others show."""
    parts = hex_to_rgb(colour) if colour.startswith("#") else colour[4:-1].split(",")
    return f"rgba({', '.join(str(part).strip() for part in parts)}, {opacity})"
