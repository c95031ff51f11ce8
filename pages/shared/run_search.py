"""What the page of runs is to show: words to find, filters and the order."""

from __future__ import annotations

import streamlit as st

from core.library.search import Holdings, Order, Search
from core.runs import State
from pages.shared import state

_WIDTH = 230


def search_bar(holdings: Holdings) -> Search:
    """Let the person say which runs are shown, and in what order."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Find",
            key=state.FIND,
            placeholder="Name, tag, note, setting or id",
            icon=":material/search:",
            persist_state="session",
        )
        order = st.selectbox(
            "Sort by",
            list(Order),
            format_func=lambda order: Order(order).words,
            key=state.FIND_ORDER,
            width=_WIDTH,
            persist_state="session",
        )
        with st.popover(_label(), icon=":material/filter_list:"):
            states, tags, archived = _filters(holdings)
    return Search(text, states, tags, archived, Order(order))


def _filters(holdings: Holdings) -> tuple[tuple[State, ...], tuple[str, ...], bool]:
    states = st.multiselect(
        "State",
        list(State),
        format_func=lambda one: State(one).words,
        placeholder="Any",
        key=state.FIND_STATES,
        persist_state="session",
    )
    # A tag that nobody bears any more stays in its own filter until it is taken out of it.
    chosen = st.session_state.get(state.FIND_TAGS) or []
    tags = st.multiselect(
        "Tags",
        list(dict.fromkeys([*state.library().tags(), *chosen])),
        placeholder="Any",
        help="Runs that bear all of these tags. Tick a run to give it some.",
        key=state.FIND_TAGS,
        persist_state="session",
    )
    archived = st.toggle(
        f"Show archived runs too ({holdings.archived:,})",
        key=state.FIND_ARCHIVED,
        persist_state="session",
    )
    return tuple(State(one) for one in states), tuple(tags), archived


def _label() -> str:
    """Says how many filters are at work, for they are out of sight."""
    names = (state.FIND_STATES, state.FIND_TAGS, state.FIND_ARCHIVED)
    count = sum(bool(st.session_state.get(name)) for name in names)
    return f"Filter ({count})" if count else "Filter"


def show_all() -> None:
    """Take back all that hides runs."""
    st.session_state[state.FIND] = ""
    st.session_state[state.FIND_STATES] = []
    st.session_state[state.FIND_TAGS] = []
    st.session_state[state.FIND_ARCHIVED] = True
