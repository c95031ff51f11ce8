"""Pages in tabs: only the view whose tab is open is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.faults import faults_in_words
from pages.shared.wrong_link import say_wrong_link

Subject = TypeVar("Subject")


def tabs_in_link(views: Mapping[str, object], name: str) -> Sequence[DeltaGenerator]:
    """A tab for each view; the open one stands in the link, and a wrong one is told in words.

    Parameters
    ----------
    views : mapping of str to object
        By what stands on their tabs.
    name : str
        The parameter in the link, and the key in the session's state.
    """
    # Streamlit takes a view that there is not out of the link without a word.
    wanted = st.query_params.get(name)
    if wanted is None or wanted in views:
        return st.tabs(list(views), key=name, bind="query-params")
    above = st.container()
    tabs = st.tabs(list(views), key=name, bind="query-params")
    opened = next((view for view, tab in zip(views, tabs, strict=True) if tab.open), "")
    say_wrong_link("View", wanted, shown=opened, told_in=above)
    return tabs


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
