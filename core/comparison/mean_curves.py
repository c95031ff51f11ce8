"""The curves of runs side by side, and the mean of a group with a band."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.library.records import Epoch

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CurveMeasure:
    """What a curve is of.

    Attributes
    ----------
    label : str
        The choice on the page.
    title : str
        The chart's title, with the unit.
    note : str
        What it is and how it is taken, in a sentence.
    read : callable
        Its figure of an epoch.
    during : bool
        Whether it is a mean over the epoch, which belongs to its middle, not to its end.
    share : bool
        Whether it is a share in [0, 1], written in per cent.
    """

    label: str
    title: str
    note: str
    read: Callable[[Epoch], float]
    during: bool = False
    share: bool = False


_DATA_LOSS = "Cross-entropy, without the L1 and L2 penalty"
_HELD = "taken at the epoch's end on the validation images, dropout off"
_FAIR = "taken at the epoch's end on a fixed sample of the training images, dropout off"
_RUNNING = "the mean over the epoch's batches while the weights moved, dropout on"
MEASURES: Mapping[str, CurveMeasure] = {
    "validation_loss": CurveMeasure(
        "Validation loss",
        "Validation loss (nats)",
        f"{_DATA_LOSS}, {_HELD}.",
        lambda epoch: epoch.validation_loss,
    ),
    "validation_accuracy": CurveMeasure(
        "Validation accuracy",
        "Validation accuracy",
        f"The share of right answers, {_HELD}.",
        lambda epoch: epoch.validation_accuracy,
        share=True,
    ),
    "fair_loss": CurveMeasure(
        "Fair training loss",
        "Fair training loss (nats)",
        f"{_DATA_LOSS}, {_FAIR}.",
        lambda epoch: epoch.fair_loss,
    ),
    "fair_accuracy": CurveMeasure(
        "Fair training accuracy",
        "Fair training accuracy",
        f"The share of right answers, {_FAIR}.",
        lambda epoch: epoch.fair_accuracy,
        share=True,
    ),
    "gap": CurveMeasure(
        "Generalization gap",
        "Generalization gap (nats)",
        "The validation loss less the fair training loss, both taken at the epoch's end with "
        "dropout off.",
        lambda epoch: epoch.validation_loss - epoch.fair_loss,
    ),
    "running_loss": CurveMeasure(
        "Running training loss",
        "Running training loss (nats)",
        f"{_DATA_LOSS}, {_RUNNING}.",
        lambda epoch: epoch.running_loss,
        during=True,
    ),
    "running_accuracy": CurveMeasure(
        "Running training accuracy",
        "Running training accuracy",
        f"The share of right answers, {_RUNNING}.",
        lambda epoch: epoch.running_accuracy,
        during=True,
        share=True,
    ),
    "penalty": CurveMeasure(
        "L1 and L2 penalty",
        "L1 and L2 penalty",
        "What the penalty adds to the loss at the epoch's end.",
        lambda epoch: epoch.penalty,
    ),
}

AXES: Mapping[str, str] = {
    "epoch": "Epoch",
    "step": "Step (one batch each)",
    "time": "Time since the start (seconds)",
}
SCALES: Mapping[str, str] = {"linear": "Linear", "logarithmic": "Logarithmic"}

BANDS: Mapping[str, str] = {
    "interval": "95 % confidence interval",
    "error": "Standard error",
    "deviation": "Standard deviation",
    "runs": "Each run",
    "none": "None",
}


@dataclass(frozen=True, eq=False)
class Line:
    """One run's curve.

    Attributes
    ----------
    at, values : ndarray of shape (E,), float64
        Where each epoch's figure belongs on the axis, and the figure; NaN where it is no number.
    """

    at: FloatArray
    values: FloatArray


@dataclass(frozen=True, eq=False)
class MeanCurve:
    """The mean of R runs over the C epochs that all of them reached.

    Attributes
    ----------
    at, mean, low, high : ndarray of shape (C,), float64
        Places on the axis, the mean, and the band's ends; NaN where a run has no number. The band
        is of width zero for one run alone.
    runs : int
        R.
    longest : int
        Epochs of the longest of the runs.
    """

    at: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    runs: int
    longest: int


def line_of(epochs: Sequence[Epoch], measure: CurveMeasure, axis: str) -> Line:
    """A run's curve of `measure` over `axis`, one of AXES."""
    read: Callable[[Epoch], float] = {
        "epoch": lambda epoch: float(epoch.epoch),
        "step": lambda epoch: float(epoch.steps),
        "time": lambda epoch: epoch.seconds,
    }[axis]
    ends = np.array([read(epoch) for epoch in epochs], np.float64)
    values = np.array([measure.read(epoch) for epoch in epochs], np.float64)
    begins = np.concatenate([[0.0], ends[:-1]]) if len(ends) else ends
    at = (begins + ends) / 2 if measure.during else ends
    return Line(at, np.where(np.isfinite(values), values, np.nan))


