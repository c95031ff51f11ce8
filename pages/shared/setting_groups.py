"""Settings of one idea folded into one line, which says what is set in it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.settings import CONTROLS
from pages.shared.setting_widgets import value_held


def group(title: str, names: Sequence[str], opened: bool = False) -> DeltaGenerator:
    """A place for some controls that opens at a click.

    Parameters
    ----------
    title : str
        What they have in common.
    names : sequence of str
        The settings. The line says which of them were changed, so that it may stay folded.
    opened : bool
        Whether it stands open at first.
    """
    changed = [_words(title, name) for name in names if value_held(name) != CONTROLS[name].default]
    label = f"**{title}**" + f" · {', '.join(changed)}" * bool(changed)
    return st.expander(label, opened, key=title)


def _words(title: str, name: str) -> str:
    control, value = CONTROLS[name], value_held(name)
    return (
        control.word(value) if control.label == title else f"{control.label} {control.word(value)}"
    )
