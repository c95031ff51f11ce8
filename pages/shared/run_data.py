"""The images that a run was given, found again."""

from __future__ import annotations

import streamlit as st

from core.data import Splits, facts, is_at_hand, load, split_again
from core.runs import Run
from core.settings import Settings
from pages.shared import state


def data_of(run: Run) -> Splits:
    """The run's own images and labels; if they are not here, offer to fetch them and stop.

    Raises
    ------
    LearnscopeError
        If they are not what the run had.
    """
    dataset = run.settings.data.dataset
    if not is_at_hand(dataset):
        title = facts(dataset).title
        st.info(
            f"**{title}** is not on this machine, and this is computed on the run's own images.",
            icon=":material/image_not_supported:",
        )
        if not st.button("Fetch it now", icon=":material/download:", key=state.FETCH):
            st.stop()
        bar = st.progress(0.0, text=f"Fetching {title} ...")
        load(dataset, lambda share, words: bar.progress(share, text=words))
        bar.empty()
    return _found_again(run.settings, run.fingerprint)


@st.cache_resource(show_spinner="Loading the images ...", max_entries=2)
def _found_again(settings: Settings, fingerprint: str | None) -> Splits:
    return split_again(settings, fingerprint)
