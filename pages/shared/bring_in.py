"""A run from another machine: the field for its archive, and what came of it."""

from __future__ import annotations

import streamlit as st

from core.errors import LearnscopeError
from pages.shared import state
from pages.shared.faults import faults_in_words
from pages.shared.plain_text import as_typed

TRAIN = "pages/learning/train.py"
_MEGABYTES = 300
"""The most that is taken: the server holds an upload in memory."""


def offer_import() -> None:
    """A field for the archive of a run, and what came of the last one."""
    with st.expander("Bring in a run", icon=":material/upload:", key=state.BRING_IN):
        st.caption(
            "A run that was taken along as **Whole run** on another machine, as a .zip file. All "
            "of it is checked first, and no code in it is carried out."
        )
        # A field that has been used gives way to a new one, which is empty.
        key = f"{state.ARCHIVE} {st.session_state.get(state.ARCHIVES, 0)}"
        st.file_uploader(
            "Archive of a run",
            type="zip",
            key=key,
            on_change=_bring_in,
            args=(key,),
            max_upload_size=_MEGABYTES,
            label_visibility="collapsed",
        )
    _show_outcome()


@faults_in_words()
def _bring_in(key: str) -> None:
    uploaded = st.session_state[key]
    if uploaded is None:
        return
    st.session_state[state.ARCHIVES] = st.session_state.get(state.ARCHIVES, 0) + 1
    state.wait_until_warm()
    from core.library.archive import bring_in

    try:
        arrival = bring_in(state.library(), uploaded)
    except LearnscopeError as error:
        st.session_state[state.BROUGHT_IN] = ("", str(error))
        return
    run = arrival.run
    if arrival.known:
        sentence = f"This run is here already, as “{as_typed(run.name)}”. Nothing was changed."
    else:
        sentence = f"“{as_typed(run.name)}” is here now, with {run.epochs_done} epochs."
        if arrival.left_out:
            missing = ", ".join(arrival.left_out)
            sentence += f" Missing or damaged already where it came from: {missing}."
    st.session_state[state.BROUGHT_IN] = (run.id, sentence)


def _show_outcome() -> None:
    run_id, sentence = st.session_state.get(state.BROUGHT_IN, ("", ""))
    if not sentence:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        show = st.success if run_id else st.error
        show(sentence, icon=":material/check_circle:" if run_id else ":material/error:")
        if run_id:
            link = {state.RUN: run_id}
            st.page_link(
                TRAIN, label="Open its curves", icon=":material/show_chart:", query_params=link
            )
