"""A choice that stands in the link, and is kept when the person comes back to the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import state

Widget = Callable[..., Any]


def link_choice(
    widget: Widget,
    name: str,
    label: str,
    options: Sequence[str],
    words: Callable[[str], str] = str,
    told_in: DeltaGenerator | None = None,
    **look: Any,
) -> str:
    """Choose one of the options; the first one where neither link nor session knows better.

    Streamlit's own ``bind="query-params"`` writes an option's words into the link; a link to a run
    is to hold its id, which stays when the run is renamed.

    Parameters
    ----------
    widget : callable
        ``st.selectbox`` or another that takes options and gives one of them.
    name : str
        The parameter in the link, and the key in the session's state.
    label : str
        What is chosen, in a word or two.
    options : sequence of str
        At least one.
    words : callable
        From an option to what the page calls it.
    told_in : DeltaGenerator or None
        Where a wrong link is told about; None: ahead of the widget.
    **look
        Passed to the widget.
    """
    wanted = st.query_params.get(name)
    kept = st.session_state.get(name)
    now = next((value for value in (wanted, kept) if value in options), options[0])
    if wanted is not None and wanted not in options:
        (st if told_in is None else told_in).info(
            f"{label}: the link asks for “{wanted[:60]}”, which there is not here. Shown instead: "
            f"{words(now)}.",
            icon=":material/link_off:",
        )
    key = f"{state.CHOOSE} {name}"
    st.session_state[key] = now
    widget(label, options, format_func=words, key=key, on_change=_follow, args=(name, key), **look)
    st.session_state[name] = st.query_params[name] = now
    return now


def drop_wrong(name: str, label: str, options: Sequence[str]) -> None:
    """Tell about a choice in the link that there is not, also while its widget is not shown.

    One that was made in this session, in another layer or run, is dropped without a word.
    """
    wanted = st.query_params.get(name)
    if wanted is None or wanted in options:
        return
    if wanted != st.session_state.get(name):
        st.info(
            f"{label}: the link asks for “{wanted[:60]}”, which there is not here.",
            icon=":material/link_off:",
        )
    del st.query_params[name]


def _follow(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[key]
