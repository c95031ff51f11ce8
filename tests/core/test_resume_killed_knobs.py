"""`kill -9` of a run whose knobs are turned: what was turned stays turned, at its step."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from core.runs import STALE, Library, Run, State
from tests.core.killed import process, turn
from tests.core.test_resume_knobs import assert_the_same
from tests.core.turning import At

# Four steps an epoch: in the second one, and two at once in the fourth.
AT: At = {6: {"dropout_dense": 0.5, "l2": 0.01}, 14: {"learning_rate": 0.003, "noise": 0.3}}
TURNED = [
    ("dropout_dense", 0.5, 6),
    ("l2", 0.01, 6),
    ("learning_rate", 0.003, 14),
    ("noise", 0.3, 14),
]
IN_TIME = 300.0


class Trial:
    """A library in which one process after another goes on with the run."""

    def __init__(self, home: Path) -> None:
        self._home, self._ahead = home, 0.0

    def lives_until(self, death: int | None) -> Library:
        """One more process has died there, or come to the end; the library as it left it."""
        # The signs of life of the one before are too old for it.
        self._ahead += STALE + 1
        begun = process(turn, self._home, AT, death, self._ahead)
        begun.join(IN_TIME)
        assert begun.exitcode == (0 if death is None else -signal.SIGKILL)
        now = self._ahead + STALE + 1
        return Library(self._home, clock=lambda: time.time() + now)


def turned(run: Run) -> list[tuple[str, float, int]]:
    return [(change.name, change.new, change.step) for change in run.changes]


@pytest.mark.slow
def test_killed_with_knobs_turned_and_resumed_it_ends_as_the_run_that_was_never_killed(
    tmp_path: Path,
) -> None:
    """Killed between record and effect, in the epoch of a change, and in the one after it.

    That between the two changes of one step costs what was asked for with it, as nothing is on
    record of it: it is asked for again after the kill.
    """
    reference = Trial(tmp_path / "whole").lives_until(None)
    (whole,) = reference.runs()
    assert (whole.state, turned(whole)) == (State.FINISHED, TURNED)
    trial, on_record = Trial(tmp_path / "killed"), []
    for death in (0, 15, 18):
        library = trial.lives_until(death)
        (run,) = library.runs()
        assert run.state is State.INTERRUPTED
        on_record.append(turned(run))
        library.close()
    library = trial.lives_until(None)
    (run,) = library.runs()
    assert on_record == [TURNED[:1], TURNED, TURNED]
    assert_the_same(library, run, reference, whole)
    assert run.sentence.endswith("it is the same run as one without a break.")
    library.close()
    reference.close()
