"""A run of the same settings with a change, offered where the page needs that change."""

from __future__ import annotations

import streamlit as st

from core.settings import Settings
from pages.shared import state


def offer_to_train(settings: Settings, words: str, label: str) -> None:
    """Offer to train these settings and look at that run, or to look at one that there is already.

    Parameters
    ----------
    settings : Settings
    words : str
        Why one would want it.
    label : str
        Of the button.
    """
    there = next(
        (
            run.id
            for run in state.library().runs()
            if run.settings == settings and (run.best_epoch is not None or not run.state.ended)
        ),
        None,
    )
    with st.container(border=True):
        st.markdown(words)
        pressed = st.button(
            label if there is None else "Look at the run that has it",
            type="primary",
            icon=":material/play_arrow:" if there is None else ":material/arrow_forward:",
            key=f"{state.TRAIN_ANOTHER} {label}",
            disabled=there is None and state.library().obstacle is not None,
            help=state.library().obstacle if there is None else None,
        )
    if pressed:
        st.query_params[state.RUN] = there or state.training_queue().submit(settings)
        st.query_params.pop(state.WEIGHTS, None)
        st.rerun()
