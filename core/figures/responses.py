"""Images and what kernels make of them, as pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.kernels import write_numbers
from core.figures.theme import BLUE, GRAY, SIGNED, VERMILLION, new_figure, scale_bar, square_cells
from core.figures.tiles import tile_figure


def signed_map(
    values: NDArray[np.floating],
    limit: float,
    title: str,
    unit: str,
    step: int = 1,
    height: int = 340,
) -> go.Figure:
    """One map: negative blue, zero white, positive orange.

    Parameters
    ----------
    values : ndarray of shape (H, W)
    limit : float
        The colour scale runs from -limit to limit.
    title, unit : str
        Words above the map, and at its colour scale.
    step : int
        How many rows and columns of the whole map one number stands for.
    height : int
        Pixels.
    """
    rows, columns = values.shape
    figure = new_figure(title, height=height)
    figure.add_heatmap(
        z=values,
        x0=0,
        dx=step,
        y0=0,
        dy=step,
        zmin=-limit,
        zmax=limit,
        colorscale=SIGNED,
        hovertemplate="row %{y}, column %{x}<br><b>%{z:.4g}</b><extra></extra>",
        colorbar=scale_bar(unit),
    )
    square_cells(figure, rows, columns)
    figure.update_xaxes(range=[-step / 2, (columns - 0.5) * step])
    figure.update_yaxes(range=[(rows - 0.5) * step, -step / 2])
    if values.size <= 49 and step == 1:
        write_numbers(figure, values, limit)
    return figure


def response_grid(
    maps: NDArray[np.floating],
    filters: Sequence[int],
    strengths: Sequence[float],
    limit: float,
    title: str,
    step: int = 1,
) -> go.Figure:
    """All responses of a layer as one heat map, in the order given.

    Parameters
    ----------
    maps : ndarray of shape (H, W, K)
        Already in this order.
    filters, strengths : sequences of length K
        Each map's filter number and strength, for its caption.
    limit : float
        The colour scale runs from -limit to limit.
    title : str
    step : int
        How many rows and columns of the whole map one number stands for.
    """
    return tile_figure(
        np.moveaxis(maps, 2, 0),
        captions=[
            f"<b>{number}</b>  {strength:.2g}"
            for number, strength in zip(filters, strengths, strict=True)
        ],
        numbers=[(number, place + 1) for place, number in enumerate(filters)],
        hover="filter %{customdata[0]} (strength: place %{customdata[1]})",
        limit=limit,
        title=title,
        unit="response",
        subtitle="above each: filter and strength",
        size=104,
        step=step,
    )


def channel_grid(maps: NDArray[np.floating], limit: float, title: str, step: int = 1) -> go.Figure:
    """The responses of one filter, each input channel by itself, in order of channel.

    Parameters
    ----------
    maps : ndarray of shape (H, W, I)
    limit, title, step
        As in :func:`response_grid`.
    """
    channels = range(maps.shape[2])
    return tile_figure(
        np.moveaxis(maps, 2, 0),
        captions=[f"{channel}" for channel in channels],
        numbers=[(channel, 0) for channel in channels],
        hover="input channel %{customdata[0]}",
        limit=limit,
        title=title,
        unit="response",
        subtitle="above each: input channel",
        step=step,
    )


def edge_preference(
    filters: Sequence[int],
    preference: Sequence[float],
    vertical: Sequence[float],
    horizontal: Sequence[float],
    title: str,
) -> go.Figure:
    """Which kernels answer to which stripes: a bar each, from horizontal (-1) to vertical (1)."""
    figure = new_figure(title, height=340)
    figure.add_bar(
        x=[str(number) for number in filters],
        y=list(preference),
        marker_color=[VERMILLION if value > 0 else BLUE for value in preference],
        customdata=[list(pair) for pair in zip(vertical, horizontal, strict=True)],
        hovertemplate=(
            "filter %{x}<br>vertical stripes %{customdata[0]:.3g}<br>"
            "horizontal stripes %{customdata[1]:.3g}<br><b>preference %{y:.2f}</b><extra></extra>"
        ),
    )
    figure.update_xaxes(title="filter", type="category", showgrid=False)
    figure.update_yaxes(
        title="horizontal ← preference → vertical", range=[-1.05, 1.05], zerolinecolor=GRAY
    )
    return figure
