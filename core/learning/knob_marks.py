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
        The settings and their new values.
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
            words = (f"{one.control.label} {one.control.word(one.new)}" for one in together)
            marks.append(KnobMark(at, ", ".join(words)))
    return marks


def changes_in_words(changes: Sequence[Change]) -> str:
    """What was changed while the run trained, in a sentence; empty if nothing was."""
    if not changes:
        return ""
    return f"Turned while it trained: {'; '.join(change.words for change in changes)}."
