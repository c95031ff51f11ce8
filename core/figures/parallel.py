"""Settings and results of runs as parallel coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.comparison.parallel import Axis
from core.figures.theme import BLUE, CLEAR, GRAY, ORANGE, PURPLE, new_figure, scale_bar

_FEW = 5
SCALE = [[0.0, BLUE], [0.5, PURPLE], [1.0, ORANGE]]


def parallel_coordinates(axes: Sequence[Axis], colour: Axis, height: int) -> go.Figure:
    """Each run as a line through one upright axis a setting and a result.

    Parameters
    ----------
    axes : sequence of Axis
        From left to right.
    colour : Axis
        What colours the line of each run.
    height : int
        In pixels.
    """
    few = len(axes) <= _FEW
    figure = new_figure("Settings and results, one line a run", height)
    figure.add_trace(
        go.Parcoords(
            dimensions=[_dimension(axis) for axis in axes],
            line={
                "color": colour.positions,
                "colorscale": SCALE,
                "showscale": True,
                "colorbar": {**scale_bar(colour.label), **_ticks(colour), "y": -0.08},
            },
            # Beside one another even where the words are long.
            labelangle=-12 if few else -30,
            labelside="top",
            # Plotly's own letters are black, and lost on a dark page.
            labelfont={"color": GRAY, "size": 13},
            tickfont={"color": GRAY, "size": 12},
            rangefont={"color": CLEAR},
        )
    )
    figure.update_layout(margin={"l": 60, "r": 60, "t": 100 if few else 140, "b": 30})
    return figure


def _dimension(axis: Axis) -> dict[str, Any]:
    return {"label": axis.label, "values": axis.positions, **_ticks(axis)}


def _ticks(axis: Axis) -> dict[str, Any]:
    if not axis.ticks:
        return {}
    return {"tickvals": list(axis.ticks), "ticktext": list(axis.words)}
