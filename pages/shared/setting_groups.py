"""Settings of one idea folded into one line, which says what is set in it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.settings import CONTROLS
from pages.shared import state
from pages.shared.setting_widgets import value_held


def group(title: str, names: Sequence[str], opened: bool = False) -> DeltaGenerator:
    """A place for some controls that opens at a click.

    Parameters
    ----------
    title : str
        What they have in common.
    names : sequence of str
        The settings. If one of them was changed, the line says so, and the place stands open
        when a person first sees it.
    opened : bool
        Whether it stands open in any case.
    """
    changed = [
        f"{CONTROLS[name].label} {CONTROLS[name].word(value_held(name))}"
        for name in names
        if value_held(name) != CONTROLS[name].default
    ]
    remembered = st.session_state.setdefault(state.OPEN_GROUPS, {})
    # Not by what is set just now: it would fold under the hand that sets it back.
    stands_open = remembered.setdefault(title, opened or bool(changed))
    label = f"**{title}**" + f" · {', '.join(changed)}" * bool(changed)
    return st.expander(label, stands_open, key=f"{state.OPEN_GROUPS} {title}")
