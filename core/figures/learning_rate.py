"""The learning rate of each epoch: records -> a figure.

A plain dictionary, as in :mod:`core.figures.curves` and for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.figures.theme import BLUE, axis_below, shared_layout
from core.library.records import Epoch

Figure = dict[str, Any]


def learning_rates(epochs: Sequence[Epoch], height: int) -> Figure:
    """The learning rate with which each epoch was trained; a logarithmic axis.

    Parameters
    ----------
    epochs : sequence of Epoch
        In order.
    height : int
        In pixels.
    """
    trace = {
        "type": "scatter",
        "x": np.array([epoch.epoch for epoch in epochs], np.float32),
        "y": np.array([epoch.learning_rate for epoch in epochs], np.float32),
        "mode": "lines+markers" if len(epochs) <= 60 else "lines",
        "marker": {"size": 4},
        "line": {"color": BLUE, "width": 2, "shape": "hvh"},
        "hovertemplate": "epoch %{x}: %{y:.3g}<extra></extra>",
    }
    layout = shared_layout("Learning rate of each epoch", height) | {
        "showlegend": False,
        "hovermode": "x",
        "dragmode": "zoom",
        "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
        "xaxis": {
            "title": axis_below("Epoch", near=True, size=13),
            "rangemode": "tozero",
        },
        "yaxis": {"type": "log", "tickformat": ".0e", "dtick": 1},
    }
    return {"data": [trace], "layout": layout}
