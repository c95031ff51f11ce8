"""Many thinned networks as pictures: their averages, their doubt, and the errors it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.theme import BLUE, GRAY, GREEN, ORANGE, VERMILLION, legend_below, new_figure
from core.mechanisms.averaging import Average
from core.mechanisms.uncertainty import DoubtCounts, RocCurve

_LINES = ((GRAY, "dash"), (BLUE, "solid"), (VERMILLION, "dot"))


def averages_figure(
    found: Sequence[Average],
    values: Callable[[Average], NDArray[np.floating]],
    title: str,
    unit: str,
    subtitle: str,
) -> go.Figure:
    """One point an average, by how many masks it is over; a line for the whole network.

    Parameters
    ----------
    found : sequence of Average
        The whole network first.
    values : callable
        Which of an average's figures is drawn, a share in [0, 1].
    title, unit, subtitle : str
        The words above, at the axis, and on what it was measured.
    """
    whole, *thinned = found
    figure = new_figure(title, 360, subtitle)
    figure.add_hline(y=float(values(whole)[0]), line={"color": GRAY, "dash": "dash", "width": 1.5})
    # For the legend alone: a line across the chart has no entry of its own.
    figure.add_scatter(
        x=[str(one.masks) for one in thinned],
        y=[float(values(whole)[0])] * len(thinned),
        mode="lines",
        name="Whole network, dropout off",
        line={"color": GRAY, "dash": "dash", "width": 1.5},
        hovertemplate="whole network: <b>%{y:.2%}</b><extra></extra>",
    )
    figure.add_scatter(
        x=[str(one.masks) for one in thinned for _ in range(one.count)],
        y=[float(value) for one in thinned for value in values(one)],
        mode="markers",
        name="One average",
        marker={"color": ORANGE, "size": 7, "opacity": 0.6},
        hovertemplate="%{x} masks: <b>%{y:.2%}</b><extra></extra>",
    )
    figure.add_scatter(
        x=[str(one.masks) for one in thinned],
        y=[float(values(one).mean()) for one in thinned],
        mode="lines+markers",
        name="Their mean",
        line={"color": BLUE, "width": 1.5},
        marker={"color": BLUE, "size": 10, "symbol": "diamond"},
        hovertemplate="%{x} masks, on average <b>%{y:.2%}</b><extra></extra>",
    )
    figure.update_layout(showlegend=True, legend=legend_below(), margin_b=90)
    figure.update_xaxes(title="Masks averaged over", type="category", showgrid=False)
    figure.update_yaxes(title=unit, tickformat=".1%", rangemode="tozero")
    return figure


def answers_by_class_figure(
    answers: NDArray[np.floating],
    whole: NDArray[np.floating],
    class_names: Sequence[str],
    subtitle: str,
) -> go.Figure:
    """What each of many thinned networks says of one image: a point a mask, by class.

    Parameters
    ----------
    answers : ndarray of shape (M, K)
        Probabilities by mask and class.
    whole : ndarray of shape (K,)
        Of the whole network, dropout off.
    class_names : sequence of K str
    subtitle : str
    """
    figure = new_figure("One image, many thinned networks", 90 + 34 * len(class_names), subtitle)
    for place, (name, said) in enumerate(zip(class_names, answers.T, strict=True)):
        _add_class(figure, place, name, said)
    figure.add_scatter(
        x=whole.tolist(),
        y=list(range(len(class_names))),
        mode="markers",
        marker={
            "color": ORANGE,
            "size": 11,
            "symbol": "diamond",
            "line": {"width": 1, "color": "#1B2733"},
        },
        hovertemplate="whole network: <b>%{x:.1%}</b><extra></extra>",
    )
    figure.update_xaxes(title="Probability", tickformat=".0%", range=[-0.02, 1.02])
    figure.update_yaxes(
        title="Class",
        tickvals=list(range(len(class_names))),
        ticktext=list(class_names),
        range=[len(class_names) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        automargin=True,
    )
    return figure


def _add_class(figure: go.Figure, place: int, name: str, said: NDArray[np.floating]) -> None:
    """The probabilities of one class, a point a mask, and the box of their quartiles."""
    figure.add_box(
        x=said.tolist(),
        y0=place,
        name=name,
        orientation="h",
        boxpoints="all",
        jitter=0.6,
        pointpos=0,
        width=0.7,
        line={"color": BLUE, "width": 1},
        fillcolor="rgba(0, 114, 178, 0.12)",
        marker={"color": BLUE, "size": 4, "opacity": 0.5},
        hovertemplate=f"{name}: <b>%{{x:.1%}}</b><extra></extra>",
    )


def doubt_figure(counts: DoubtCounts, own: float, subtitle: str) -> go.Figure:
    """The doubt of right answers and of errors, and that of one image as a line.

    Parameters
    ----------
    counts : DoubtCounts
    own : float
        Of the chosen image, in nats.
    subtitle : str
    """
    figure = new_figure("Doubt of right answers and of errors", 380, subtitle)
    for shares, name, colour in (
        (counts.right, "Right answers", GREEN),
        (counts.wrong, "Errors", VERMILLION),
    ):
        figure.add_bar(
            x=counts.middles.tolist(),
            y=shares.tolist(),
            width=counts.width,
            name=name,
            opacity=0.6,
            marker={"color": colour},
            hovertemplate="about %{x:.2f} nats<br><b>%{y:.1%}</b> of the "
            + name.lower()
            + "<extra></extra>",
        )
    figure.add_vline(
        x=own,
        line={"color": GRAY, "width": 2, "dash": "dash"},
        annotation={"text": "your image", "yanchor": "top"},
    )
    figure.update_layout(
        barmode="overlay", showlegend=True, legend=legend_below(), margin_b=90, bargap=0
    )
    figure.update_xaxes(title="Predictive entropy (nats)")
    figure.update_yaxes(title="Share of its images", tickformat=".2~%")
    return figure


def roc_figure(curves: Mapping[str, RocCurve], subtitle: str) -> go.Figure:
    """What share of the errors each kind of doubt finds, by the share of false alarms.

    Parameters
    ----------
    curves : mapping from the kind of doubt to its curve
    subtitle : str
    """
    figure = new_figure("Finding the errors by doubt", 380, subtitle)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="Chance",
        line={"color": GRAY, "dash": "dot", "width": 1},
        hoverinfo="skip",
    )
    for (name, curve), (colour, dash) in zip(curves.items(), _LINES, strict=False):
        figure.add_scatter(
            x=curve.false_alarms.tolist(),
            y=curve.found.tolist(),
            mode="lines",
            name=name,
            line={"color": colour, "dash": dash, "width": 2},
            hovertemplate="%{y:.1%} of the errors found at %{x:.1%} false alarms"
            f"<extra>{name}</extra>",
        )
    figure.update_layout(showlegend=True, legend=legend_below(), margin_b=110)
    figure.update_xaxes(title="Right answers doubted", tickformat=".0%", range=[-0.01, 1.01])
    figure.update_yaxes(title="Errors found", tickformat=".0%", range=[-0.01, 1.02])
    return figure
