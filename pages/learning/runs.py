"""The runs of the library: find, open, describe, keep, archive and delete them."""

from __future__ import annotations

import streamlit as st

from core.errors import LearnscopeError
from core.library.search import Holdings
from core.settings import Settings
from pages.shared import state
from pages.shared.bring_in import offer_import
from pages.shared.comparison import comparison, linked_comparison
from pages.shared.faults import faults_in_words
from pages.shared.run_list import run_list
from pages.shared.run_search import search_bar, show_all
from pages.shared.run_storage import run_storage
from pages.shared.ticked_runs import TRAIN, offer_undo, tick, ticked_runs


@faults_in_words()
def show_runs(busy: bool) -> None:
    """All but the title; drawn again every second as long as a run is in progress."""
    library = state.library()
    if busy and not library.in_progress():
        st.rerun()
    if trouble := library.trouble():
        st.error(trouble, icon=":material/error:")
    offer_undo()
    holdings = library.holdings()
    if holdings.runs:
        show_list(holdings)
        comparison(show_ticked())
    else:
        offer_a_first_run()
    run_storage(holdings)


def show_list(holdings: Holdings) -> None:
    """The runs that are asked for, a page of them at a time."""
    search = search_bar(holdings)
    number = f"{state.RUN_PAGE} {search}"
    found = state.library().search(search, st.session_state.get(number, 1))
    if not found.count:
        st.info(f"None of the {holdings.runs:,} runs is like that.", icon=":material/search_off:")
        st.button("Show all, the archived ones too", on_click=show_all)
        return
    st.caption(
        f"{found.count:,} run{'' if found.count == 1 else 's'}. **Open** shows the learning curves "
        "of a run. Tick the box at the left of a row to describe, keep, archive or delete it. "
        "After the figures stand the settings in which the runs on this page differ."
    )
    storage = state.library().storage([run.id for run in found.runs])
    ticked, opened = run_list(found.runs, st.session_state.get(state.TICKED_RUNS, ()), storage)
    if opened:
        st.switch_page(TRAIN, query_params={state.RUN: opened})
    st.session_state[state.TICKED_RUNS] = ticked
    if found.pages > 1:
        st.pagination(found.pages, key=number)


def show_ticked() -> list[str]:
    """What can be done with the ticked runs, wherever they stand; their ids in order of ticking."""
    wanted = st.session_state.get(state.TICKED_RUNS, [])
    runs = {run.id: run for run in state.library().runs(wanted)}
    ticked = [run_id for run_id in wanted if run_id in runs]
    st.session_state[state.TICKED_RUNS] = ticked
    if ticked:
        with st.container(border=True):
            ticked_runs([runs[run_id] for run_id in ticked])
    return ticked


def tick_linked(run_id: str) -> None:
    """Tick the run of a link, once; or say why that cannot be."""
    if run_id == st.session_state.get(state.LINKED_RUN):
        return
    try:
        tick(state.library().run(run_id).id)
    except LearnscopeError as error:
        st.warning(str(error), icon=":material/link_off:")
    else:
        st.session_state[state.LINKED_RUN] = run_id


def offer_a_first_run() -> None:
    """What there is to do in an empty library."""
    with st.container(border=True):
        st.markdown(
            "**There are no runs yet.** A run is one training of a network: its settings, its "
            "learning curves and its best weights. It is kept here until you delete it."
        )
        if st.button("Train the default network", type="primary", icon=":material/play_arrow:"):
            run_id = state.training_queue().submit(Settings())
            st.switch_page(TRAIN, query_params={state.RUN: run_id})
        st.caption("A small network learns to read handwritten digits, in about ten seconds.")


st.title("Runs")
if not linked_comparison():
    if (linked := st.query_params.get(state.RUN)) is not None:
        tick_linked(linked)
    busy = state.library().in_progress()
    st.fragment(show_runs, run_every=1.0 if busy else None)(busy)
    offer_import()
