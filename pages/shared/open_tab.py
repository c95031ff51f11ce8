"""Pages in tabs: only the view whose tab is open is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.faults import faults_in_words

Subject = TypeVar("Subject")


def show_open_tab(
    tabs: Sequence[DeltaGenerator],
    views: Mapping[str, Callable[[Subject], None]],
    subject: Subject,
    *,
    by_itself: bool = False,
) -> None:
    """Draw the view of the open tab.

    Parameters
    ----------
    tabs : sequence of DeltaGenerator
        One for each view, in order.
    views : mapping of str to callable
    subject : object
        What they show.
    by_itself : bool
        Whether a moved slider has only the view drawn anew, and not the page around it.
    """
    for tab, view in zip(tabs, views.values(), strict=True):
        if tab.open:
            with tab:
                if by_itself:
                    view = st.fragment(faults_in_words()(view))
                view(subject)
