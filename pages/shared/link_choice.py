"""A choice that stands in the link, and is kept when the person comes back to the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import state
from pages.shared.wrong_link import say_wrong_link

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
    say_if_unknown(name, label, options, words(now), told_in)
    key = f"{state.CHOOSE} {name}"
    st.session_state[key] = now
    widget(label, options, format_func=words, key=key, on_change=_follow, args=(name, key), **look)
    st.session_state[name] = st.query_params[name] = now
    return now


def say_if_unknown(
    name: str,
    label: str,
    options: Sequence[str],
    shown: str = "",
    told_in: DeltaGenerator | None = None,
) -> None:
    """Say that the link asks for what there is not, also where nothing is chosen from it.

    Parameters
    ----------
    name, label, options, told_in
        As in :func:`link_choice`. What there is not is taken out of the link; what was chosen in
        this session, in another layer or run, without a word.
    shown : str
        What is shown instead; empty if nothing is.
    """
    wanted = st.query_params.get(name)
    if wanted is None or wanted in options:
        return
    if wanted != st.session_state.get(name):
        say_wrong_link(label, wanted, shown=shown, told_in=told_in)
    del st.query_params[name]


def _follow(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[key]
