"""The evidence in the numbers of the chart's axes."""

from __future__ import annotations

import numpy as np
import pytest

from core.learning.curve_lines import Axis
from core.learning.curves import Curves
from core.library.records import BatchLosses, Epoch
from core.verdict.marks import Marks, marks_of
from core.verdict.records import Evidence, Kind, Verdict

EPOCHS = tuple(
    Epoch(n, 10 * n, 2.5 * n, 1.0, 0.5, 1.0, 0.5, 1.0, 0.5, 0.0, 0.001) for n in range(1, 5)
)
NONE = np.empty(0, np.float32)
CURVES = Curves(EPOCHS, BatchLosses(NONE, NONE, ()), 10)
EVIDENCE = (
    Evidence("turning point", "", 0.5, 1, 2),
    Evidence("noise", "", 0.125, 1, 4),
)


@pytest.mark.parametrize(
    ("axis", "onset", "end", "begin"),
    [(Axis.EPOCH, 3, 4, 1), (Axis.STEP, 30, 40, 10), (Axis.TIME, 7.5, 10, 2.5)],
)
def test_the_onset_and_the_noise_stand_where_their_epochs_do(
    axis: Axis, onset: float, end: float, begin: float
) -> None:
    verdict = Verdict(Kind.OVERFITTING, "", 3, EVIDENCE)
    assert marks_of(verdict, CURVES, axis) == Marks(
        onset, "overfitting since epoch 3", True, end, (begin, 0.5, 0.625)
    )


def test_what_was_not_judged_by_a_rise_has_no_band() -> None:
    assert marks_of(Verdict(Kind.STILL_LEARNING, "", None, EVIDENCE), CURVES, Axis.EPOCH) is None
    diverged = marks_of(Verdict(Kind.DIVERGED, "", 1, EVIDENCE), CURVES, Axis.EPOCH)
    assert diverged == Marks(1, "diverged since epoch 1", False, 4, None)


def test_without_a_verdict_or_an_epoch_nothing_is_drawn() -> None:
    assert marks_of(None, CURVES, Axis.EPOCH) is None
    empty = Curves((), BatchLosses(NONE, NONE, ()), 10)
    assert marks_of(Verdict(Kind.DIVERGED, "", 1, EVIDENCE), empty, Axis.EPOCH) is None
