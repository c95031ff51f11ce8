"""What a batch normalization does to a channel, batch by batch, and with its moving statistics."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import BLUE, GRAY, ORANGE, legend_below, new_figure
from core.mechanisms.channel import Distribution
from core.mechanisms.normalization import NormalizationLayer, Statistics

_HEIGHT = 320
_SHARE = "%{x:.3g}: %{y:.2%} of the numbers<extra>%{fullData.name}</extra>"


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
    figure = new_figure(title, _HEIGHT)
    lines = [
        ("every batch", found.every_batch, {"color": GRAY, "width": 1}, "tozeroy"),
        ("this batch", found.this_batch, {"color": BLUE, "width": 2.5}, None),
    ]
    if found.as_after_training is not None:
        look = {"color": ORANGE, "width": 2, "dash": "dash"}
        lines.append(("this batch, with moving statistics", found.as_after_training, look, None))
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
    for name, mean in means.items():
        colour, dash = (BLUE, "solid") if name == "this batch" else (ORANGE, "dash")
        figure.add_vline(x=mean, line={"color": colour, "width": 1.5, "dash": dash})
    figure.update_layout(showlegend=True, legend=legend_below())
    figure.update_xaxes(title={"text": axis, "standoff": 4}, zerolinecolor=GRAY)
    figure.update_yaxes(title="share of the numbers", tickformat=".0%", rangemode="tozero")
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
    figure.add_hrect(y0=low, y1=high, fillcolor=ORANGE, opacity=0.15, line_width=0)
    figure.add_hline(y=float(moving.mean), line={"color": ORANGE, "width": 2, "dash": "dash"})
    # A line that the legend can name; the one above has no entry.
    figure.add_scatter(
        x=[None],
        y=[None],
        name="moving mean ± spread",
        mode="lines",
        line={"color": ORANGE, "dash": "dash"},
    )
    for name, chosen, colour, size in (
        ("each batch", numbers != batch + 1, GRAY, 6),
        ("this batch", numbers == batch + 1, BLUE, 10),
    ):
        figure.add_scatter(
            x=numbers[chosen],
            y=batches.mean[chosen],
            error_y={"type": "data", "array": batches.spread[chosen], "width": 0, "thickness": 1},
            name=name,
            mode="markers",
            marker={"color": colour, "size": size},
            hovertemplate="batch %{x}: mean %{y:.3g}, spread %{error_y.array:.3g}<extra></extra>",
        )
    figure.update_layout(showlegend=True, legend=legend_below())
    figure.update_xaxes(title={"text": "batch", "standoff": 4}, rangemode="tozero", showgrid=False)
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
        figure.add_bar(
            x=channels,
            y=values,
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"channel %{{x}}: {name} %{{y:.3f}}<extra></extra>",
        )
    figure.add_vrect(x0=channel - 0.5, x1=channel + 0.5, fillcolor=GRAY, opacity=0.25, line_width=0)
    figure.update_layout(showlegend=True, legend=legend_below(), bargap=0.15, barmode="group")
    figure.update_xaxes(title={"text": "channel", "standoff": 4}, showgrid=False)
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
    ends = [float(min(moving.min(), batches.min())), float(max(moving.max(), batches.max()))]
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
            y=batches[:, chosen].mean(axis=0),
            error_y={
                "type": "data",
                "array": batches[:, chosen].std(axis=0),
                "width": 0,
                "thickness": 1,
            },
            customdata=channels[chosen],
            mode="markers",
            marker={"color": colour, "size": size},
            hovertemplate=f"channel %{{customdata}}<br>moving {what} %{{x:.3g}}<br>"
            "batches %{y:.3g} ± %{error_y.array:.2g}<extra></extra>",
        )
    figure.update_xaxes(title={"text": f"moving {what}", "standoff": 4}, zeroline=False)
    figure.update_yaxes(title=f"{what} in the batches", zeroline=False)
    return figure
