"""What the figures of one or two runs have in common: a colour for each, lines and bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.theme import BLUE, GRAY, ORANGE, legend_below, new_figure

COLOURS = (BLUE, ORANGE)
"""Of the run that is looked at, and of the one beside it."""
Line = tuple[NDArray[Any], NDArray[Any]]
"""Where the points lie on both axes."""
_LEGEND = 76
"""Pixels under the chart for the axis and the legend."""


def line_figure(
    title: str, subtitle: str, lines: Mapping[str, Line], hover: str, height: int = 340
) -> go.Figure:
    """A line for each run.

    Parameters
    ----------
    title, subtitle : str
    lines : mapping of str to Line
        By the run's name; one or two.
    hover : str
        What stands beside a point, in plotly's manner.
    height : int
        In pixels.
    """
    figure = new_figure(title, height, subtitle)
    for colour, (name, (across, up)) in zip(COLOURS, lines.items(), strict=False):
        figure.add_scatter(
            x=across.tolist(),
            y=up.tolist(),
            name=name,
            mode="lines+markers" if len(across) <= 40 else "lines",
            line={"color": colour, "width": 2},
            marker={"size": 5},
            hovertemplate=f"{hover}<extra>{name}</extra>",
        )
    return with_legend(figure)


def with_legend(figure: go.Figure) -> go.Figure:
    """The figure with a legend under it, and room for that."""
    figure.update_layout(showlegend=True, legend=legend_below(), margin_b=_LEGEND)
    return figure


def mark(figure: go.Figure, place: float) -> None:
    """A dotted line across the chart, where the slider stands."""
    figure.add_vline(x=place, line={"color": GRAY, "dash": "dot", "width": 2})
