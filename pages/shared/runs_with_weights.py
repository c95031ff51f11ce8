"""Which runs can be looked into; and what a page says and offers while there is none."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from core.errors import LearnscopeError
from core.runs import Run
from core.settings import Settings
from pages.shared import state
from pages.shared.faults import faults_in_words
from pages.shared.plain_text import as_typed

TRAIN = "pages/learning/train.py"
RUNS = "pages/learning/runs.py"


@dataclass(frozen=True)
class FirstRun:
    """The run that a page offers to train where there is none yet."""

    settings: Settings = field(default_factory=Settings)
    label: str = "Train the default network"
    words: str = (
        "Train one first: the default network learns to read handwritten digits in about ten "
        "seconds."
    )


DEFAULT_RUN = FirstRun()


def runs_with_weights(first: FirstRun = DEFAULT_RUN) -> dict[str, Run]:
    """The runs that can be looked into, newest first.

    Without any, wait for the one that is on its way, or offer to train one, and stop.
    """
    runs = [run for run in state.library().runs() if run.best_epoch is not None]
    wanted = st.query_params.get(state.RUN)
    if wanted is not None and wanted not in [run.id for run in runs]:
        _say_why_not(wanted, others=bool(runs))
        if runs:
            del st.query_params[state.RUN]
    if not runs:
        under_way = [run for run in state.library().runs() if not run.state.ended]
        if under_way:
            # The one that was asked for first.
            _wait_for_weights(under_way[-1].id)
        else:
            _offer_a_first_run(first)
        st.stop()
    return {run.id: run for run in runs}


def _say_why_not(wanted: str, others: bool) -> None:
    """Why the run that a link asks for cannot be shown, and where to go."""
    try:
        run = state.library().run(wanted)
    except LearnscopeError as error:
        st.warning(str(error), icon=":material/link_off:")
    else:
        if not run.state.ended:
            _wait_for_weights(run.id)
            st.stop()
        st.warning(
            f"The run “{as_typed(run.name)}” has no weights to look into: {run.state.words}. "
            f"{run.sentence}",
            icon=":material/link_off:",
        )
    if others:
        st.caption("Shown instead is the newest run; choose another one here.")
    st.page_link(RUNS, label="All runs", icon=":material/history:")


def _wait_for_weights(run_id: str) -> None:
    """Say that a run is on its way, and go on by itself once it has weights."""
    look_again_for_weights(
        run_id,
        "The run “{name}” is {state}. This page goes on by itself after its first epoch.",
    )
    link = {state.RUN: run_id}
    st.page_link(TRAIN, label="Watch it train", icon=":material/show_chart:", query_params=link)


def look_again_for_weights(run_id: str, words: str) -> None:
    """Say how far a run is that has no weights yet, and draw the page anew once it has, or ended.

    Parameters
    ----------
    run_id : str
    words : str
        The sentence, with the fields `name` and `state`.
    """

    @st.fragment(run_every=1.0)
    @faults_in_words()
    def look_again() -> None:
        run = state.library().run(run_id)
        if run.best_epoch is not None or run.state.ended:
            st.rerun()
        sentence = words.format(name=as_typed(run.name), state=run.state.words)
        st.info(sentence, icon=":material/hourglass_top:")

    look_again()


def _offer_a_first_run(first: FirstRun) -> None:
    with st.container(border=True):
        st.markdown(f"**There is no trained network to look into yet.** {first.words}")
        pressed = st.button(first.label, type="primary", icon=":material/play_arrow:")
    st.page_link(TRAIN, label="Choose the settings first", icon=":material/tune:")
    if pressed:
        run_id = state.training_queue().submit(first.settings)
        st.query_params[state.RUN] = run_id
        st.rerun()
