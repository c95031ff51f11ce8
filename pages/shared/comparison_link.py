"""Which runs are compared, in the address bar: read from a link, or written for one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.shared import state

_REMEMBERED = 50
"""Links that this session wrote itself and knows again."""


def linked_ids() -> list[str]:
    """Ids of the runs that a link asks to compare; none if it was this session that wrote it."""
    link = st.query_params.get(state.COMPARE)
    if not link or _is_ours(link):
        return []
    return list(dict.fromkeys(link.split(",")))


def write_link(link: str) -> None:
    """Let the address bar say what is ticked in the table."""
    _remember(link)
    if st.query_params.get(state.COMPARE) != link:
        st.query_params[state.COMPARE] = link


def forget_link() -> None:
    """Take the comparison out of the address bar."""
    for name in state.COMPARISON:
        st.query_params.pop(name, None)


def go_to_table(ids: Sequence[str]) -> None:
    """From the comparison of a link to the table of all runs, with the same runs ticked."""
    _remember(st.query_params.get(state.COMPARE, ""))
    st.session_state[state.TICKED_RUNS] = list(ids)


def join_comparison(ids: Sequence[str]) -> None:
    """Let these runs take part in the comparison that is shown, be it linked or ticked."""
    before = st.query_params.get(state.COMPARE, "")
    link = ",".join([*before.split(","), *ids])
    if _is_ours(before):
        _remember(link)
        st.session_state[state.TICKED_RUNS] = link.split(",")
    st.query_params[state.COMPARE] = link


def _is_ours(link: str) -> bool:
    return link in st.session_state.get(state.COMPARED, ())


def _remember(link: str) -> None:
    known = [other for other in st.session_state.get(state.COMPARED, []) if other != link]
    st.session_state[state.COMPARED] = [*known, link][-_REMEMBERED:]
