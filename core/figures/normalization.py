"""What a batch normalization does to a channel, batch by batch, and with its moving statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import BLUE, GRAY, ORANGE, axis_below, legend_below, new_figure
from core.mechanisms.channel import SHOWN, Distribution
from core.mechanisms.normalization import NormalizationLayer, Statistics

_HEIGHT = 320
_SOLID = {"color": BLUE, "width": 1.5}
_BARS = {"type": "data", "width": 0, "thickness": 1}
_BAND = "moving mean ± spread"
_DASHED = {"color": ORANGE, "width": 2, "dash": "dash"}
_SHARE = "%{x:.3g}: %{y:.2%} of the numbers<extra>%{fullData.name}</extra>"


def _shape(
    across: tuple[float, float] | None, upright: tuple[float, float] | None, line: dict[str, Any]
) -> dict[str, Any]:
    """A line or a block; Plotly's own ``add_vline`` and the like take ten times as long to make it.

    Parameters
    ----------
    across, upright : tuple of float, optional
        From where to where on that axis; the whole chart without it.
    line : dict
        Its look.
    """
    (x0, x1), (y0, y1) = across or (0, 1), upright or (0, 1)
    return {
        "type": "line" if x0 == x1 or y0 == y1 else "rect",
        "xref": "x" if across else "paper",
        "yref": "y" if upright else "paper",
        "x0": x0,
        "x1": x1,
        "y0": y0,
        "y1": y1,
        "line": line,
    }


def distribution_figure(
    found: Distribution, title: str, axis: str, means: dict[str, float]
) -> go.Figure:
    """How often each number occurs, in all batches and in one.

    Parameters
    ----------
    found : Distribution
    title, axis : str
        Words above the chart and at its axis.
    means : dict of str to float
        Where to draw a line: that of ``"this batch"`` and the ``"moving"`` one.
    """
    figure = new_figure(title, _HEIGHT, f"the middle {SHOWN:.1%} of the numbers")
    lines = [
        ("every batch", found.every_batch, {"color": GRAY, "width": 1}, "tozeroy"),
        ("this batch", found.this_batch, {"color": BLUE, "width": 2.5}, None),
    ]
    if found.as_after_training is not None:
        lines.append(("with moving statistics", found.as_after_training, _DASHED, None))
    for name, shares, look, fill in lines:
        figure.add_scatter(
            x=found.middles,
            y=shares,
            name=name,
            mode="lines",
            line=look | {"shape": "hvh"},
            fill=fill,
            hovertemplate=_SHARE,
        )
    if found.as_after_training is None:
        # A line that the legend can name; the one below has no entry.
        figure.add_scatter(x=[None], y=[None], name="moving mean", mode="lines", line=_DASHED)
    marks = [
        _shape((mean, mean), None, _SOLID if name == "this batch" else _DASHED)
        for name, mean in means.items()
    ]
    figure.update_layout(showlegend=True, legend=legend_below(), shapes=marks)
    figure.update_xaxes(title=axis_below(axis), range=found.shown, zerolinecolor=GRAY)
    figure.update_yaxes(title="share of the numbers", tickformat=".2~%", rangemode="tozero")
    return figure


def batch_by_batch(batches: Statistics, moving: Statistics, batch: int, channel: int) -> go.Figure:
    """Mean and spread of one channel in each batch, over those that it will be normalized with.

    Parameters
    ----------
    batches : Statistics
        Of this channel in each batch, (S,).
    moving : Statistics
        Of this channel, one number each.
    batch, channel : int
        Which batch is looked at, and which channel it is, from 0.
    """
    figure = new_figure(
        f"Channel {channel}, batch by batch", _HEIGHT, "mean ± spread (standard deviation)"
    )
    numbers = np.arange(1, len(batches.mean) + 1)
    low, high = (float(moving.mean + sign * moving.spread) for sign in (-1, 1))
    middle = float(moving.mean)
    band = _shape(None, (low, high), {"width": 0}) | {"fillcolor": ORANGE, "opacity": 0.15}
    # A line that the legend can name; the one below has no entry.
    figure.add_scatter(x=[None], y=[None], name=_BAND, mode="lines", line=_DASHED)
    for name, chosen, colour, size in (
        ("each batch", numbers != batch + 1, GRAY, 6),
        ("this batch", numbers == batch + 1, BLUE, 10),
    ):
        figure.add_scatter(
            x=numbers[chosen],
            y=batches.mean[chosen],
            error_y=_BARS | {"array": batches.spread[chosen]},
            name=name,
            mode="markers",
            marker={"color": colour, "size": size},
            hovertemplate="batch %{x}: mean %{y:.3g}, spread %{error_y.array:.3g}<extra></extra>",
        )
    figure.update_layout(
        showlegend=True,
        legend=legend_below(),
        shapes=[band, _shape(None, (middle, middle), _DASHED)],
    )
    figure.update_xaxes(title=axis_below("batch"), rangemode="tozero", showgrid=False)
    figure.update_yaxes(title="input of the layer", zerolinecolor=GRAY)
    return figure


def gamma_and_beta(layer: NormalizationLayer, channel: int) -> go.Figure:
    """The spread and the mean that the layer has chosen for each channel."""
    figure = new_figure(
        "Gamma and beta of every channel", _HEIGHT, "what each channel comes out with"
    )
    channels = np.arange(layer.channels)
    for name, values, colour in (
        ("gamma (spread)", layer.gamma, BLUE),
        ("beta (mean)", layer.beta, ORANGE),
    ):
        figure.add_scatter(
            x=channels,
            y=values,
            name=name,
            mode="markers",
            marker={"color": colour, "size": 7},
            hovertemplate=f"channel %{{x}}: {name} %{{y:.3f}}<extra></extra>",
        )
    here = _shape((channel - 0.5, channel + 0.5), None, {"width": 0})
    figure.update_layout(
        showlegend=True,
        legend=legend_below(),
        shapes=[here | {"fillcolor": GRAY, "opacity": 0.25}],
    )
    figure.update_xaxes(title=axis_below("channel"), showgrid=False)
    figure.update_yaxes(title="number by channel", zerolinecolor=GRAY)
    return figure


def moving_against_batches(
    moving: np.ndarray, batches: np.ndarray, what: str, channel: int
) -> go.Figure:
    """Each channel's moving statistic against those of the batches: on the line they agree.

    Parameters
    ----------
    moving : ndarray of shape (C,)
    batches : ndarray of shape (S, C)
    what : str
        ``"mean"`` or ``"variance"``.
    channel : int
        Which one is looked at.
    """
    figure = new_figure(
        f"{what.capitalize()}: moving against batches",
        _HEIGHT + 20,
        "a point a channel; bars: spread over the batches",
    )
    means = batches.mean(axis=0)
    ends = [min(moving.min(), means.min()), max(moving.max(), means.max())]
    figure.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": GRAY, "dash": "dot"}, hoverinfo="skip"
    )
    channels = np.arange(len(moving))
    for chosen, colour, size in (
        (channels != channel, BLUE, 6),
        (channels == channel, ORANGE, 11),
    ):
        figure.add_scatter(
            x=moving[chosen],
            y=means[chosen],
            error_y=_BARS | {"array": batches[:, chosen].std(axis=0)},
            customdata=channels[chosen],
            mode="markers",
            marker={"color": colour, "size": size},
            hovertemplate=f"channel %{{customdata}}<br>moving {what} %{{x:.3g}}<br>"
            "batches %{y:.3g} ± %{error_y.array:.2g}<extra></extra>",
        )
    figure.update_xaxes(title=axis_below(f"moving {what}"), zeroline=False)
    figure.update_yaxes(title=f"{what} in the batches", zeroline=False)
    return figure
