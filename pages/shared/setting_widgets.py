"""The widgets that hold settings: labels, helps and limits are those of the controls."""

from __future__ import annotations

import streamlit as st

from core.settings import CONTROLS, Control, Value
from pages.shared import state

TABS = {
    "data": "Data",
    "network": "Network",
    "regularization": "Regularization",
    "augmentation": "Augmentation",
    "optimisation": "Training",
}
"""The tabs of the controls by the section of the settings; their names fit beside each other."""


def value_held(name: str) -> Value:
    """What the control of a setting holds."""
    value: Value = st.session_state[state.setting_key(name)]
    return value


def _words(name: str) -> tuple[Control, str]:
    return CONTROLS[name], state.setting_key(name)


def slider(name: str) -> None:
    """A slider over the control's range."""
    control, key = _words(name)
    kind = type(control.default)
    st.slider(
        control.label,
        kind(control.low),
        kind(control.high),
        step=kind(control.step),
        key=key,
        help=control.help,
        persist_state="session",
    )


def number(name: str) -> None:
    """A field without limits of its own: it would keep to itself what is typed beyond them."""
    control, key = _words(name)
    st.number_input(
        control.label,
        step=int(control.step or 1),
        key=key,
        help=control.help,
        persist_state="session",
    )


def stops(name: str) -> None:
    """A slider over the control's stops, and over the value of a link that lies between them."""
    control, key = _words(name)
    st.select_slider(
        control.label,
        sorted({*control.choices, value_held(name)}),
        format_func=control.word,
        key=key,
        help=control.help,
        persist_state="session",
    )


def choice(name: str) -> None:
    """One of many, in a list that opens."""
    control, key = _words(name)
    st.selectbox(
        control.label,
        control.choices,
        format_func=control.word,
        key=key,
        help=control.help,
        persist_state="session",
    )


def segments(name: str) -> None:
    """One of a few, side by side."""
    control, key = _words(name)
    st.segmented_control(
        control.label,
        control.choices,
        required=True,
        format_func=control.word,
        key=key,
        help=control.help,
        persist_state="session",
    )


def switch(name: str, disabled: bool = False) -> bool:
    """On or off; returns which."""
    control, key = _words(name)
    return st.toggle(
        control.label, key=key, help=control.help, disabled=disabled, persist_state="session"
    )


def any_setting(name: str, key: str, held: Value) -> Value:
    """The widget that fits the setting, under a key of its own; returns its value.

    Parameters
    ----------
    name : str
        Of a setting of :data:`core.settings.CONTROLS`.
    key : str
        Not that of the page's own control.
    held : Value
        What it says at first.
    """
    control = CONTROLS[name]
    st.session_state.setdefault(key, held)
    if isinstance(control.default, bool):
        return st.toggle(control.label, key=key, help=control.help)
    if isinstance(control.default, str):
        value: Value = st.selectbox(
            control.label, control.choices, format_func=control.word, key=key, help=control.help
        )
        return value
    if control.choices:
        return st.select_slider(
            control.label,
            sorted({*control.choices, st.session_state[key]}),
            format_func=control.word,
            key=key,
            help=control.help,
        )
    kind = type(control.default)
    low, high, step = kind(control.low), kind(control.high), kind(control.step)
    return st.slider(control.label, low, high, step=step, key=key, help=control.help)