def mean_curve(lines: Sequence[Line], band: str) -> MeanCurve:
    """The mean of several runs and the band around it, at each epoch by itself.

    The mean goes as far as the shortest run: beyond, it would be one of other runs, and those
    that early stopping spared are no fair sample of all.

    Parameters
    ----------
    lines : sequence of Line
        R of them, at least one; all over the same axis. By time, a point stands at the mean time.
    band : str
        "deviation" for the standard deviation of the runs (with R - 1), "error" for the standard
        error of the mean, "interval" for the 95 % confidence interval of the mean by Student's t
        with R - 1 degrees of freedom; any other for none.
    """
    common = min(len(line.values) for line in lines)
    values = np.stack([line.values[:common] for line in lines])
    mean = values.mean(axis=0)
    half = half_width(values, band)
    return MeanCurve(
        np.stack([line.at[:common] for line in lines]).mean(axis=0),
        mean,
        mean - half,
        mean + half,
        len(lines),
        max(len(line.values) for line in lines),
    )


def half_width(values: FloatArray, band: str) -> FloatArray:
    """Half the width of a band around the mean over the first axis; zeros for one run alone.

    Parameters
    ----------
    values : ndarray of shape (R, C)
        Figures of R runs.
    band : str
        As in :func:`mean_curve`.
    """
    runs = len(values)
    if runs < 2 or band not in ("deviation", "error", "interval"):
        return np.zeros(values.shape[1:])
    deviation: FloatArray = values.std(axis=0, ddof=1)
    if band == "deviation":
        return deviation
    error: FloatArray = deviation / math.sqrt(runs)
    return error if band == "error" else error * student_factor(runs)


def student_factor(runs: int) -> float:
    """Standard errors in half a 95 % confidence interval of the mean of `runs` figures."""
    from scipy.special import stdtrit

    return float(stdtrit(runs - 1, 0.975))


def lengths_in_words(curve: MeanCurve) -> str:
    """How runs of different lengths were treated; empty if all are as long."""
    if curve.longest == len(curve.mean):
        return ""
    return (
        f"the mean ends at epoch {len(curve.mean)}, the last that all {curve.runs} runs reached; "
        f"the longest went on to epoch {curve.longest} and is drawn thin from there"
    )


@dataclass(frozen=True, eq=False)
class GroupCurve:
    """All lines of one group.

    Attributes
    ----------
    letter : str
        The group's short name.
    lines : tuple of Line
        Of the runs that count.
    mean : MeanCurve or None
        None if no run counts.
    has_band : bool
        Whether there is a band to draw around the mean.
    tails : tuple of Line
        What goes on beyond the end of the mean, from that end.
    not_counted : tuple of Line
        Of the runs that do not count.
    """

    letter: str
    lines: tuple[Line, ...]
    mean: MeanCurve | None
    has_band: bool
    tails: tuple[Line, ...]
    not_counted: tuple[Line, ...]


def group_curve(
    letter: str, lines: Sequence[Line], not_counted: Sequence[Line], band: str
) -> GroupCurve:
    """Put the lines of a group together; those without any epoch are left out."""
    lines = [line for line in lines if len(line.values)]
    not_counted = [line for line in not_counted if len(line.values)]
    mean = mean_curve(lines, band) if lines else None
    tails = () if mean is None else _tails(lines, len(mean.mean))
    has_band = len(lines) > 1 and band in ("deviation", "error", "interval")
    return GroupCurve(letter, tuple(lines), mean, has_band, tails, tuple(not_counted))


def _tails(lines: Sequence[Line], common: int) -> tuple[Line, ...]:
    return tuple(
        Line(line.at[common - 1 :], line.values[common - 1 :])
        for line in lines
        if len(line.values) > common
    )
