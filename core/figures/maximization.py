"""How the answer rises while a picture is sought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.figures.theme import BLUE, GRAY, GREEN, VERMILLION, new_figure

_MARKS = (VERMILLION, GRAY, BLUE)


def climb_figure(answers: Sequence[float], marks: Mapping[str, float], name: str) -> go.Figure:
    """The answer by step, with lines to compare it with.

    Parameters
    ----------
    answers : sequence of float
        Before the first step, and after each.
    marks : mapping of str to float
        What else there is to compare with, by name; three at most.
    name : str
        Of which filter.
    """
    figure = new_figure("Answer by step", 360, name)
    figure.add_scatter(
        x=list(range(len(answers))),
        y=list(answers),
        mode="lines",
        line={"color": GREEN, "width": 2.5},
        hovertemplate="step %{x}: <b>%{y:.3g}</b><extra></extra>",
    )
    upwards = sorted(marks.values())
    for (words, value), colour in zip(marks.items(), _MARKS, strict=False):
        # Two lines may be nearly one: the word of the upper one goes above it.
        side = "top" if len(marks) > 1 and value == upwards[-1] else "bottom"
        figure.add_hline(
            y=value,
            line={"color": colour, "dash": "dash", "width": 2},
            annotation={"text": f"{words}: {value:.3g}", "font": {"color": colour, "size": 12}},
            annotation_position=f"{side} right",
        )
    lowest, highest = min(*answers, *marks.values()), max(*answers, *marks.values())
    room = 0.1 * (highest - lowest or 1)
    figure.update_xaxes(title="step of the ascent")
    figure.update_yaxes(
        title="answer before the activation", range=[lowest - 1.6 * room, highest + 1.6 * room]
    )
    return figure
