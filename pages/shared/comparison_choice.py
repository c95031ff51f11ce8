"""The choices of a comparison, which stand in its link."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.settings import RENAMED
from pages.shared.link_choice import link_choice


def choice(
    name: str,
    label: str,
    options: Sequence[str],
    words: Callable[[str], str],
    help: str | None = None,
    width: int = 230,
) -> str:
    """A selectbox whose choice stands in the link.

    The options depend on the runs that are compared. A choice that these no longer offer is let go
    of without a word, unless it is the link that asks for it.
    """
    if (asked := RENAMED.get(st.query_params.get(name, ""))) is not None:
        # What is chosen may be a setting, and the link one of an earlier version.
        st.query_params[name] = asked.name
    chosen = st.session_state.get(name)
    if chosen is not None and chosen not in options:
        del st.session_state[name]
        if st.query_params.get(name) == chosen:
            del st.query_params[name]
    return link_choice(st.selectbox, name, label, options, words, help=help, width=width)
