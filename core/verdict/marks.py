"""What of a verdict can be drawn on the curves, in the numbers of their axes."""

from __future__ import annotations

from dataclasses import dataclass

from core.learning.curve_lines import Axis, places_on
from core.learning.curves import Curves
from core.verdict.records import Kind, Verdict

_JUDGED_BY_RISE = (Kind.OVERFITTING, Kind.MEMORISING, Kind.CONVERGED)


@dataclass(frozen=True)
class Marks:
    """Where the evidence stands.

    Attributes
    ----------
    onset : float or None
        Where the verdict begins to hold.
    words : str
        What to write beside it.
    late : bool
        Whether the onset lies in the second half of the run.
    end : float
        Where the newest epoch ends.
    noise : tuple of (float, float, float), or None
        Where the window begins in which the smoothed validation loss was lowest, that loss, and
        the highest to which noise alone could lift it since.
    """

    onset: float | None
    words: str
    late: bool
    end: float
    noise: tuple[float, float, float] | None


def marks_of(verdict: Verdict | None, curves: Curves, axis: Axis) -> Marks | None:
    """Place the evidence of a verdict on an axis; None if there is nothing to place."""
    if verdict is None or not curves.epochs:
        return None
    places, known = places_on(axis, curves), {epoch.epoch for epoch in curves.epochs}
    onset = None
    if verdict.onset in known and verdict.onset is not None:
        onset = places.end_of(verdict.onset, curves.epochs)
    turning, noise = verdict.found("turning point"), verdict.found("noise")
    band = None
    if verdict.kind in _JUDGED_BY_RISE and turning and noise and turning.first_epoch in known:
        begin = places.end_of(turning.first_epoch, curves.epochs)
        band = begin, turning.number, turning.number + noise.number
    if onset is None and band is None:
        return None
    end = float(places.ends[-1])
    late = onset is not None and onset > end / 2
    return Marks(onset, f"{verdict.kind} since epoch {verdict.onset}", late, end, band)
