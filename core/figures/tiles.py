"""Many small signed maps as one heat map: tiles with gaps, one colour scale, captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.theme import SIGNED, new_figure, scale_bar, square_cells

COLUMNS = 6


def tile_figure(
    tiles: NDArray[np.floating],
    *,
    captions: Sequence[str],
    numbers: Sequence[Sequence[int]],
    hover: str,
    limit: float,
    title: str,
    unit: str,
    subtitle: str = "",
    size: int = 84,
    step: int = 1,
    columns: int = COLUMNS,
) -> go.Figure:
    """Lay out maps in rows, all in one heat map.

    Parameters
    ----------
    tiles : ndarray of shape (K, R, C)
        The maps, in the order in which they are shown.
    captions : sequence of str
        Stands above each tile; empty for none, as thousands of them are slow to draw.
    numbers : sequence of pairs of int
        Two numbers that name each tile, for the hover text.
    hover : str
        The first lines of the hover text, with the two numbers as ``%{customdata[0]}`` and
        ``%{customdata[1]}``; row, column and value follow by themselves.
    limit : float
        The colour scale runs from -limit to limit.
    title, subtitle, unit : str
        Words above the figure, and at the colour scale.
    size : int
        Pixels on the screen for a row of tiles; a narrow screen shows them smaller.
    step : int
        How many rows and columns of the whole map one number stands for.
    columns : int
        Tiles in a row, at most.
    """
    count, rows, width = tiles.shape
    floor = _Floor(count, rows, width, columns)
    values, where = _laid_out(floor, tiles, numbers, step)
    figure = new_figure(title, floor.down * size + 140, f"{subtitle}; colour: {unit}")
    figure.update_layout(margin_t=130)
    # At the top: on a narrow screen the tiles end well above the figure's lower edge. Placed in the
    # container, for plotly moves the title out of the way of a bar that is placed in the plot.
    bar_place = {
        "title": None,
        "yref": "container",
        "y": 1 - 72 / figure.layout.height,
        "yanchor": "top",
    }
    figure.add_heatmap(
        z=values,
        zmin=-limit,
        zmax=limit,
        colorscale=SIGNED,
        customdata=where,
        hoverongaps=False,
        hovertemplate=hover
        + "<br>row %{customdata[2]}, column %{customdata[3]}<br><b>%{z:.4g}</b><extra></extra>",
        colorbar=scale_bar(unit) | bar_place,
    )
    for caption, (top, left) in zip(captions, floor.corners, strict=bool(captions)):
        figure.add_annotation(
            text=caption,
            x=left + (floor.width - 1) / 2,
            y=top - 0.6,
            yanchor="bottom",
            showarrow=False,
            font={"size": 10},
        )
    square_cells(figure, *values.shape)
    return figure


def tile_frames(tiles: NDArray[np.floating], columns: int = COLUMNS) -> NDArray[np.float32]:
    """The values of the heat map that :func:`tile_figure` makes, for maps that change.

    Parameters
    ----------
    tiles : ndarray of shape (E, K, R, C)
        The same maps at E moments.
    columns : int
        As in :func:`tile_figure`.

    Returns
    -------
    ndarray of shape (E, H, W)
        NaN between the tiles.
    """
    moments, count, rows, width = tiles.shape
    floor = _Floor(count, rows, width, columns)
    frames = np.full((moments, *floor.shape), np.nan, np.float32)
    for number, (top, left) in enumerate(floor.corners):
        frames[:, top : top + rows, left : left + width] = tiles[:, number]
    return frames


@dataclass(frozen=True)
class _Floor:
    """Where the tiles lie: `count` of them, of so many rows and columns of numbers each."""

    count: int
    rows: int
    width: int
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the whole, room for captions and gaps included."""
        across = min(self.columns, self.count)
        return self.down * (self.rows + self._head), across * (self.width + self._gap) - self._gap

    @property
    def down(self) -> int:
        """How many rows of tiles there are."""
        return -(-self.count // self.columns)

    @property
    def corners(self) -> list[tuple[int, int]]:
        """Row and column of each tile's upper left number."""
        places = [divmod(number, self.columns) for number in range(self.count)]
        return [
            (row * (self.rows + self._head) + self._head, column * (self.width + self._gap))
            for row, column in places
        ]

    @property
    def _gap(self) -> int:
        return max(1, round(self.width / 12))

    @property
    def _head(self) -> int:
        return max(1, round(self.rows / 2.8))


def _laid_out(
    floor: _Floor, tiles: NDArray[np.floating], numbers: Sequence[Sequence[int]], step: int
) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
    """All values with gaps between, and what is said of each: two numbers, row, column."""
    values = np.full(floor.shape, np.nan, np.float32)
    where = np.zeros((*floor.shape, 4), np.int16)
    across, along = np.meshgrid(np.arange(floor.width) * step, np.arange(floor.rows) * step)
    for tile, (top, left), named in zip(tiles, floor.corners, numbers, strict=True):
        place = slice(top, top + floor.rows), slice(left, left + floor.width)
        values[place] = tile
        where[place] = np.dstack(
            [np.full_like(across, named[0]), np.full_like(across, named[1]), along, across]
        )
    return values, where
