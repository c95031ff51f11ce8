"""Settings in a link: what stands in the address bar, and what it says."""

from __future__ import annotations

import contextlib
import time

import streamlit as st

from core.errors import LearnscopeError
from core.settings import (
    CONTROLS,
    RENAMED,
    Settings,
    changes_from_default,
    from_mapping,
    from_text,
    to_mapping,
    to_text,
)
from pages.shared import state

Link = dict[str, str]

_ON_ITS_WAY = 2.0
"""Seconds in which a click may still come with the address that was there before."""


def read_link() -> bool:
    """Put the settings of the link into the controls, once for each new link.

    What the link says wrongly is left at its default, and kept as sentences for
    :func:`show_link_trouble`.

    Returns
    -------
    bool
        Whether the link was a new one.
    """
    link = _settings_in_address_bar()
    # Without any settings in it, a link leaves the controls as the person has set them.
    if not link or link == st.session_state.get(state.LINK) or _is_out_of_date(link):
        return False
    troubles, values = [], {}
    for name, text in link.items():
        try:
            values[name] = from_text(name, text)
        except LearnscopeError as error:
            kept = (
                "This setting keeps its default."
                if name in {*CONTROLS, *RENAMED}
                else "It is left out."
            )
            troubles.append(f"In the link: {error} {kept}")
    settings = from_mapping(values)
    for name, value in to_mapping(settings).items():
        st.session_state[state.setting_key(name)] = value
    st.session_state[state.LINK] = _link(settings)
    st.session_state[state.LINK_TROUBLE] = troubles
    return True


def adopt_settings_of_run() -> None:
    """Put the settings of a linked run into the controls, if this session comes with the link.

    So what stands beside and below the run's curves is about that run. A link that says settings
    of its own means those; and what somebody has set in this session is not written over.
    """
    is_first_visit = state.VISITED_TRAIN not in st.session_state
    st.session_state[state.VISITED_TRAIN] = True
    run_id = st.query_params.get(state.RUN)
    if not is_first_visit or run_id is None or _settings_in_address_bar():
        return
    # An unknown run is told by whoever shows it.
    with contextlib.suppress(LearnscopeError):
        for name, value in to_mapping(state.library().run(run_id).settings).items():
            st.session_state[state.setting_key(name)] = value


def write_link(settings: Settings, just_read: bool) -> None:
    """Let the address bar say these settings: those that differ from the defaults.

    Parameters
    ----------
    settings : Settings
        Those of the controls.
    just_read : bool
        What :func:`read_link` returned: whether its sentences are still to be shown.
    """
    link, before = _link(settings), st.session_state.get(state.LINK, {})
    if link != before:
        st.session_state[state.LINK] = link
        st.session_state[state.LINK_BEFORE] = before, time.monotonic()
        if not just_read:
            st.session_state[state.LINK_TROUBLE] = []
    if link != _settings_in_address_bar():
        others = {
            name: text
            for name, text in st.query_params.to_dict().items()
            if name in state.NOT_SETTINGS
        }
        st.query_params.from_dict({**others, **link})


def show_link_trouble() -> None:
    """Say what the link said wrongly, until some setting is changed."""
    for sentence in st.session_state.get(state.LINK_TROUBLE, []):
        st.warning(sentence, icon=":material/link_off:")


def _link(settings: Settings) -> Link:
    return {name: to_text(value) for name, value in changes_from_default(settings).items()}


def _settings_in_address_bar() -> Link:
    return {
        name: text
        for name, text in st.query_params.to_dict().items()
        if name not in state.NOT_SETTINGS
    }


def _is_out_of_date(link: Link) -> bool:
    """Whether the browser had not heard of the newest address when it sent this one."""
    before, since = st.session_state.get(state.LINK_BEFORE, ({}, 0.0))
    return bool(link == before and time.monotonic() - since < _ON_ITS_WAY)
