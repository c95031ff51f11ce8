"""Tuning curves as pictures: by orientation, by orientation and frequency, and of a whole layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.theme import (
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    STRENGTH,
    VERMILLION,
    legend_below,
    new_figure,
    scale_bar,
)
from core.inside.tuning import LayerTuning, Preference, Tuning
from core.inside.tuning_checks import Check

_TICKS = {
    "tickvals": list(range(0, 360, 45)),
    "ticktext": [f"{angle}°" for angle in range(0, 360, 45)],
}
_EDGES = (
    ("vertical edges", VERMILLION, "square", "vertical", (0, 180)),
    ("horizontal edges", BLUE, "diamond", "horizontal", (90, 270)),
)


def polar_figure(tuning: Tuning, found: Preference, name: str) -> go.Figure:
    """The answer by orientation, at the preferred frequency; both edges stand out.

    Parameters
    ----------
    tuning : Tuning
    found : Preference
        Of one of its filters.
    name : str
        What it is called.
    """
    figure = new_figure("Answer by orientation", 430, f"{name}; {found.frequency:.2f} cycles/pixel")
    figure.add_scatterpolar(
        theta=_around(tuning.angles),
        r=_twice(found.curve),
        mode="lines",
        line={"color": GREEN, "width": 2.5},
        fill="toself",
        fillcolor="rgba(0, 158, 115, 0.15)",
        name="answer",
        hovertemplate="%{theta:.0f}°: <b>%{r:.3g}</b><extra></extra>",
    )
    for label, colour, symbol, attribute, places in _EDGES:
        value = getattr(found, attribute)
        figure.add_scatterpolar(
            theta=places,
            r=[value, value],
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 12},
            name=label,
            hovertemplate=f"{label}: <b>%{{r:.3g}}</b><extra></extra>",
        )
    if found.oriented:
        figure.add_scatterpolar(
            theta=[found.angle, found.angle + 180],
            r=[found.peak, found.peak],
            mode="lines",
            line={"color": ORANGE, "dash": "dot", "width": 2},
            name="preferred",
            hoverinfo="skip",
        )
    figure.update_layout(
        polar=_polar(found.peak),
        showlegend=True,
        legend=legend_below(),
        margin={"l": 40, "r": 40, "t": 76, "b": 64},
    )
    return figure


def _around(angles: NDArray[np.floating]) -> list[float]:
    return [*angles.tolist(), *(angles + 180).tolist(), 360.0]


def _twice(curve: NDArray[np.floating]) -> list[float]:
    """Gratings turned by 180 degrees are the same ones."""
    once: list[float] = curve.tolist()
    return [*once, *once, once[0]]


def _polar(peak: float) -> dict[str, Any]:
    lines = {"gridcolor": "rgba(138, 147, 155, 0.35)", "linecolor": GRAY}
    return {
        "bgcolor": "rgba(0, 0, 0, 0)",
        "angularaxis": _TICKS | lines,
        "radialaxis": {
            "range": [0, 1.06 * peak if peak > 0 else 1],
            "nticks": 4,
            "angle": 22.5,
            "tickangle": 0,
            "tickfont": {"size": 10},
            **lines,
        },
    }


def heat_figure(tuning: Tuning, filter_number: int, found: Preference, name: str) -> go.Figure:
    """The answer of one filter by orientation and frequency; a star marks the strongest."""
    grid = tuning.amplitudes[filter_number]
    figure = new_figure("Answer by orientation and frequency", 430, f"{name}; star: the strongest")
    figure.add_heatmap(
        x=[*tuning.angles.tolist(), 180.0],
        y=tuning.frequencies.tolist(),
        z=np.asarray(np.hstack([grid, grid[:, :1]]), np.float32),
        colorscale=STRENGTH,
        zmin=0,
        colorbar=scale_bar("answer") | {"y": -0.24},
        hovertemplate="%{x:.0f}°, %{y:.2f} cycles per pixel<br><b>%{z:.3g}</b><extra></extra>",
    )
    for place, label, colour in ((0, "vertical", VERMILLION), (90, "horizontal", BLUE)):
        figure.add_vline(x=place, line={"color": colour, "width": 2.5})
        figure.add_annotation(
            x=place,
            y=1.0,
            yref="paper",
            yanchor="bottom",
            xanchor="left" if place == 0 else "center",
            # Blue words could not be read on a dark page; the mark says which line is meant.
            text=f"<span style='color: {colour}'>▌</span>{label} edges",
            font={"size": 12},
            showarrow=False,
        )
    figure.add_scatter(
        x=[found.angle],
        y=[found.frequency],
        mode="markers",
        marker={"symbol": "star", "size": 14, "color": ORANGE, "line": {"width": 1}},
        hoverinfo="skip",
    )
    figure.update_layout(margin={"t": 84, "b": 96})
    figure.update_xaxes(
        title="direction of change (°)", tickvals=[0, 45, 90, 135, 180], showgrid=False
    )
    figure.update_yaxes(title="frequency (cycles per pixel)", showgrid=False)
    return figure


def layer_figure(tuning: Tuning, found: LayerTuning, name: str) -> go.Figure:
    """All filters of a layer: a row each, by orientation, sorted by what they prefer."""
    labels = [str(number) for number in found.order]
    figure = new_figure(
        "All filters of the layer",
        min(170 + 16 * len(labels), 900),
        f"{name}; as a share of its peak",
    )
    figure.add_heatmap(
        x=[*tuning.angles.tolist(), 180.0],
        y=labels,
        z=np.asarray(np.hstack([found.shares, found.shares[:, :1]]), np.float32),
        colorscale=STRENGTH,
        zmin=0,
        zmax=1,
        customdata=np.repeat(found.modulations[:, None], len(tuning.angles) + 1, axis=1),
        colorbar={
            "title": {"text": "share of the peak", "side": "right"},
            "thickness": 10,
            "tickformat": ".0%",
        },
        hovertemplate="filter %{y}, %{x:.0f}°: <b>%{z:.0%}</b><br>"
        "modulation %{customdata:.2f}<extra></extra>",
    )
    for place, colour in ((0, VERMILLION), (90, BLUE)):
        figure.add_vline(x=place, line={"color": colour, "width": 2.5})
    figure.update_xaxes(
        title="direction of change (°)<br>0 vertical, 90 horizontal edges",
        tickvals=[0, 45, 90, 135, 180],
        showgrid=False,
    )
    figure.update_yaxes(title="filter", type="category", autorange="reversed", showgrid=False)
    return figure


def check_figure(check: Check, angles: NDArray[np.floating]) -> go.Figure:
    """A kernel whose tuning is known: measured, and what theory says."""
    figure = new_figure(check.name, 330, check.law)
    figure.add_scatterpolar(
        theta=_around(angles),
        r=_twice(check.curve),
        mode="lines",
        line={"color": GREEN, "width": 3},
        name="measured",
        hovertemplate="%{theta:.0f}°: <b>%{r:.3f}</b><extra></extra>",
    )
    figure.add_scatterpolar(
        theta=_around(angles),
        r=_twice(check.expected),
        mode="lines",
        line={"color": ORANGE, "width": 2, "dash": "dot"},
        name="theory",
        hovertemplate="theory, %{theta:.0f}°: <b>%{r:.3f}</b><extra></extra>",
    )
    figure.update_layout(
        polar=_polar(1.0),
        showlegend=True,
        legend=legend_below(),
        margin={"l": 36, "r": 36, "t": 76, "b": 52},
    )
    return figure
