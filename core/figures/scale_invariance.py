"""A kernel ahead of a batch normalization, multiplied."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from core.figures.theme import BLUE, GRAY, ORANGE, new_figure
from core.figures.two_runs import line_figure, mark, with_legend
from core.mechanisms.scale_records import EffectiveRate, ScaleStudy


def answers_figure(
    found: ScaleStudy, place: int, one: int, class_names: tuple[str, ...], subtitle: str
) -> go.Figure:
    """What the network says of one image, with the kernel as it is and multiplied.

    Parameters
    ----------
    found : ScaleStudy
    place, one : int
        Places of the chosen factor and of factor 1.
    class_names : tuple of str
    subtitle : str
    """
    figure = new_figure("What the network answers", 340, subtitle)
    for at, colour, words in (
        (one, GRAY, "Kernel as it is"),
        (place, ORANGE, f"Kernel x {found.factors[place]:g}"),
    ):
        figure.add_bar(
            x=list(class_names),
            y=found.probabilities[at].tolist(),
            name=words,
            marker={"color": colour},
            hovertemplate="%{x}: <b>%{y:.2%}</b><extra>" + words + "</extra>",
        )
    figure.update_xaxes(title="Class", type="category")
    figure.update_yaxes(title="Probability", tickformat=".0%", range=[0, 1.02])
    return with_legend(figure)


def gradient_figure(found: ScaleStudy, place: int, subtitle: str) -> go.Figure:
    """Gradient and effective learning rate by the factor, measured and by the law."""
    figure = new_figure("What shrinks", 340, subtitle)
    for colour, words, law, measured in (
        (BLUE, "Gradient", found.multiple_law, found.multiples),
        (ORANGE, "Effective learning rate", found.rate_law, found.rates),
    ):
        figure.add_scatter(
            x=found.factors.tolist(),
            y=law.tolist(),
            mode="lines",
            name=f"{words}, by the law",
            line={"color": colour, "dash": "dot", "width": 1.5},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=found.factors.tolist(),
            y=measured.tolist(),
            mode="markers",
            name=f"{words}, measured",
            marker={"color": colour, "size": 9},
            hovertemplate="kernel x %{x:g}: <b>x %{y:.4g}</b><extra>" + words + "</extra>",
        )
    mark(figure, float(found.factors[place]))
    figure.update_xaxes(
        title="Kernel multiplied by", type="log", tickvals=found.factors.tolist(), tickformat="~g"
    )
    figure.update_yaxes(title="Multiple of that at 1", type="log", exponentformat="power", dtick=1)
    with_legend(figure)
    figure.update_layout(margin_b=100)
    return figure


def effective_rate_figure(
    rates: Mapping[str, EffectiveRate], layer: str, subtitle: str
) -> go.Figure:
    """The learning rate that the direction of a kernel felt, by epoch."""
    lines = {name: (found.epochs, found.values) for name, found in rates.items()}
    figure = line_figure(
        f"Effective learning rate of {layer}", subtitle, lines, "epoch %{x}: <b>%{y:.3g}</b>"
    )
    figure.update_xaxes(title="Epoch", rangemode="tozero")
    figure.update_yaxes(title="Learning rate / norm", rangemode="tozero", exponentformat="power")
    return figure
