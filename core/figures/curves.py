"""Learning curves: records -> figures.

These are drawn several times a second beside the training thread, so they are plain dictionaries in
the form of ``plotly.graph_objects.Figure.to_dict()``. To have plotly check each of their properties
takes 70 ms a time; it does so in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.figures.curve_marks import lines_of_marks
from core.figures.theme import (
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PURPLE,
    VERMILLION,
    axis_below,
    legend_below,
    shared_layout,
)
from core.learning.curve_lines import (
    Axis,
    ChartLines,
    CurveView,
    Line,
    LossPart,
    accuracy_lines,
    loss_lines,
)
from core.learning.curves import Curves
from core.learning.knob_marks import KnobMark
from core.verdict.marks import Marks

Figure = dict[str, Any]
"""A figure as plotly.js takes it: `data`, a list of traces, and `layout`."""

AXES = (30, 100, 300)
"""Epochs on the axis of a run under way: the next of these once it has outgrown the last, so that
the beginning of a long run is no hair's breadth."""

_COLOURS = {
    "Batches": GRAY,
    "Training": ORANGE,
    "Fair training": BLUE,
    "Validation": VERMILLION,
    "At the epoch's end": PURPLE,
}
GAP = "Generalization gap"
_AREA = "rgba(213, 94, 0, 0.18)"
_BAND = "rgba(138, 147, 155, 0.3)"
_NOTHING = np.array([np.nan], np.float32)
"""A trace without any point forgets whether it was hidden."""


@dataclass(frozen=True)
class _Axis:
    title: str
    batches: str


_AXES = {
    Axis.EPOCH: _Axis("Epoch", "after %{x:.2f} epochs"),
    Axis.STEP: _Axis("Step", "step %{x:,}"),
    Axis.TIME: _Axis("Seconds of training", "%{x:.1f} s"),
}
_LOSSES = {
    LossPart.DATA: "Loss (cross-entropy in nats, without penalty)",
    LossPart.TOTAL: "Loss with penalty (nats), as Keras prints it",
    LossPart.PENALTY: "Penalty (L1 and L2 terms, added to the loss in nats)",
}


def loss_curves(
    curves: Curves,
    epochs: int | None,
    height: int,
    view: CurveView | None = None,
    marks: Marks | None = None,
    knobs: Sequence[KnobMark] = (),
) -> Figure:
    """The loss of each batch and of each epoch, the best epoch marked.

    Parameters
    ----------
    curves : Curves
        Of a run that may still be under way.
    epochs : int or None
        How many epochs the run is to have, which is as far as the axis may reach; None for a run
        that has ended, whose axis ends where it does.
    height : int
        In pixels.
    view : CurveView, optional
        Which part of the loss, along which axis, how smooth.
    marks : Marks, optional
        The evidence of a verdict, on the same axis.
    knobs : sequence of KnobMark
        Where settings were changed in mid-run, on the same axis.
    """
    view = view or CurveView()
    layout = _layout(_LOSSES[view.part], curves, epochs, height, view)
    kind: dict[str, Any] = {"rangemode": "tozero"}
    if view.logarithmic:
        kind = {"type": "log", "exponentformat": "power"}
    # A zoom in one kind of axis means nothing in the other.
    revision = f"{view.part}, logarithmic {view.logarithmic}"
    layout["yaxis"] = kind | {"uirevision": revision}
    layout["shapes"] = lines_of_marks(marks, knobs)
    band = _noise_band(marks) if view.part is LossPart.DATA else []
    traces = _traces(loss_lines(curves, view), "%{y:.4f}", view)
    return {"data": [*band, *traces], "layout": layout}


def accuracy_curves(
    curves: Curves,
    epochs: int | None,
    height: int,
    view: CurveView | None = None,
    marks: Marks | None = None,
    knobs: Sequence[KnobMark] = (),
) -> Figure:
    """The accuracy of each batch and of each epoch; as :func:`loss_curves`."""
    view = view or CurveView()
    layout = _layout("Accuracy (share of right answers)", curves, epochs, height, view)
    layout["yaxis"] = {"tickformat": ".2~%"}
    layout["shapes"] = lines_of_marks(marks, knobs)
    traces = _traces(accuracy_lines(curves, view), "%{y:.1%}", view)
    for trace in traces:
        if trace["name"] == GAP:
            # Its colour stands in the legend of the loss; here the legend shall need but one row.
            trace["showlegend"] = False
    return {"data": traces, "layout": layout}


