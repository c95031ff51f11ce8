"""Lines across the curves: since when a verdict holds, and where settings were changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.figures.theme import SKY, VERMILLION
from core.learning.knob_marks import KnobMark
from core.verdict.marks import Marks


def lines_of_marks(marks: Marks | None, knobs: Sequence[KnobMark]) -> list[dict[str, Any]]:
    """All of them as shapes under the curves, on whose axis they stand."""
    return [*_onset(marks), *map(_knob, knobs)]


def _onset(marks: Marks | None) -> list[dict[str, Any]]:
    """Since when the verdict holds, as a line under the curves."""
    if marks is None or marks.onset is None:
        return []
    line = {
        "type": "line",
        "x0": marks.onset,
        "x1": marks.onset,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": VERMILLION, "width": 1.5, "dash": "dash"},
        "layer": "below",
        "label": {
            "text": marks.words,
            "textposition": "end",
            "textangle": 0,
            # Away from the nearer end of the axis, where it would be cut off.
            "xanchor": "right" if marks.late else "left",
            "font": {"size": 11, "color": VERMILLION},
        },
    }
    return [line]


def _knob(mark: KnobMark) -> dict[str, Any]:
    """A thin line, with what was changed written along it, so that neighbours have room."""
    return {
        "type": "line",
        "x0": mark.at,
        "x1": mark.at,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": SKY, "width": 1},
        "layer": "below",
        "label": {
            "text": mark.words,
            "textposition": "end",
            "xanchor": "right",
            "yanchor": "bottom",
            "font": {"size": 11},
        },
    }
