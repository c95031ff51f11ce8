"""What is to be drawn of a run's curves: which loss, along which axis, how smooth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from core.learning.curves import Curves, best_epoch, thinned
from core.learning.smoothing import smoothed
from core.library.records import Epoch

Floats = npt.NDArray[np.float64]
Values = npt.NDArray[np.floating[Any]]

MOST_BATCHES = 1000
"""Points of the batch curve at most, so that the chart's message stays small."""
MOST_EPOCHS = 1000
"""Points of each other curve at most."""
_MOST_OF_AREA = 200
"""Points of each side of the area at most."""


class Axis(StrEnum):
    """What the horizontal axis counts."""

    EPOCH = "epoch"
    STEP = "step"
    TIME = "time"


class LossPart(StrEnum):
    """Which part of the loss is drawn."""

    DATA = "data"
    TOTAL = "total"
    PENALTY = "penalty"


@dataclass(frozen=True)
class CurveView:
    """How a person wants to see the curves.

    Attributes
    ----------
    axis : Axis
    part : LossPart
        Concerns the loss only: an accuracy has no penalty in it.
    smoothing : float
        In [0, 1), as in :func:`core.learning.smoothing.smoothed`.
    logarithmic : bool
        Whether equal steps on the axis of the loss are equal factors.
    """

    axis: Axis = Axis.EPOCH
    part: LossPart = LossPart.DATA
    smoothing: float = 0.0
    logarithmic: bool = False


@dataclass(frozen=True, eq=False)
class Line:
    """One curve: what is drawn, and, if that is smoothed, the values as they are beneath it.

    Attributes
    ----------
    name : str
    x, y : ndarray of shape (P,)
    raw_x, raw_y : ndarray of shape (Q,)
        Empty if nothing is smoothed.
    """

    name: str
    x: Floats
    y: Floats
    raw_x: Floats
    raw_y: Floats


@dataclass(frozen=True, eq=False)
class ChartLines:
    """All curves of one chart.

    Attributes
    ----------
    lines : tuple of Line
        "Batches", "Training", and then "Fair training" and "Validation", or "At the epoch's end"
        of a penalty, which is one and the same for both.
    area_x, area_y : ndarray of shape (A,)
        The outline of the area between fair training and validation; empty if there is none.
    best : tuple of (int, float, float), or None
        The best epoch, where it stands, and its value.
    """

    lines: tuple[Line, ...]
    area_x: Floats
    area_y: Floats
    best: tuple[int, float, float] | None


def loss_lines(curves: Curves, view: CurveView) -> ChartLines:
    """The loss of each batch and of each epoch.

    "Training" is the mean over an epoch's images while the weights moved, at the epoch's middle.
    With the penalty in it, it is what ``keras.Model.fit`` prints as `loss`: the mean of each
    batch's loss and the penalty before its step, weighted by the batch's images. "Validation" with
    the penalty of the epoch's end in it is Keras's `val_loss`.
    """
    fair, validation = _of(curves, "fair_loss"), _of(curves, "validation_loss")
    batches, running = curves.batches.losses, _of(curves, "running_loss")
    if view.part is LossPart.DATA:
        return _chart(curves, view, batches, running, fair, validation)
    penalties, in_running = curves.batches.penalties, running_penalties(curves)
    at_ends = _of(curves, "penalty")
    if view.part is LossPart.PENALTY:
        return _chart(curves, view, penalties, in_running, None, at_ends)
    return _chart(
        curves,
        view,
        batches + penalties,
        running + in_running,
        fair + at_ends,
        validation + at_ends,
    )


def accuracy_lines(curves: Curves, view: CurveView) -> ChartLines:
    """The accuracy of each batch and of each epoch, in [0, 1]; as :func:`loss_lines`."""
    names = ("running_accuracy", "fair_accuracy", "validation_accuracy")
    return _chart(curves, view, curves.batches.accuracies, *(_of(curves, name) for name in names))


def running_penalties(curves: Curves) -> Floats:
    """Of each epoch (E,) the penalty that is in Keras's running loss.

    The mean of the penalty before each step, weighted by the images of the step's batch; NaN where
    it was not recorded.
    """
    ends = np.array(curves.batches.epoch_ends[: len(curves.epochs)], int)
    if not len(ends):
        return np.empty(0)
    begins = np.concatenate([[0], ends[:-1]])
    weights = np.ones(int(ends[-1]))
    weights[ends[ends - begins == curves.steps_per_epoch] - 1] = curves.last_batch
    weighted = weights * curves.batches.penalties[: ends[-1]]
    return np.asarray(np.add.reduceat(weighted, begins) / np.add.reduceat(weights, begins))


