"""The figures of the replay: kernels that change, and beside them the curves with a cursor.

The browser moves the picture and the cursor itself. The curves are plain dictionaries, as in
:mod:`core.figures.curves`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.figures.kernels import columns_for, kernel_grid
from core.figures.theme import BLUE, GRAY, ORANGE, axis_below, legend_below, shared_layout
from core.figures.tiles import tile_frames
from core.inside.kernel_replay import Replay
from core.library.records import Epoch

Figure = dict[str, Any]
MOST_LINES = 64
"""Filters whose way is drawn each by itself."""


def replay_grid(found: Replay, channels: int, at: int) -> tuple[Figure, NDArray[np.float32]]:
    """The kernels as they are at one moment, and the values of the picture at all of them.

    Parameters
    ----------
    found : Replay
    channels : int
        Input channels of the layer.
    at : int
        Which of the epochs is shown first.

    Returns
    -------
    figure : dict
        One heat map.
    frames : ndarray of shape (E, H, W)
    """
    figure = kernel_grid(found.page, found.layer, channels, size=72)
    frames = tile_frames(found.tiles, columns_for(channels))
    figure.data[0].z = frames[at]
    # What is under the pointer tells its place; the number would be that of the first epoch.
    return figure.to_dict(), frames


def loss_with_cursor(epochs: Sequence[Epoch], at: float, height: int) -> Figure:
    """Loss by epoch, and a line where the replay stands."""
    places = np.array([epoch.epoch for epoch in epochs], np.float32)
    data = [
        _line(places, [getattr(epoch, name) for epoch in epochs], words, colour)
        for name, words, colour in (
            ("validation_loss", "validation", ORANGE),
            ("fair_loss", "training, dropout off", BLUE),
        )
    ]
    layout = _layout("Loss at each epoch's end", at, height)
    layout["yaxis"] = {"title": {"text": "Data loss (nats)"}, "rangemode": "tozero"}
    return {"data": data, "layout": layout}


def distance_with_cursor(found: Replay, at: float, height: int) -> Figure:
    """How far each filter has come from its first weights, all in one trace, and their median."""
    count = found.distances.shape[1]
    chosen = np.linspace(0, count - 1, min(count, MOST_LINES)).round().astype(int)
    epochs = found.epochs.astype(np.float32)
    # A gap ends each filter's line: one trace, however many filters there are.
    gap = np.full((1, len(chosen)), np.nan)
    ways = np.concatenate([found.distances[:, chosen], gap]).T.ravel()
    along = np.tile(np.append(epochs, np.nan), len(chosen))
    data = [
        {
            "type": "scatter",
            "name": f"{len(chosen)} of {count} filters" if len(chosen) < count else "each filter",
            "x": along.astype(np.float32),
            "y": ways.astype(np.float32),
            "customdata": np.repeat(chosen, len(epochs) + 1).astype(np.float32),
            "mode": "lines",
            "line": {"color": GRAY, "width": 1},
            "opacity": 0.6,
            "hovertemplate": "filter %{customdata}, epoch %{x}: <b>%{y:.2f}</b><extra></extra>",
        },
        _line(epochs, found.medians(), "median", BLUE),
    ]
    layout = _layout("Distance from the first weights", at, height)
    layout["yaxis"] = {"title": {"text": "Distance / first norm"}, "rangemode": "tozero"}
    return {"data": data, "layout": layout}


def _line(x: NDArray[Any], y: Sequence[float] | NDArray[Any], name: str, colour: str) -> Figure:
    return {
        "type": "scatter",
        "name": name,
        "x": x,
        "y": np.asarray(y, np.float32),
        "mode": "lines+markers" if len(x) <= 40 else "lines",
        "marker": {"size": 4},
        "line": {"color": colour, "width": 2},
        "hovertemplate": f"epoch %{{x}}: <b>%{{y:.3g}}</b><extra>{name}</extra>",
    }


def _layout(title: str, at: float, height: int) -> Figure:
    cursor = {
        "type": "line",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": GRAY, "dash": "dot", "width": 2},
    }
    return shared_layout(title, height) | {
        "showlegend": True,
        "legend": legend_below(),
        "shapes": [cursor],
        "margin": {"l": 8, "r": 8, "t": 40, "b": 64},
        "xaxis": {"title": axis_below("Epoch", near=True), "rangemode": "tozero"},
    }
