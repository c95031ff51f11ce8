"""Where on the curves a setting was changed while the run trained."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.learning.curve_lines import Axis, places_on
from core.learning.curves import Curves
from core.settings import Change


@dataclass(frozen=True)
class KnobMark:
    """What changed at one step.

    Attributes
    ----------
    at : float
        Where that is on the axis.
    words : str
        The setting and its new value, or how many settings were changed there.
    """

    at: float
    words: str


def knob_marks(changes: Sequence[Change], curves: Curves, axis: Axis) -> list[KnobMark]:
    """Place the changes of a run on an axis, those of one step together.

    A change stands between two steps: where the one before it ends. Those that lie beyond the
    curves are left out, as are those of an epoch under way on the axis of time, whose place is not
    known yet.
    """
    places, made = places_on(axis, curves), len(curves.batches.losses)
    marks = []
    for step, together in itertools.groupby(changes, key=lambda change: change.step):
        at = float(places.of_steps(np.array([step]))[0])
        if step <= made and np.isfinite(at):
            marks.append(KnobMark(at, _words(list(together))))
    return marks


def _words(together: Sequence[Change]) -> str:
    """Of several, only how many: a chart is not high enough for more than one."""
    first, *others = together
    if others:
        return f"{len(together)} changes"
    return f"{first.control.label} {first.control.word(first.new)}"


def changes_in_words(changes: Sequence[Change]) -> str:
    """What was changed while the run trained, in a sentence; empty if nothing was."""
    if not changes:
        return ""
    return f"Turned while it trained: {'; '.join(change.words for change in changes)}."