@dataclass(frozen=True, eq=False)
class Places:
    """Where things stand on an axis: steps, from 1, and an epoch's middle and end."""

    of_steps: Callable[[npt.NDArray[np.int64]], Floats]
    ends: Floats
    middles: Floats

    def end_of(self, epoch: int, epochs: tuple[Epoch, ...]) -> float:
        """Where that epoch's end stands."""
        return float(self.ends[[known.epoch for known in epochs].index(epoch)])


def places_on(axis: Axis, curves: Curves) -> Places:
    """Where the records of a run stand on an axis.

    Within an epoch time is taken to pass evenly. The end of an epoch that is under way is not
    known yet, so on the axis of time the places of its steps are NaN.
    """
    steps = _of(curves, "steps")
    if axis is Axis.EPOCH:
        ends = _of(curves, "epoch")
        return Places(lambda at: at / curves.steps_per_epoch, ends, ends - 0.5)
    ends = steps if axis is Axis.STEP else _of(curves, "seconds")
    begins = np.concatenate([[0.0], ends[:-1]])[: len(ends)]
    if axis is Axis.STEP:
        return Places(lambda at: at.astype(np.float64), ends, (begins + ends) / 2)

    def times(at: npt.NDArray[np.int64]) -> Floats:
        knots = np.concatenate([[0.0], steps]), np.concatenate([[0.0], ends])
        return np.asarray(np.interp(at, *knots, right=np.nan))

    return Places(times, ends, (begins + ends) / 2)


def _of(curves: Curves, name: str) -> Floats:
    return np.array([getattr(epoch, name) for epoch in curves.epochs], np.float64)


def _chart(
    curves: Curves,
    view: CurveView,
    batches: Values,
    running: Floats,
    fair: Floats | None,
    validation: Floats,
) -> ChartLines:
    """Without a fair curve, the last one is what both have at the epoch's end."""
    places = places_on(view.axis, curves)
    steps = np.arange(1, len(batches) + 1)
    lines = [
        _line("Batches", places.of_steps(steps), batches, view, MOST_BATCHES),
        _line("Training", places.middles, running, view, MOST_EPOCHS),
    ]
    area_x = area_y = np.empty(0)
    if fair is None:
        lines.append(_line("At the epoch's end", places.ends, validation, view, MOST_EPOCHS))
    else:
        lines.append(_line("Fair training", places.ends, fair, view, MOST_EPOCHS))
        lines.append(_line("Validation", places.ends, validation, view, MOST_EPOCHS))
        area_x, area_y = _area(places.ends, fair, validation, view)
    best, mark = best_epoch(curves.epochs), None
    if best is not None:
        at = curves.epochs.index(best)
        mark = best.epoch, float(places.ends[at]), float(validation[at])
    return ChartLines(tuple(lines), area_x, area_y, mark)


def _line(name: str, x: Floats, values: Values, view: CurveView, most: int) -> Line:
    placed = np.isfinite(x)
    x, values = x[placed], values[placed]
    raw_x, raw_y = _few(x, values, most)
    if not view.smoothing:
        return Line(name, raw_x, raw_y, np.empty(0), np.empty(0))
    return Line(name, *_few(x, smoothed(values, view.smoothing), most), raw_x, raw_y)


def _few(x: Floats, values: Values, most: int) -> tuple[Floats, Floats]:
    kept = thinned(values.astype(np.float32), 1, most)
    return x[kept.steps - 1], np.asarray(kept.values, np.float64)


def _area(x: Floats, fair: Floats, validation: Floats, view: CurveView) -> tuple[Floats, Floats]:
    if view.smoothing:
        fair, validation = (smoothed(values, view.smoothing) for values in (fair, validation))
    known = np.flatnonzero(np.isfinite(fair) & np.isfinite(validation))
    if len(known) < 2:
        return np.empty(0), np.empty(0)
    every = -(-len(known) // _MOST_OF_AREA)
    # Counted from the end, so that the newest epoch is always in it.
    known = known[::-1][::every][::-1]
    return (
        np.concatenate([x[known], x[known][::-1]]),
        np.concatenate([validation[known], fair[known][::-1]]),
    )
