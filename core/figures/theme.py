"""Colours and the layout that all figures share.

Colours are those of Okabe and Ito (2008), which colour-blind people can tell apart. Backgrounds and
fonts are left to the page's theme, so that a figure reads well in light and dark.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

BLUE = "#0072B2"
SKY = "#56B4E9"
ORANGE = "#E69F00"
VERMILLION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
YELLOW = "#F0E442"
GRAY = "#8A939B"
"""Reads on light and on dark ground."""

CLEAR = "rgba(0, 0, 0, 0)"

SIGNED = [
    [0.0, "#0B3C61"],
    [0.25, "#3E8FC4"],
    [0.5, "#F7F7F7"],
    [0.75, "#EE8A4B"],
    [1.0, "#8F3300"],
]
"""Negative blue, zero white, positive orange: for numbers from -limit to limit."""

STRENGTH = [[0.0, "#F7F7F7"], [0.5, "#56B4E9"], [1.0, "#0B3C61"]]
"""Nothing white, strong dark blue: for numbers from 0."""

BRIGHTNESS = [[0.0, "#000000"], [1.0, "#FFFFFF"]]
"""Black to white, for images with values in [0, 1]."""


def shared_layout(title: str, height: int, subtitle: str = "") -> dict[str, Any]:
    """The layout of all figures, of a height in pixels, as wide as their place."""
    # Plotly's own subtitle pushes the title off a figure with a wide margin.
    below = f"<br><span style='font-size: 12px; font-weight: 400'>{subtitle}</span>"
    return {
        "title": {
            "text": title + below if subtitle else title,
            "font": {"size": 16},
            "x": 0,
            "xanchor": "left",
            "y": 1 - (24 if subtitle else 8) / height,
            "yanchor": "top",
        },
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 60 if subtitle else 40, "b": 8},
        "showlegend": False,
        "dragmode": False,
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        # Its own would be a dark block on a light page, and the other way round.
        "modebar": {"bgcolor": CLEAR, "color": GRAY, "activecolor": BLUE},
    }


def legend_below() -> dict[str, Any]:
    """A legend in rows under the chart, from its left edge."""
    return {
        "orientation": "h",
        "x": 0,
        "xref": "container",
        "yref": "container",
        "y": 0,
        "yanchor": "bottom",
        "font": {"size": 12},
    }


def new_figure(title: str, height: int, subtitle: str = "") -> go.Figure:
    """An empty figure in the shared layout."""
    return go.Figure(layout=shared_layout(title, height, subtitle))


def axis_below(name: str, near: bool = False, size: int = 0) -> dict[str, Any]:
    """The name of a horizontal axis, clear of the labels at its ticks.

    Parameters
    ----------
    name : str
    near : bool
        Whether it stands close to them, where the legend is below.
    size : int
        Of its letters, in pixels; 0 for the theme's own.
    """
    title: dict[str, Any] = {"text": name, "standoff": 4 if near else 10}
    return title | ({"font": {"size": size}} if size else {})


def square_cells(figure: go.Figure, rows: int, columns: int, shown: bool = False) -> None:
    """Axes for pictures: row 0 at the top, cells as high as wide, `shown` or hidden."""
    hidden: dict[str, Any] = {"visible": shown, "showgrid": False, "zeroline": False}
    figure.update_xaxes(range=[-0.5, columns - 0.5], constrain="domain", **hidden)
    figure.update_yaxes(
        range=[rows - 0.5, -0.5],
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
        **hidden,
    )


def scale_bar(title: str) -> dict[str, Any]:
    """The colour scale's legend, under the picture, where a phone has room for it."""
    return {
        "title": {"text": title, "side": "top"},
        "orientation": "h",
        "thickness": 10,
        "len": 0.7,
        "y": -0.02,
        "yanchor": "top",
        "x": 0.5,
        "xanchor": "center",
        "nticks": 5,
    }
