"""The kernels of a layer as a whole: kinds, likeness to one another, singular values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import (
    BLUE,
    GRAY,
    ORANGE,
    SIGNED,
    legend_below,
    new_figure,
    scale_bar,
    square_cells,
)
from core.figures.two_runs import COLOURS, with_legend
from core.inside.filter_set import Duplicates, FilterSet


def kinds_figure(kinds: Mapping[str, tuple[int, int]], subtitle: str) -> go.Figure:
    """How many kernels are nearest to each classic one, and how many beyond chance."""
    figure = new_figure("Nearest classic kernel", 330, subtitle)
    for place, name, colour in (
        (1, "significant", ORANGE),
        (0, "as near as chance gives", GRAY),
    ):
        counts = [both[1] if place else both[0] - both[1] for both in kinds.values()]
        figure.add_bar(
            x=list(kinds),
            y=counts,
            name=name,
            marker={"color": colour},
            hovertemplate=f"%{{x}}: <b>%{{y}}</b> {name}<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.3, showlegend=True, legend=legend_below())
    figure.update_layout(margin_b=90)
    figure.update_xaxes(showgrid=False, automargin=True)
    figure.update_yaxes(title="Kernels", rangemode="tozero")
    return figure


def cosine_figure(found: Duplicates, subtitle: str) -> go.Figure:
    """All filters against all, like beside like, in one picture."""
    figure = new_figure("How alike the filters are", 480, f"{subtitle}; like beside like")
    count = len(found.filters)
    shown: dict[str, object] = {}
    if count <= 64:
        names = np.broadcast_to(found.filters, (count, count))
        shown["customdata"] = np.dstack([names.T, names])
        hover = "filters %{customdata[0]} and %{customdata[1]}<br><b>%{z:.3f}</b><extra></extra>"
    else:
        hover = "places %{y} and %{x}<br><b>%{z:.3f}</b><extra></extra>"
    figure.add_heatmap(
        z=np.asarray(found.cosines, np.float32),
        zmin=-1,
        zmax=1,
        colorscale=SIGNED,
        hovertemplate=hover,
        colorbar=scale_bar("cosine: 1 the same, 0 unrelated, -1 opposite"),
        **shown,
    )
    square_cells(figure, count, count)
    return figure


def singular_figure(found: Mapping[str, FilterSet], layer: str) -> go.Figure:
    """Singular values of the filters of one or two runs, and of random filters as long."""
    figure = new_figure(
        f"Singular values of {layer}", 340, "dotted: as many random filters of the same norm"
    )
    for colour, (name, one) in zip(COLOURS, found.items(), strict=False):
        places = np.arange(1, len(one.singular) + 1).tolist()
        for values, dash, what in ((one.singular, "solid", name), (one.random, "dot", "random")):
            figure.add_scatter(
                x=places,
                y=values.tolist(),
                name=what if what == name else f"random, as {name}",
                mode="lines+markers" if len(places) <= 40 and dash == "solid" else "lines",
                line={"color": colour if len(found) > 1 or dash == "solid" else GRAY, "dash": dash},
                marker={"size": 5},
                hovertemplate=f"number %{{x}}: <b>%{{y:.3g}}</b><extra>{what}</extra>",
            )
    figure.update_xaxes(title="Number, largest first")
    figure.update_yaxes(title="Singular value", rangemode="tozero")
    return with_legend(figure)


def norms_figure(found: FilterSet, layer: str) -> go.Figure:
    """The norms of all filters, longest first, and the bound below which they count as dead."""
    from core.inside.filter_set import DEAD_BELOW

    figure = new_figure(f"Norms of the filters of {layer}", 300, "longest first")
    order = np.argsort(-found.norms, kind="stable")
    figure.add_scatter(
        x=np.arange(1, len(order) + 1).tolist(),
        y=found.norms[order].tolist(),
        customdata=order.tolist(),
        mode="lines+markers" if len(order) <= 64 else "lines",
        line={"color": BLUE, "width": 2},
        hovertemplate="filter %{customdata}: <b>%{y:.3g}</b><extra></extra>",
    )
    figure.add_hline(
        y=DEAD_BELOW * float(np.median(found.norms)),
        line={"color": GRAY, "dash": "dot"},
        annotation={"text": "dead below"},
    )
    figure.update_xaxes(title="Place by norm")
    figure.update_yaxes(title="Norm", rangemode="tozero")
    return figure
