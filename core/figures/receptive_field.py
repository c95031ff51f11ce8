"""What a layer sees of an image, drawn over it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.theme import BLUE, GRAY, SKY, VERMILLION, legend_below, new_figure
from core.inside.reach_records import EffectiveField, Reach

_GLOW = [[0.0, "rgba(230, 159, 0, 0)"], [0.35, "rgba(230, 159, 0, 0.6)"], [1.0, "#E69F00"]]
"""From clear to orange, so that the image shows where there is little."""


def field_figure(
    image: NDArray[np.floating],
    reach: Reach,
    effective: EffectiveField | None,
    others: Sequence[Reach] = (),
) -> go.Figure:
    """An image with the window that the layer's middle unit sees, and what it goes by.

    Parameters
    ----------
    image : ndarray of shape (H, W, C), values in [0, 1]
    reach : Reach
    effective : EffectiveField or None
        None where each unit sees the whole image.
    others : sequence of Reach
        Layers whose windows are drawn as thin lines.
    """
    figure = new_figure(
        f"What {reach.layer} sees of the image",
        530,
        "the unit in the middle of its map" if effective else "each of its units: everything",
    )
    rows, columns = image.shape[:2]
    levels = np.rint(np.asarray(image) * 255).astype(np.uint8)
    figure.add_image(z=np.broadcast_to(levels, (rows, columns, 3)), hoverinfo="skip")
    if effective is not None and effective.moves:
        figure.add_heatmap(
            z=effective.shares,
            zmin=0,
            colorscale=_GLOW,
            showscale=False,
            hovertemplate="row %{y}, column %{x}<br><b>%{z:.2%}</b> of the gradient<extra></extra>",
        )
        _add_ellipses(figure, effective)
    for place, other in enumerate(others):
        _add_window(figure, other, SKY, 1, "Other layers can see", place == 0)
    _add_window(figure, reach, BLUE, 3, f"Can see: {reach.words} pixels", True)
    _frame(figure, rows, columns, reach)
    return figure


def _add_window(
    figure: go.Figure, reach: Reach, colour: str, width: int, name: str, named: bool
) -> None:
    if reach.rows is None or reach.columns is None:
        return
    figure.add_shape(
        type="rect",
        x0=reach.columns.first - 0.5,
        x1=reach.columns.first + reach.columns.size - 0.5,
        y0=reach.rows.first - 0.5,
        y1=reach.rows.first + reach.rows.size - 0.5,
        line={"color": colour, "width": width},
        name=name,
        showlegend=named,
    )


def _add_ellipses(figure: go.Figure, effective: EffectiveField) -> None:
    for times, dash in ((1, "solid"), (2, "dot")):
        (low, left), (high, right) = effective.ellipse(times)
        figure.add_shape(
            type="circle",
            x0=left,
            x1=right,
            y0=low,
            y1=high,
            line={"color": VERMILLION, "width": 2, "dash": dash},
            name=("Spread" if times == 1 else "Twice the spread")
            + f": {effective.sigma * times:.2f} pixels",
            showlegend=True,
        )


def _frame(figure: go.Figure, rows: int, columns: int, reach: Reach) -> None:
    """Show the whole window, also where it reaches over the image's edge."""
    low, high, left, right = reach.bounds(rows, columns)
    axis = {"showgrid": False, "zeroline": False, "constrain": "domain", "color": GRAY}
    figure.update_xaxes(range=[left - 1, right], title="column (pixel)", **axis)
    figure.update_yaxes(
        range=[high, low - 1], scaleanchor="x", title="row (pixel)", constraintoward="top", **axis
    )
    figure.update_layout(showlegend=True, legend=legend_below(), margin_b=76)
