"""The ticked runs in words, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.library import table as run_table
from core.runs import Run
from core.settings import describe
from pages.shared import state
from pages.shared.faults import faults_in_words
from pages.shared.look_inside import links_inside
from pages.shared.plain_text import as_typed
from pages.shared.take_out import offer_export

TRAIN = "pages/learning/train.py"
_IN_WORDS = 4
"""How many ticked runs are told in words."""


def ticked_runs(runs: Sequence[Run]) -> None:
    """Show the ticked runs, at least one, and offer what can be done with them."""
    for run in runs[:_IN_WORDS]:
        _tell(run)
    if len(runs) > _IN_WORDS:
        st.markdown(f"and {len(runs) - _IN_WORDS:,} more.")
    if len(runs) == 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            _offer_to_look(runs[0])
    with st.container(horizontal=True, vertical_alignment="center"):
        _offer_changes(runs)


def offer_undo() -> None:
    """The way back for what was deleted or archived last."""
    done, names = st.session_state.get(state.UNDO, ("", {}))
    if done:
        words = {"delete": "Deleted", "archive": "Archived"}[done]
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"{words}: {_enumerated(list(names.values()))}")
            st.button("Undo", icon=":material/undo:", on_click=_undo)


def _tell(run: Run) -> None:
    st.markdown(f"**{as_typed(run.name)}**: {run.sentence or run_table.state_in_words(run)}")
    tags = f" Tags: {as_typed(', '.join(run.tags))}." if run.tags else ""
    st.caption(f"{describe(run.settings)}.{tags} {run.note}")
    if run.remark:
        st.text(run.remark)


def _offer_to_look(run: Run) -> None:
    link = {state.RUN: run.id}
    if st.button("Open its curves", type="primary", icon=":material/show_chart:"):
        st.switch_page(TRAIN, query_params=link)
    if run.best_epoch is not None:
        links_inside(run.id)
    offer_export(run)


def _offer_changes(runs: Sequence[Run]) -> None:
    """Buttons that change the runs; without effect where the library can only be looked at."""
    fixed = state.library().obstacle is not None
    if len(runs) == 1:
        _offer_description(runs[0], fixed)
    else:
        _offer_tags(runs, fixed)
    kept = all(run.kept for run in runs)
    st.button(
        "Let go" if kept else "Keep",
        icon=":material/lock_open:" if kept else ":material/lock:",
        on_click=_keep,
        args=(runs, not kept),
        disabled=fixed,
        help="What you keep cannot be deleted until you let go of it.",
    )
    archived = all(run.archived for run in runs)
    st.button(
        "Bring back from the archive" if archived else "Archive",
        icon=":material/unarchive:" if archived else ":material/archive:",
        on_click=_archive,
        args=(runs, not archived),
        disabled=fixed,
        help="Archived runs are whole, but not listed unless you ask for them under *Filter*.",
    )
    st.button(
        "Delete" if len(runs) == 1 else f"Delete these {len(runs):,} runs",
        icon=":material/delete:",
        on_click=_delete,
        args=(runs,),
        disabled=fixed or any(run.kept or not run.state.ended for run in runs),
        help="It can be undone for 30 days. A run that you keep, or that still trains, cannot be "
        "deleted.",
    )
    st.button("Untick", icon=":material/deselect:", on_click=untick_all)


def _offer_description(run: Run, fixed: bool) -> None:
    """Name, tags and note of one run."""
    key = f"{state.NEW_NAME} {run.id}"
    popover = st.popover(
        "Name, tags, note",
        icon=":material/edit:",
        key=f"{key} open",
        on_change="rerun",
        disabled=fixed,
    )
    with popover, st.form(f"{key} form", border=False):
        st.text_input("Name", run.name, key=key, help="Left empty, it is called by its settings.")
        _tag_field(f"{state.NEW_TAGS} {run.id}", run.tags)
        st.text_area("Note", run.remark, key=f"{state.NEW_REMARK} {run.id}")
        st.form_submit_button("Save", type="primary", on_click=_describe, args=(run.id, key))


def _offer_tags(runs: Sequence[Run], fixed: bool) -> None:
    """Tags for several runs at once."""
    key = state.NEW_TAGS
    popover = st.popover(
        "Tag", icon=":material/label:", key=f"{key} open", on_change="rerun", disabled=fixed
    )
    with popover, st.form(f"{key} form", border=False):
        _tag_field(key, ())
        for label, add in (("Give these tags", True), ("Take these tags away", False)):
            st.form_submit_button(label, on_click=_tag, args=(runs, add))


def _tag_field(key: str, tags: Sequence[str]) -> None:
    st.multiselect(
        "Tags",
        list(dict.fromkeys([*state.library().tags(), *tags])),
        tags,
        key=key,
        accept_new_options=True,
        placeholder="Type a new tag, or choose one",
    )


def _enumerated(names: Sequence[str]) -> str:
    more = f" and {len(names) - _IN_WORDS:,} more" if len(names) > _IN_WORDS else ""
    return ", ".join(f"“{as_typed(name)}”" for name in names[:_IN_WORDS]) + more


def tick(run_id: str) -> None:
    """Tick a run beside those that are ticked already."""
    _have_ticked([*st.session_state.get(state.TICKED_RUNS, []), run_id])


def untick_all() -> None:
    """Leave no run ticked."""
    _have_ticked([])


def _have_ticked(run_ids: Sequence[str]) -> None:
    """Tick these; the table is then another one, for it holds its ticks itself."""
    st.session_state[state.TICKED_RUNS] = list(dict.fromkeys(run_ids))
    st.session_state[state.TABLE_TURN] = st.session_state.get(state.TABLE_TURN, 0) + 1


@faults_in_words()
def _describe(run_id: str, key: str) -> None:
    library = state.library()
    library.rename(run_id, st.session_state[key])
    library.tag(run_id, st.session_state[f"{state.NEW_TAGS} {run_id}"])
    library.remark(run_id, st.session_state[f"{state.NEW_REMARK} {run_id}"])
    st.session_state[f"{key} open"] = False


@faults_in_words()
def _tag(runs: Sequence[Run], add: bool) -> None:
    chosen = st.session_state[state.NEW_TAGS]
    for run in runs:
        others = [tag for tag in run.tags if tag not in chosen]
        state.library().tag(run.id, [*others, *chosen] if add else others)
    st.session_state[f"{state.NEW_TAGS} open"] = False


@faults_in_words()
def _keep(runs: Sequence[Run], kept: bool) -> None:
    for run in runs:
        state.library().keep(run.id, kept)


@faults_in_words()
def _archive(runs: Sequence[Run], archived: bool) -> None:
    done: dict[str, str] = {}
    if archived:
        st.session_state[state.UNDO] = ("archive", done)
    for run in runs:
        state.library().archive(run.id, archived)
        done[run.id] = run.name
    if archived:
        untick_all()


@faults_in_words()
def _delete(runs: Sequence[Run]) -> None:
    # Noted one by one: what is deleted before one that is refused can be undone as well.
    done: dict[str, str] = {}
    for run in runs:
        state.library().delete(run.id)
        done[run.id] = run.name
        st.session_state[state.UNDO] = ("delete", done)


@faults_in_words()
def _undo() -> None:
    done, names = st.session_state[state.UNDO]
    for run_id in names:
        if done == "delete":
            state.library().undelete(run_id)
        else:
            state.library().archive(run_id, False)
    del st.session_state[state.UNDO]
