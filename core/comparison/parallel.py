"""Settings beside results: each run as a line through parallel axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.library.records import Run
from core.settings import CONTROLS, differences, value_of

FloatArray = npt.NDArray[np.float64]

_WORLDS_APART = 20.0
_MOST_STOPS = 8
"""Values of a number that get a tick each, evenly spaced; more of them lie on a scale."""


@dataclass(frozen=True, eq=False)
class Axis:
    """One upright axis.

    Attributes
    ----------
    label : str
        Its heading.
    positions : ndarray of shape (R,), float64
        Where each of the R runs crosses it.
    ticks : tuple of float
        Where something is written; empty for a plain scale of numbers.
    words : tuple of str
        What is written there.
    """

    label: str
    positions: FloatArray
    ticks: tuple[float, ...] = ()
    words: tuple[str, ...] = ()


COLOURS: Mapping[str, tuple[str, Callable[[Run], float]]] = {
    "validation_loss": (
        "Validation loss",
        lambda run: _known(run.best_validation_loss),
    ),
    "validation_accuracy": (
        "Validation accuracy (%)",
        lambda run: 100 * _known(run.best_validation_accuracy),
    ),
    "best_epoch": ("Best epoch", lambda run: _known(run.best_epoch)),
}
"""The results that stand at the right, any of which may colour the lines. No test figure is among
them: whoever chooses settings by it has no honest figure left."""


def drawable(runs: Sequence[Run]) -> list[Run]:
    """The runs that have a best epoch, and so results."""
    return [
        run
        for run in runs
        if run.best_epoch is not None
        and run.best_validation_loss is not None
        and run.best_validation_accuracy is not None
    ]


def axes_of(runs: Sequence[Run]) -> list[Axis]:
    """An axis for each setting in which the runs differ, but the seed, and for each result.

    Parameters
    ----------
    runs : sequence of Run
        Those of :func:`drawable`, R of them.
    """
    names = [name for name in differences([run.settings for run in runs]) if name != "seed"]
    return [
        *(_axis_of_setting(name, runs) for name in names),
        *(axis_of_result(key, runs) for key in COLOURS),
    ]


def axis_of_result(key: str, runs: Sequence[Run]) -> Axis:
    """The axis of one of COLOURS; logarithmic if one run is worlds apart from another."""
    label, read = COLOURS[key]
    values = np.array([read(run) for run in runs], np.float64)
    low, high = values.min(), values.max()
    if low <= 0 or high / low < _WORLDS_APART or key == "best_epoch":
        return Axis(label, values)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    stops = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    stops = [stop for stop in stops if low <= stop <= high]
    # Not so many that they are written over one another.
    stops = stops[:: -(-len(stops) // _MOST_STOPS)]
    ticks = tuple(math.log10(stop) for stop in stops)
    return Axis(label, np.log10(values), ticks, tuple(f"{stop:g}" for stop in stops))


def _axis_of_setting(name: str, runs: Sequence[Run]) -> Axis:
    control = CONTROLS[name]
    values = [value_of(run.settings, name) for run in runs]
    stops = sorted(set(values), key=control.choices.index if _is_word(name) else None)
    if not _is_word(name) and len(stops) > _MOST_STOPS:
        return Axis(control.label, np.array(values, np.float64))
    places = np.array([stops.index(value) for value in values], np.float64)
    words = tuple(control.word(stop) for stop in stops)
    return Axis(control.label, places, tuple(map(float, range(len(stops)))), words)


def _is_word(name: str) -> bool:
    return isinstance(CONTROLS[name].default, str)


def _known(value: float | None) -> float:
    return float("nan") if value is None else float(value)
