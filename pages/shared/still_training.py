"""What a page says of runs that have not ended: their weights will still change."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.runs import Run
from pages.shared import state
from pages.shared.faults import faults_in_words
from pages.shared.plain_text import as_typed
from pages.shared.recorded_epoch import EPOCH


def still_training(runs: Sequence[Run]) -> None:
    """Say so if a run has not ended, and draw the page anew once all have."""
    waiting = [run.id for run in runs if not run.state.ended]
    if not waiting:
        return

    by_epoch = st.query_params.get(state.WEIGHTS) == EPOCH
    shown = "weights that it had after an epoch" if by_epoch else "its best weights so far"

    @st.fragment(run_every=2.0)
    @faults_in_words()
    def look_again() -> None:
        now = [state.library().run(run_id) for run_id in waiting]
        if all(run.state.ended for run in now):
            st.rerun()
        for run in now:
            epochs = run.settings.optimisation.epochs
            st.progress(
                min(run.epochs_done / epochs, 1.0),
                text=f"“{as_typed(run.name)}” is {run.state.words}: epoch {run.epochs_done} of "
                f"{epochs}. The page shows {shown}, and is drawn anew at its end.",
            )

    look_again()
