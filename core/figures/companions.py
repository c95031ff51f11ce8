"""One image in ever other company: records -> figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import BLUE, GRAY, GREEN, ORANGE, axis_below, legend_below, new_figure
from core.mechanisms.normalization_records import Change, Company

_HEIGHT = 340


def probabilities_by_size(company: Company, class_name: str, size: int) -> go.Figure:
    """How probable the image's class is in each batch, by batch size.

    Parameters
    ----------
    company : Company
    class_name : str
        Of the class that the network decides for by its moving statistics.
    size : int
        The batch size that is looked at.
    """
    figure = new_figure(
        f"How probable “{class_name}” is, by batch size",
        _HEIGHT,
        "a point a batch of other companions",
    )
    for one in company.batches:
        colour = BLUE if one.size == size else GRAY
        figure.add_box(
            x=[str(one.size)] * len(one.probabilities),
            y=one.probabilities[:, company.decision],
            boxpoints="all",
            pointpos=0,
            jitter=0.5,
            fillcolor="rgba(0, 0, 0, 0)",
            line={"width": 1, "color": colour},
            marker={"color": colour, "size": 5, "opacity": 0.7},
            hovertemplate=f"batch of {one.size}: %{{y:.1%}}<extra></extra>",
        )
    figure.add_hline(
        y=float(company.alone[company.decision]),
        line={"color": ORANGE, "width": 2, "dash": "dash"},
    )
    figure.update_xaxes(title=axis_below("images in the batch"), type="category", showgrid=False)
    figure.update_yaxes(title="probability", tickformat=".0%", range=[-0.03, 1.03])
    return figure


def changes_by_size(changes: Sequence[Change], layer: str, groups: int) -> go.Figure:
    """How much a layer's output for the image depends on its company, by batch size.

    Parameters
    ----------
    changes : sequence of Change
    layer : str
    groups : int
        Of the group normalization beside it.
    """
    figure = new_figure(
        "How much the layer's output changes",
        _HEIGHT,
        f"{layer}, relative to the output's own spread",
    )
    sizes = [str(one.size) for one in changes]
    for name, values, colour, mark in (
        ("over the batch", [one.batch for one in changes], BLUE, "circle"),
        (
            f"group normalization, {groups} group{'s' if groups > 1 else ''}",
            [one.group for one in changes],
            GREEN,
            "diamond",
        ),
    ):
        figure.add_scatter(
            x=sizes,
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"symbol": mark, "size": 8},
            hovertemplate=f"{name}, batch of %{{x}}: %{{y:.3g}}<extra></extra>",
        )
    figure.update_layout(showlegend=True, legend=legend_below())
    figure.update_xaxes(title=axis_below("images in the batch"), type="category", showgrid=False)
    figure.update_yaxes(title="relative change", rangemode="tozero", zerolinecolor=GRAY)
    return figure


def decision_bars(
    alone: np.ndarray, together: np.ndarray, class_names: Sequence[str], size: int
) -> go.Figure:
    """The probability of each class alone, and in one batch.

    Parameters
    ----------
    alone, together : ndarray of shape (K,)
    class_names : sequence of str
    size : int
        Of the batch.
    """
    figure = new_figure("What the network says of the image", _HEIGHT - 40)
    for name, values, colour in (
        (f"in this batch of {size}", together, BLUE),
        ("with moving statistics", alone, ORANGE),
    ):
        figure.add_bar(
            x=list(class_names),
            y=values,
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"%{{x}}, {name}: %{{y:.1%}}<extra></extra>",
        )
    figure.update_layout(showlegend=True, legend=legend_below(), barmode="group", bargap=0.2)
    figure.update_xaxes(title=axis_below("class"), type="category", showgrid=False)
    figure.update_yaxes(title="probability", tickformat=".0%", range=[0, 1.03])
    return figure
