"""L2 in the loss against decoupled weight decay."""

from __future__ import annotations

import plotly.graph_objects as go

from core.figures.theme import BLUE, GRAY, GREEN, new_figure
from core.figures.two_runs import with_legend
from core.mechanisms.decay import DecayPaths
from core.mechanisms.decay_records import Quartiles, Shrinkage

COUPLED, DECOUPLED = BLUE, GREEN
_DASHES = ("solid", "dash")


def paths_figure(found: DecayPaths, subtitle: str) -> go.Figure:
    """The way of each weight under both kinds of decay."""
    figure = new_figure("Two weights that only decay", 380, subtitle)
    for words, colour, ways in (
        ("L2 in the loss", COUPLED, found.coupled),
        ("Decoupled decay", DECOUPLED, found.decoupled),
    ):
        for number, size in enumerate(found.sizes):
            figure.add_scatter(
                y=ways[:, number].tolist(),
                mode="lines",
                name=f"{words}, gradient ±{size:g}",
                line={"color": colour, "dash": _DASHES[number % 2], "width": 2.5},
                hovertemplate="step %{x}: <b>%{y:.3f}</b><extra>"
                f"{words}, gradient ±{size:g}</extra>",
            )
    figure.update_xaxes(title="Step")
    figure.update_yaxes(title="Weight (begins at 1)", rangemode="tozero")
    with_legend(figure)
    figure.update_layout(margin_b=100)
    return figure


def shrinkage_figure(found: Shrinkage, subtitle: str) -> go.Figure:
    """How much nearer to 0 a weight came, by the size of its gradient: medians and quartiles."""
    figure = new_figure("The network's own weights", 380, subtitle)
    for words, colour, groups in (
        ("Adam with L2", COUPLED, found.coupled),
        ("AdamW", DECOUPLED, found.decoupled),
    ):
        _add_groups(figure, found, words, colour, groups)
    figure.add_hline(
        y=found.closed,
        line={"color": GRAY, "dash": "dot", "width": 1.5},
    )
    figure.update_xaxes(
        title="Size of the weight's gradient (root mean square)",
        type="log",
        exponentformat="power",
        dtick=1,
    )
    figure.update_yaxes(title="Share taken off the weight", type="log", tickformat=".3~%", dtick=1)
    with_legend(figure)
    figure.update_layout(margin_b=100)
    return figure


def _add_groups(
    figure: go.Figure, found: Shrinkage, words: str, colour: str, groups: Quartiles
) -> None:
    figure.add_scatter(
        x=found.gradients.tolist(),
        y=groups.middle.tolist(),
        customdata=[list(pair) for pair in zip(groups.low, groups.high, strict=True)],
        name=words,
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 7},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (groups.high - groups.middle).tolist(),
            "arrayminus": (groups.middle - groups.low).tolist(),
            "thickness": 1,
            "width": 3,
        },
        hovertemplate="gradient %{x:.2g}: <b>%{y:.3%}</b>"
        "<br>half of them %{customdata[0]:.3%} to %{customdata[1]:.3%}"
        f"<extra>{words}</extra>",
    )
