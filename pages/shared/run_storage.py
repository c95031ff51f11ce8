"""What the run library takes on the disk, and the deleted runs in it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.library.names import names_to_choose_by
from core.library.search import Holdings
from core.memory import in_bytes
from pages.shared import state
from pages.shared.faults import faults_in_words


def run_storage(holdings: Holdings) -> None:
    """Say what the library takes, in a line that opens; and offer the way back for deleted runs."""
    with st.expander(f"Storage: {in_bytes(holdings.bytes)}", icon=":material/hard_drive:"):
        st.markdown(
            f"- {in_bytes(holdings.file_bytes)} for the files of runs: checkpoints and what else "
            "is kept of them.\n"
            f"- {in_bytes(holdings.database_bytes)} for the database: records and curves.\n\n"
            f"All of it lies in the folder `{state.library().home}`."
        )
        if holdings.deleted:
            _show_deleted(holdings)


def _show_deleted(holdings: Holdings) -> None:
    one = holdings.deleted == 1
    st.markdown(
        f"Of the files, {in_bytes(holdings.deleted_bytes)} belong to {holdings.deleted:,} deleted "
        f"run{'' if one else 's'}, which can be brought back for 30 days."
    )
    fixed = state.library().obstacle is not None
    names = names_to_choose_by(state.library().deleted())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.multiselect(
            "Deleted runs",
            list(names),
            format_func=lambda run_id: names.get(run_id, run_id),
            placeholder="Choose those to bring back",
            key=state.DELETED,
        )
        st.button(
            "Bring back",
            icon=":material/restore_from_trash:",
            disabled=fixed or not wanted,
            on_click=_bring_back,
            args=(wanted,),
        )
        with st.popover("Free the space now", icon=":material/delete_forever:", disabled=fixed):
            st.markdown("The deleted runs are then gone for good, with all their files.")
            st.button("Remove them for good", type="primary", on_click=_remove)


@faults_in_words()
def _bring_back(run_ids: Sequence[str]) -> None:
    for run_id in run_ids:
        state.library().undelete(run_id)
    st.session_state[state.DELETED] = []


@faults_in_words()
def _remove() -> None:
    state.library().purge(older_than=0)
    st.session_state.pop(state.UNDO, None)
