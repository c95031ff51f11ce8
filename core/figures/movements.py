"""How the kernels moved: records -> figures.

Plain dictionaries, as in :mod:`core.figures.curves` and for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

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
    shared_layout,
)
from core.fitting.kernel_movements import Track

Figure = dict[str, Any]

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, GRAY)


def norm_curves(tracks: Sequence[Track], height: int) -> Figure:
    """The Euclidean norm of each layer's kernel at each epoch's end.

    Parameters
    ----------
    tracks : sequence of Track
    height : int
        In pixels.
    """
    figure = _figure(
        "Size of each layer's kernel (Euclidean norm)",
        [(track.layer, track.epochs, track.norms) for track in tracks],
        "%{y:.3f}",
        height,
    )
    figure["layout"]["yaxis"] = {"rangemode": "tozero"}
    return figure


def change_curves(tracks: Sequence[Track], height: int) -> Figure:
    """How far each layer's kernel came in each epoch, relative to its norm; a logarithmic axis."""
    figure = _figure(
        "Change in each epoch, relative to that size",
        [(track.layer, track.epochs, track.changes) for track in tracks],
        "%{y:.2%}",
        height,
    )
    # So few that plotly leaves out the digits between 5 and 10, which would lie on one another.
    figure["layout"]["yaxis"] = {"type": "log", "tickformat": ".3~%", "nticks": 4}
    return figure


def _figure(
    title: str, lines: Sequence[tuple[str, np.ndarray, np.ndarray]], hover: str, height: int
) -> Figure:
    traces = [
        {
            "type": "scatter",
            "name": name,
            "x": epochs.astype(np.float32),
            "y": values.astype(np.float32),
            "mode": "lines+markers" if len(epochs) <= 60 else "lines",
            "marker": {"size": 4},
            "line": {"color": _COLOURS[at % len(_COLOURS)], "width": 2},
            "hovertemplate": f"{name}: {hover}<extra></extra>",
        }
        for at, (name, epochs, values) in enumerate(lines)
    ]
    layout = shared_layout(title, height) | {
        "showlegend": True,
        "legend": legend_below(),
        "hovermode": "x",
        "dragmode": "zoom",
        "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
        "xaxis": {
            "title": axis_below("Epoch", near=True, size=13),
            "rangemode": "tozero",
        },
    }
    return {"data": traces, "layout": layout}
