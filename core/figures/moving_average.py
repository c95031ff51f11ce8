"""How a moving average forgets where it began, and follows the batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import (
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    axis_below,
    legend_below,
    new_figure,
)

_HEIGHT = 330
_ROLES = {
    "chosen": {"color": BLUE, "width": 2.5, "dash": "solid"},
    "run": {"color": ORANGE, "width": 2.5, "dash": "dash"},
}
_WORDS = {"chosen": "chosen", "run": "this run"}
_BESIDE = (
    {"color": GREEN, "width": 1.5, "dash": "dot"},
    {"color": PURPLE, "width": 1.5, "dash": "dashdot"},
    {"color": SKY, "width": 1.5, "dash": "12px,4px"},
)


def first_values_figure(
    steps: np.ndarray,
    left: Mapping[str, np.ndarray],
    roles: Mapping[str, str],
    beside: Sequence[str],
    now: int,
) -> go.Figure:
    """What is left of the first values after each step, for several momenta.

    Parameters
    ----------
    steps : ndarray of shape (P,)
    left : mapping of str to ndarray of shape (P,)
        By the line's name the share that is left, in [0, 1].
    roles : mapping of str to str
        By the line's name ``"chosen"`` or ``"run"``.
    beside : sequence of str
        Names of the other lines, three at most. A line looks the same whichever else is chosen, so
        names that have a role stand here, too.
    now : int
        The step that is looked at.
    """
    figure = new_figure(
        "What is left of the values before training", _HEIGHT, "mean 0 and variance 1"
    )
    for name, shares in left.items():
        figure.add_scatter(
            x=steps,
            y=shares,
            name=f"{name} ({_WORDS[roles[name]]})" if name in roles else name,
            mode="lines",
            line=_ROLES[roles[name]] if name in roles else _BESIDE[beside.index(name)],
            hovertemplate=f"{name}, step %{{x}}: %{{y:.1%}}<extra></extra>",
        )
    figure.add_vline(x=now, line={"color": VERMILLION, "width": 1, "dash": "dot"})
    figure.update_layout(showlegend=True, legend=legend_below() | {"title": {"text": "Momentum"}})
    figure.update_xaxes(title=axis_below("steps of training"), rangemode="tozero")
    figure.update_yaxes(title="share left", tickformat=".0%", range=[-0.02, 1.02])
    return figure


def following_figure(
    followed: np.ndarray, batches: np.ndarray, stored: float, channel: int, momentum: float
) -> go.Figure:
    """A moving variance on its way from 1 to what the batches say.

    Parameters
    ----------
    followed : ndarray of shape (T + 1,)
        Its value before the first step and after each.
    batches : ndarray of shape (T,)
        The variance of the batch of each step.
    stored : float
        The moving variance that the network holds.
    channel : int
    momentum : float
    """
    figure = new_figure(
        f"Channel {channel}: the moving variance follows", _HEIGHT, f"at momentum {momentum:g}"
    )
    steps = np.arange(len(followed))
    figure.add_scatter(
        x=steps[1:],
        y=batches,
        name="each batch",
        mode="markers",
        marker={"color": GRAY, "size": 4},
        hovertemplate="step %{x}: batch variance %{y:.3g}<extra></extra>",
    )
    figure.add_scatter(
        x=steps,
        y=followed,
        name="moving variance",
        mode="lines",
        line={"color": BLUE, "width": 2.5},
        hovertemplate="step %{x}: moving variance %{y:.3g}<extra></extra>",
    )
    figure.add_scatter(
        x=steps[[0, -1]],
        y=[stored, stored],
        name="stored by the run",
        mode="lines",
        line={"color": ORANGE, "width": 2, "dash": "dash"},
        hovertemplate="stored by the run: %{y:.3g}<extra></extra>",
    )
    figure.update_layout(showlegend=True, legend=legend_below())
    figure.update_xaxes(title=axis_below("steps of training"), rangemode="tozero")
    figure.update_yaxes(title="variance", rangemode="tozero")
    return figure
