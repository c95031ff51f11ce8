"""Labels as shares of the classes, and the logits that they ask for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.augmentation.records import GapCounts
from core.figures.theme import BLUE, GRAY, ORANGE, VERMILLION, legend_below, new_figure


def label_bars(
    shares: Sequence[float],
    answer: Sequence[float] | None,
    class_names: Sequence[str],
    title: str,
    subtitle: str,
) -> go.Figure:
    """A label as the share of every class, and beside it what a network answers.

    Parameters
    ----------
    shares : sequence of K floats
        Sum to 1.
    answer : sequence of K floats, optional
        Probabilities.
    class_names : sequence of K str
    title, subtitle : str
    """
    figure = new_figure(title, 300, subtitle)
    places = list(range(len(class_names)))
    said = [] if answer is None else [("This network's answer", answer, ORANGE)]
    for name, values, colour in [("Label", shares, BLUE), *said]:
        figure.add_bar(
            x=places,
            y=list(values),
            name=name,
            marker={"color": colour},
            customdata=list(class_names),
            hovertemplate=f"%{{customdata}}<br><b>%{{y:.1%}}</b> {name.lower()}<extra></extra>",
        )
    figure.update_layout(bargap=0.25, barmode="group")
    if said:
        figure.update_layout(showlegend=True, legend=legend_below(), margin_b=70)
    figure.update_xaxes(
        title="Class", tickvals=places, ticktext=list(class_names), showgrid=False, automargin=True
    )
    figure.update_yaxes(
        title="Share", tickformat=".0%", dtick=0.25, range=[0, 1.03], automargin=True
    )
    return figure


def gap_curve(
    smoothings: Sequence[float], gaps: Sequence[float], smoothing: float, gap: float, classes: int
) -> go.Figure:
    """The gap between logits by the label smoothing that asks for it, and where the slider stands.

    Parameters
    ----------
    smoothings, gaps : sequences of float
    smoothing, gap : float
        The chosen point; a gap without end is not drawn.
    classes : int
    """
    figure = new_figure("The gap that smoothing asks for", 300, f"Closed form, {classes} classes")
    figure.add_scatter(
        x=list(smoothings),
        y=list(gaps),
        mode="lines",
        line={"color": BLUE, "width": 2},
        hovertemplate="smoothing %{x:.3f}<br><b>gap %{y:.2f}</b><extra></extra>",
    )
    if np.isfinite(gap):
        figure.add_scatter(
            x=[smoothing],
            y=[gap],
            mode="markers+text",
            text=[f"{gap:.2f}"],
            textposition="top right",
            marker={"color": VERMILLION, "size": 11},
            hoverinfo="skip",
        )
    figure.update_xaxes(title="Label smoothing", range=[-0.005, 0.52], automargin=True)
    figure.update_yaxes(title="Gap between logits (nats)", rangemode="tozero", automargin=True)
    return figure


def gap_histogram(
    counted: GapCounts, names: Sequence[str], asked: float, subtitle: str
) -> go.Figure:
    """How far the true class's logit stands above the others, image by image.

    Parameters
    ----------
    counted : GapCounts
        Of two networks, the one without smoothing first.
    names : sequence of two str
    asked : float
        The gap that the smoothing of the second one asks for; drawn as a line.
    subtitle : str
        On what it was counted.
    """
    below = f"True class less the mean of the others; {subtitle}"
    figure = new_figure("Gap between the logits", 360, below)
    for counts, name, colour in zip(counted.counts, names, (ORANGE, BLUE), strict=True):
        figure.add_bar(
            x=counted.middles.tolist(),
            y=counts.tolist(),
            width=counted.width,
            name=name,
            opacity=0.65,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"{name}<br>gap about %{{x:.1f}}<br><b>%{{y:,}} images</b>"
            "<extra></extra>",
        )
    figure.add_vline(
        x=asked,
        line={"color": GRAY, "dash": "dot", "width": 2},
        annotation={"text": f"asked for: {asked:.2f}", "font": {"color": GRAY, "size": 12}},
    )
    figure.update_layout(
        barmode="overlay", showlegend=True, legend=legend_below(), margin_b=80, bargap=0
    )
    figure.update_xaxes(title="Gap (nats)", automargin=True)
    figure.update_yaxes(title="Images", automargin=True)
    return figure
