"""Variance shift: records -> figures."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.theme import (
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    VERMILLION,
    axis_below,
    legend_below,
    new_figure,
)
from core.mechanisms.normalization_records import LayerShift
from core.mechanisms.shift_theory import KEEPS, ReluTheory

_HEIGHT = 360


def shift_by_layer(shifts: Sequence[LayerShift], sample: str) -> go.Figure:
    """The variance at test over the moving variance: a point a channel, and what theory says.

    Parameters
    ----------
    shifts : sequence of LayerShift
        One a normalization, in order.
    sample : str
        What the variance at test was taken on, in words.
    """
    figure = new_figure("Variance at test over moving variance", _HEIGHT, sample)
    _add_measured(figure, shifts)
    for name, values, colour, mark in (
        ("straight behind dropout and ReLU", [one.theory for one in shifts], ORANGE, "line-ew"),
        ("by this layer's own weights", [one.predicted for one in shifts], GREEN, "diamond"),
    ):
        figure.add_scatter(
            x=[one.name for one in shifts],
            y=values,
            name=name,
            mode="markers",
            marker={
                "symbol": mark,
                "size": 16 if mark == "line-ew" else 11,
                "color": colour,
                "line": {"color": colour, "width": 3},
            },
            hovertemplate=f"{name}: %{{y:.3f}}<extra></extra>",
        )
    figure.add_hline(y=1, line={"color": GRAY, "dash": "dot", "width": 1.5})
    figure.update_layout(showlegend=True, legend=legend_below())
    names = [one.name for one in shifts]
    figure.update_xaxes(
        type="category",
        showgrid=False,
        tickvals=names,
        # Three of them beside each other on a phone.
        ticktext=[name.replace("_", "_<br>") for name in names],
        tickangle=0,
    )
    figure.update_yaxes(title="ratio of variances", rangemode="tozero")
    return figure


def _add_measured(figure: go.Figure, shifts: Sequence[LayerShift]) -> None:
    for at, one in enumerate(shifts):
        figure.add_box(
            x=[one.name] * len(one.ratios),
            y=one.ratios,
            name="measured, a point a channel",
            legendgroup="measured",
            showlegend=at == 0,
            boxpoints="all",
            pointpos=0,
            jitter=0.6,
            fillcolor="rgba(0, 0, 0, 0)",
            line={"width": 1.5, "color": BLUE},
            marker={"color": BLUE, "size": 4, "opacity": 0.5},
            hovertemplate=f"{one.name}: %{{y:.3f}}<extra></extra>",
        )


def shift_by_keep(shifts: Sequence[LayerShift], theory: ReluTheory) -> go.Figure:
    """The ratio in theory by the share that dropout keeps, and the layers that were measured."""
    figure = new_figure(
        "The less dropout keeps, the larger the shift", _HEIGHT, "theory and measured layers"
    )
    figure.add_scatter(
        x=theory.keeps,
        y=theory.ratios,
        name="theory: straight behind dropout and ReLU",
        mode="lines",
        line={"color": ORANGE, "width": 2.5},
        hovertemplate="keep %{x:.2f}: %{y:.3f}<extra></extra>",
    )
    figure.add_scatter(
        x=KEEPS,
        y=theory.paper_ratios,
        text=[f"{ratio:.3f}" for ratio in theory.paper_ratios],
        textposition="bottom right",
        name="as in Li et al. (2019)",
        mode="markers+text",
        marker={"color": VERMILLION, "size": 8},
        cliponaxis=False,
        hovertemplate="keep %{x:.1f}: %{y:.3f}<extra></extra>",
    )
    figure.add_scatter(
        x=[one.keep for one in shifts],
        y=[one.median for one in shifts],
        customdata=[one.name for one in shifts],
        name="measured, median of the channels",
        mode="markers",
        marker={"color": BLUE, "size": 11, "symbol": "x"},
        hovertemplate="%{customdata}<br>keep %{x:.2f}: %{y:.3f}<extra></extra>",
    )
    figure.add_hline(y=1, line={"color": GRAY, "dash": "dot", "width": 1.5})
    figure.update_layout(showlegend=True, legend=legend_below())
    figure.update_xaxes(title=axis_below("share that dropout keeps"), range=[0, 1.04])
    figure.update_yaxes(title="ratio of variances", rangemode="tozero")
    return figure
