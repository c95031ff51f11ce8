"""The run library at the top of every page: that it is open, or in a sentence why it is not."""

from __future__ import annotations

import streamlit as st

from core.errors import LearnscopeError
from core.library.homes import LibraryGoneError, forget
from core.runs import library_home
from pages.shared import state


def library_is_open(title: str) -> bool:
    """Whether the page has a library to show; if not, the page is this title and the reason.

    A library that can only be looked at is open, with a word on top of the page. Each reload tries
    whether what stood in the way is gone.
    """
    try:
        library = state.library()
    except LearnscopeError as error:
        st.title(title)
        st.error(str(error), icon=":material/error:")
        with st.container(horizontal=True):
            st.button("Try again", icon=":material/refresh:", key=state.TRY_AGAIN)
            if isinstance(error, LibraryGoneError):
                st.button(
                    "Begin a new, empty library there",
                    icon=":material/add:",
                    key=state.BEGIN_ANEW,
                    on_click=forget,
                    args=(library_home(),),
                )
        return False
    library.take_over()
    if library.obstacle is not None:
        st.warning(library.obstacle, icon=":material/visibility:")
    return True
