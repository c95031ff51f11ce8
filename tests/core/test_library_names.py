"""Runs that are to be chosen by their names can be told apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.library.names import names_to_choose_by
from core.runs import Run, State
from core.settings import Settings

MADE = datetime(2026, 11, 28, 6, 5).timestamp()
FIRST = Run("20261128-84d858", "Default", MADE, State.FINISHED, Settings())


def test_a_name_that_no_other_run_has_stays_as_it_is() -> None:
    other = replace(FIRST, id="20261128-000001", name="Dropout")
    assert names_to_choose_by([FIRST, other]) == {
        "20261128-84d858": "Default",
        "20261128-000001": "Dropout",
    }


def test_runs_of_one_name_have_their_state_time_and_number_beside_it() -> None:
    failed = replace(FIRST, id="20261128-6613d1", state=State.FAILED)
    assert names_to_choose_by([FIRST, failed]) == {
        "20261128-84d858": f"Default · {State.FINISHED.words} · 28 Nov 06:05 · 84d858",
        "20261128-6613d1": f"Default · {State.FAILED.words} · 28 Nov 06:05 · 6613d1",
    }
