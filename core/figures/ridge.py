"""Dropout on linear regression beside ridge regression, as pictures."""

from __future__ import annotations

import plotly.graph_objects as go

from core.figures.theme import BLUE, GRAY, ORANGE, legend_below, new_figure
from core.mechanisms.dropout_records import Agreement


def weights_figure(found: Agreement, subtitle: str) -> go.Figure:
    """Each weight as dropout learns it against the same weight in closed form.

    Parameters
    ----------
    found : Agreement
    subtitle : str
    """
    figure = new_figure("Weight for weight", 400, subtitle)
    ends = [float(found.ridge.min()), float(found.ridge.max())]
    figure.add_scatter(
        x=ends,
        y=ends,
        mode="lines",
        line={"color": GRAY, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=found.ridge.ravel().tolist(),
        y=found.dropout.ravel().tolist(),
        mode="markers",
        marker={"color": BLUE, "size": 5, "opacity": 0.6},
        hovertemplate="ridge %{x:.4g}<br>dropout <b>%{y:.4g}</b><extra></extra>",
    )
    figure.update_xaxes(title="Weight by the ridge formula, scaled")
    figure.update_yaxes(title="Weight learnt under dropout, scaled")
    return figure


def distance_figure(found: Agreement, subtitle: str) -> go.Figure:
    """How far the two are apart, by how many noisy copies dropout learns from.

    Parameters
    ----------
    found : Agreement
    subtitle : str
    """
    figure = new_figure("The more masks, the closer", 400, subtitle)
    figure.add_scatter(
        x=list(found.copies),
        y=list(found.expected_distances),
        mode="lines",
        name="1 / √masks",
        line={"color": GRAY, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=list(found.copies),
        y=list(found.distances),
        mode="lines+markers",
        name="Measured",
        line={"color": ORANGE, "width": 1.5},
        marker={"color": ORANGE, "size": 8},
        hovertemplate="%{x} masks an image<br><b>%{y:.2%}</b> apart<extra></extra>",
    )
    figure.update_layout(showlegend=True, legend=legend_below(), margin_b=80)
    figure.update_xaxes(title="Masks an image", type="log", tickvals=list(found.copies))
    figure.update_yaxes(
        title="Distance of the weights", tickformat=".1%", type="log", dtick=0.30103
    )
    return figure