def _traces(chart: ChartLines, hover: str, view: CurveView) -> list[dict[str, Any]]:
    batches = f"{_AXES[view.axis].batches}: {hover}"
    has_gap = any(line.name == "Fair training" for line in chart.lines)
    area = _points(chart.area_x), _points(chart.area_y)
    traces = [_filled(GAP, *area, _AREA)] if has_gap else []
    traces += [_raw_line(line) for line in chart.lines]
    traces += [_line(line, batches if line.name == "Batches" else hover) for line in chart.lines]
    if chart.best is not None:
        traces.append(_best_mark(*chart.best, hover))
    return traces


def _filled(name: str, x: np.ndarray, y: np.ndarray, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "x": x,
        "y": y,
        "mode": "lines",
        "line": {"width": 0, "color": colour},
        "fill": "toself",
        "fillcolor": colour,
        "hoverinfo": "skip",
        # In the legend after the curves.
        "legendrank": 1001,
    }


def _raw_line(line: Line) -> dict[str, Any]:
    """What lies under a smoothed curve, and goes and comes with it."""
    return _stroke(line.name, line.raw_x, line.raw_y, 1.0 if line.name == "Batches" else 1.5) | {
        "name": f"{line.name}, as it is",
        "opacity": 0.35,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _line(line: Line, hover: str) -> dict[str, Any]:
    trace = _stroke(line.name, line.x, line.y, 2.5) | {"name": line.name, "hovertemplate": hover}
    if line.name == "Batches" and not len(line.raw_x):
        return trace | {"line": {"color": GRAY, "width": 1}, "opacity": 0.45}
    if line.name == "Batches" or len(line.x) > 60:
        return trace
    return trace | {"mode": "lines+markers", "marker": {"size": 5}}


def _stroke(name: str, x: np.ndarray, y: np.ndarray, width: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": _points(x),
        "y": _points(y),
        "mode": "lines",
        "line": {"color": _COLOURS[name], "width": width},
        "legendgroup": name,
    }


def _points(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32) if len(values) else _NOTHING


def _best_mark(epoch: int, x: float, y: float, hover: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "Best epoch",
        "x": np.array([x], np.float32),
        "y": np.array([y], np.float32),
        "mode": "markers",
        # Whole, also at the end of the axis.
        "cliponaxis": False,
        "marker": {
            "symbol": "star",
            "size": 15,
            "color": GREEN,
            "line": {"width": 1, "color": "white"},
        },
        "hovertemplate": f"epoch {epoch}: {hover}",
    }


def _noise_band(marks: Marks | None) -> list[dict[str, Any]]:
    """As high as noise could lift the smoothed validation loss since its lowest."""
    if marks is None or marks.noise is None:
        return []
    begin, low, high = marks.noise
    corners = [begin, marks.end, marks.end, begin], [low, low, high, high]
    x, y = (np.array(values, np.float32) for values in corners)
    return [_filled("Within noise", x, y, _BAND)]


def _layout(
    title: str, curves: Curves, epochs: int | None, height: int, view: CurveView
) -> dict[str, Any]:
    return shared_layout(title, height) | {
        "showlegend": True,
        "legend": legend_below() | {"tracegroupgap": 0},
        "hovermode": "x",
        "dragmode": "zoom",
        "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
        "xaxis": {
            "title": axis_below(_AXES[view.axis].title, near=True, size=13),
            # Not a range: plotly.js gives up a user's zoom for a figure that brings a new one.
            "autorange": True,
            "autorangeoptions": _ends(curves, epochs, view.axis),
            # A zoom in epochs means nothing in seconds.
            "uirevision": str(view.axis),
        },
        "yaxis": {},
    }


def _ends(curves: Curves, epochs: int | None, axis: Axis) -> dict[str, int]:
    if axis is Axis.TIME:
        return {"minallowed": 0}
    whole = curves.steps_per_epoch if axis is Axis.STEP else 1
    return {"minallowed": 0, "maxallowed": whole * _end_of_axis(curves, epochs)}


def _end_of_axis(curves: Curves, epochs: int | None) -> int:
    reached = -(-len(curves.batches.losses) // curves.steps_per_epoch)
    if epochs is None:
        return max(1, reached)
    return min([end for end in (*AXES, epochs) if end >= reached], default=epochs)
