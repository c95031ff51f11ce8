"""Kernels replaced and filters switched off: records -> figures."""

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
from core.inside.ablation import RANKS, FilterOff, OffCurve
from core.inside.changed_answers import ClassDrop

_HEIGHT = 360
_SHADE = "rgba(138, 147, 155, 0.25)"
_COLOURS = {"drop": VERMILLION, "norm": BLUE, "random": GRAY}
_DASHES = {"drop": "solid", "norm": "dash", "random": "solid"}


def drops_figure(found: Sequence[FilterOff], subtitle: str) -> go.Figure:
    """What each filter is worth by itself: a bar each, in the order given, with its interval."""
    figure = new_figure("Accuracy lost without each filter", _HEIGHT, subtitle)
    figure.add_bar(
        x=[str(one.number) for one in found],
        y=[one.drop.value for one in found],
        error_y={
            "array": [one.drop.above for one in found],
            "arrayminus": [one.drop.below for one in found],
            "color": GRAY,
            "thickness": 1.5,
            "width": 3,
        },
        marker_color=[VERMILLION if one.drop.value > 0 else BLUE for one in found],
        customdata=[(one.drop.lost, one.drop.won, one.loss, one.drop.p) for one in found],
        hovertemplate=(
            "filter %{x} off: <b>%{y:.1%}</b> lost<br>%{customdata[0]:,} became wrong, "
            "%{customdata[1]:,} right<br>loss %{customdata[2]:+.3f} nats<br>"
            "p = %{customdata[3]:.2g}<extra></extra>"
        ),
    )
    figure.update_xaxes(title=axis_below("filter", near=True), type="category", showgrid=False)
    figure.update_yaxes(title="accuracy lost", tickformat=".2~%", zerolinecolor=GRAY)
    return figure


def curves_figure(curves: Sequence[OffCurve], chance: float, subtitle: str) -> go.Figure:
    """Accuracy by the number of filters that are off together, for each order."""
    figure = new_figure("Accuracy as filters are switched off together", _HEIGHT + 40, subtitle)
    for curve in curves:
        counts = list(curve.counts)
        if len(curve.accuracies) > 1:
            figure.add_scatter(
                x=[*counts, *counts[::-1]],
                y=[*curve.high, *curve.low[::-1]],
                fill="toself",
                fillcolor=_SHADE,
                line={"width": 0},
                hoverinfo="skip",
                name=f"lowest to highest of {len(curve.accuracies)} random orders",
            )
        name = RANKS[curve.rank]
        figure.add_scatter(
            x=counts,
            y=curve.mean,
            name=f"{name} (mean)" if len(curve.accuracies) > 1 else name,
            mode="lines+markers",
            line={"color": _COLOURS[curve.rank], "width": 2, "dash": _DASHES[curve.rank]},
            marker={"size": 5},
            hovertemplate="%{x} off: <b>%{y:.1%}</b><extra>" + name + "</extra>",
        )
    figure.add_hline(
        y=chance,
        line={"color": GRAY, "dash": "dot", "width": 1},
        annotation={"text": "one answer for all images", "font": {"size": 11, "color": GRAY}},
        annotation_position="bottom left",
    )
    figure.update_layout(showlegend=True, legend=legend_below(), margin_b=96)
    figure.update_xaxes(title=axis_below("filters switched off", near=True), rangemode="tozero")
    figure.update_yaxes(title="accuracy", tickformat=".0%", range=[0, 1.02])
    return figure


def selectivity_figure(found: Sequence[FilterOff], subtitle: str) -> go.Figure:
    """Class selectivity against the drop: a point a filter that has one."""
    figure = new_figure("Selective, and therefore important?", _HEIGHT, subtitle)
    figure.add_scatter(
        x=[one.selectivity for one in found],
        y=[one.drop.value for one in found],
        mode="markers+text",
        text=[str(one.number) for one in found],
        textposition="top center",
        textfont={"size": 10, "color": GRAY},
        marker={"size": 9, "color": GREEN},
        hovertemplate=(
            "filter %{text}<br>selectivity %{x:.2f}<br><b>%{y:.1%}</b> lost<extra></extra>"
        ),
    )
    figure.update_xaxes(
        title=axis_below(
            "class selectivity<br>(0: all classes alike, 1: one class only)", near=True
        ),
        rangemode="tozero",
        zeroline=False,
    )
    figure.update_yaxes(title="accuracy lost", tickformat=".2~%", zerolinecolor=GRAY)
    return figure


def classes_figure(classes: Sequence[ClassDrop], names: Sequence[str], subtitle: str) -> go.Figure:
    """How many images of each class are recognised before and after, with Wilson's interval."""
    figure = new_figure("Which classes suffer", _HEIGHT, subtitle)
    for title, shares, colour in (
        ("before", [one.before for one in classes], BLUE),
        ("after", [one.after for one in classes], ORANGE),
    ):
        figure.add_bar(
            x=[names[one.label] for one in classes],
            y=[share.value for share in shares],
            name=title,
            error_y={
                "array": [share.above for share in shares],
                "arrayminus": [share.below for share in shares],
                "color": GRAY,
                "thickness": 1.5,
                "width": 3,
            },
            marker={"color": colour, "line": {"width": 0}},
            customdata=[(share.count, share.images) for share in shares],
            hovertemplate="%{x}, " + title + ": <b>%{y:.1%}</b> "
            "(%{customdata[0]:,} of %{customdata[1]:,})<extra></extra>",
        )
    figure.update_layout(showlegend=True, legend=legend_below(), barmode="group", margin_b=84)
    figure.update_xaxes(title="class", type="category", showgrid=False)
    figure.update_yaxes(title="recognised", tickformat=".0%", range=[0, 1.03])
    return figure
