"""The button with which a run that was cut off goes on."""

from __future__ import annotations

import streamlit as st

from core.runs import Run
from pages.shared import state
from pages.shared.faults import faults_in_words


def offer_to_go_on(run: Run) -> None:
    """Show the button, if the run can go on and this Learnscope may train it."""
    epoch = run.goes_on_after
    if epoch is None or state.library().obstacle is not None:
        return
    if st.button(
        "Go on" if epoch else "Train it from the start",
        key=f"{state.GO_ON} {run.id}",
        icon=":material/resume:",
        help=f"The training is taken up at the end of epoch {epoch}, whose state is stored: "
        "weights, optimizer, dropout, order of the images, best epoch and patience are as they "
        "were then. Epochs after it are made again, the same, which takes a second or so. The run "
        "ends as it would have without the break; the test figures are taken anew at its end."
        if epoch
        else "The run was cut off before its first epoch had ended, so it begins anew.",
    ):
        with faults_in_words():
            state.training_queue().resume(run.id)
            st.rerun()
