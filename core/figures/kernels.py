"""Kernels as pictures: all of a page, or one with its numbers."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.theme import SIGNED, new_figure, scale_bar, square_cells
from core.figures.tiles import COLUMNS, tile_figure
from core.inside.kernels import KernelPage

_ACROSS = 64
MOSAIC = 32 * _ACROSS
"""Kernels in a mosaic."""


def kernel_grid(page: KernelPage, layer: str, input_channels: int, size: int = 84) -> go.Figure:
    """All kernels of a page as one heat map, zero in the middle of the scale.

    Parameters
    ----------
    page : KernelPage
    layer : str
    input_channels : int
        Of the layer.
    size : int
        Pixels on the screen for a row of kernels.
    """
    several = input_channels > 1
    pairs = list(zip(page.filters, page.channels, strict=True))
    captions = [f"{f}·{c}" if several else f"{f}" for f, c in pairs]
    what = "filter · input channel" if several else "filter"
    pages = f"page {page.number + 1} of {page.count}; " if page.count > 1 else ""
    return tile_figure(
        page.values,
        captions=captions,
        numbers=pairs,
        hover="filter %{customdata[0]}, input channel %{customdata[1]}",
        limit=page.limit,
        title=f"Kernels of {layer}",
        subtitle=f"{pages}above each: {what}",
        unit="weight",
        size=size,
        columns=columns_for(input_channels),
    )


def kernel_mosaic(page: KernelPage, layer: str, input_channels: int) -> go.Figure:
    """Two thousand kernels as one heat map without captions; the pointer tells which is which.

    Parameters
    ----------
    page : KernelPage
        Of :data:`MOSAIC` kernels or fewer.
    layer : str
    input_channels : int
        Of the layer.
    """
    pages = f"page {page.number + 1} of {page.count}; " if page.count > 1 else ""
    # Twice as wide as high, and filters begin below one another where that can be.
    columns = min(
        _ACROSS, math.ceil(math.sqrt(2 * len(page.filters)) / input_channels) * input_channels
    )
    figure = tile_figure(
        page.values,
        captions=(),
        numbers=list(zip(page.filters, page.channels, strict=True)),
        hover="filter %{customdata[0]}, input channel %{customdata[1]}",
        limit=page.limit,
        title=f"Kernels of {layer}",
        subtitle=f"{pages}{len(page.filters):,} kernels, filter by filter",
        unit="weight",
        size=640 // columns,
        columns=columns,
    )
    figure.update_layout(margin_t=112)
    return figure


def columns_for(channels: int) -> int:
    """Tiles in a row, so that each filter begins a row of its own where that can be."""
    return next((count for count in (8, 7, 6, 5) if channels % count == 0), COLUMNS)


def write_numbers(figure: go.Figure, values: NDArray[np.floating], limit: float) -> None:
    """Write each number into its cell, in a colour that reads on it."""
    for (row, column), value in np.ndenumerate(values):
        figure.add_annotation(
            text=f"{value:.2f}",
            x=column,
            y=row,
            showarrow=False,
            # Cells near the ends of the scale are dark, those near zero white, on any page.
            font={
                "size": 15 if len(values) <= 3 else 11,
                "color": "#FFFFFF" if abs(value) > 0.6 * limit else "#1B2733",
            },
        )


def one_kernel(
    kernel: NDArray[np.floating], limit: float, layer: str, filter_number: int, channel: int
) -> go.Figure:
    """One kernel large, with its numbers in the cells.

    Parameters
    ----------
    kernel : ndarray of shape (R, C)
    limit : float
        The colour scale runs from -limit to limit.
    layer, filter_number, channel
        What the kernel is called.
    """
    rows, columns = kernel.shape
    figure = new_figure(f"{layer}, filter {filter_number}, input channel {channel}", height=430)
    figure.add_heatmap(
        z=kernel,
        zmin=-limit,
        zmax=limit,
        colorscale=SIGNED,
        xgap=2,
        ygap=2,
        hovertemplate="row %{y}, column %{x}<br><b>%{z:.6g}</b><extra></extra>",
        colorbar=scale_bar("weight"),
    )
    write_numbers(figure, kernel, limit)
    square_cells(figure, rows, columns, shown=True)
    figure.update_xaxes(title="column", dtick=1)
    figure.update_yaxes(title="row", dtick=1)
    figure.update_traces(colorbar_y=-0.3)
    return figure
