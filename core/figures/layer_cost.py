"""Where the work of a network lies: counted and measured."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.theme import BLUE, GRAY, ORANGE, legend_below, new_figure
from core.inside.reach_records import CostShares


def cost_figure(shares: CostShares, subtitle: str) -> go.Figure:
    """Each layer's share of the multiply-adds, of the weights, and of the time.

    Parameters
    ----------
    shares : CostShares
    subtitle : str
        What the time was taken on.
    """
    figure = new_figure("Where the work lies", 150 + 44 * len(shares.layers), subtitle)
    _add(figure, shares.layers, shares.multiply_adds, "multiply-adds", BLUE)
    _add(figure, shares.layers, shares.weights, "weights", GRAY)
    _add(figure, shares.layers, shares.times, "time", ORANGE)
    figure.update_layout(
        barmode="group",
        bargap=0.25,
        showlegend=True,
        legend=legend_below(),
        margin_b=70,
    )
    figure.update_xaxes(title="share of the whole network", tickformat=".0%", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False, automargin=True)
    return figure


def _add(
    figure: go.Figure, layers: Sequence[str], values: Sequence[float], name: str, colour: str
) -> None:
    figure.add_bar(
        y=list(layers),
        x=list(values),
        orientation="h",
        name=name,
        marker={"color": colour, "line": {"width": 0}},
        hovertemplate=f"%{{y}}: <b>%{{x:.1%}}</b> of the {name}<extra></extra>",
    )
