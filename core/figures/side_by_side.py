"""The curves of single runs in one chart, while they grow."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.comparison.colours import Shade
from core.comparison.mean_curves import CurveMeasure, GroupCurve
from core.figures.comparison import group_curves

_NAME = 44
"""Characters of a name that the legend holds on a phone."""


def growing_curves(
    curves: Sequence[GroupCurve],
    shades: Sequence[Shade],
    measure: CurveMeasure,
    subtitle: str,
    epochs: int,
    height: int,
) -> go.Figure:
    """A chart with room for all epochs from the beginning, so that it does not shift as they come.

    Parameters
    ----------
    curves : sequence of GroupCurve
        One a run.
    shades : sequence of Shade
        One a curve. Of long names the legend has the beginning.
    measure : CurveMeasure
        What they are of.
    subtitle : str
    epochs : int
        How many there will be at most.
    height : int
        In pixels.
    """
    figure = group_curves(curves, shades, measure, "Epoch", subtitle, "", False, height)
    figure.update_xaxes(range=[0, epochs])
    figure.for_each_trace(_shorten)
    if not figure.data:
        # Plotly's own would go below 0 and beyond 100 %; a guess over ten classes costs 2.3 nats.
        figure.update_yaxes(range=[0, 1 if measure.share else 2.5])
    return figure


def _shorten(trace: go.Scatter) -> None:
    # A legend would cut it off at the chart's edge, in the middle of a letter.
    if trace.name and len(trace.name) > _NAME:
        trace.name = trace.name[: _NAME - 1] + "…"
