"""What the layers make of one image: a strip of maps each, and bars for the classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.signed_colours import Pixels, coloured
from core.figures.theme import BLUE, GRAY, axis_below, new_figure
from core.inside.activity_records import Station

CELL = 56
"""Pixels of the screen for a map's longer side."""
GAP = 6
ROW = 128
"""How many numbers of a row stand in one line."""


def strip(station: Station) -> tuple[Pixels, int]:
    """One layer as one picture: its strongest maps side by side, or all its numbers as a band.

    Negative numbers are blue, zero white, positive ones orange, on the layer's own scale.

    Parameters
    ----------
    station : Station

    Returns
    -------
    picture : ndarray of shape (R, C, 4), uint8
        Red, green, blue, alpha; twice as fine as shown, for screens that have such pixels.
    width : int
        Pixels of the screen for its width.
    """
    if station.values.ndim == 3:
        return _maps(station.values, station.limit)
    return _band(station.values, station.limit)


def _maps(values: NDArray[np.floating], limit: float) -> tuple[Pixels, int]:
    times = max(1, 2 * CELL // max(values.shape[:2]))
    gap = np.zeros((values.shape[0] * times, 2 * GAP, 4), np.uint8)
    parts = []
    for place in range(values.shape[2]):
        parts += [_enlarged(coloured(values[:, :, place], limit), times), gap]
    picture = np.concatenate(parts[:-1], axis=1)
    across = values.shape[1] * times * CELL / (max(values.shape[:2]) * times)
    return picture, round(values.shape[2] * (across + GAP) - GAP)


def _band(values: NDArray[np.floating], limit: float) -> tuple[Pixels, int]:
    lines, across = -(-len(values) // ROW), min(ROW, len(values))
    side = int(min(24, max(4, 610 // across)))
    filled = np.zeros((lines * across, 4), np.uint8)
    filled[: len(values)] = coloured(values[np.newaxis], limit)[0]
    return _enlarged(filled.reshape(lines, across, 4), 2 * side), across * side


def _enlarged(picture: Pixels, times: int) -> Pixels:
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def class_bars(
    probabilities: NDArray[np.floating], class_names: Sequence[str], decision: int
) -> go.Figure:
    """The probability of each class, the highest in colour.

    Parameters
    ----------
    probabilities : ndarray of shape (K,)
    class_names : sequence of str
    decision : int
        The class of the highest probability.
    """
    figure = new_figure("The decision: what the network says of the image", 270)
    colours = [BLUE if number == decision else GRAY for number in range(len(class_names))]
    figure.add_bar(
        x=list(class_names),
        y=probabilities.tolist(),
        marker={"color": colours, "line": {"width": 0}},
        text=[f"{value:.1%}" if value >= 0.005 else "" for value in probabilities.tolist()],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x}: <b>%{y:.2%}</b><extra></extra>",
    )
    figure.update_xaxes(title=axis_below("class", near=True), type="category", showgrid=False)
    figure.update_yaxes(title="probability", tickformat=".0%", range=[0, 1.12], nticks=4)
    return figure
