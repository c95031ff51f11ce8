"""The controls of a run's settings: one widget a setting, in tabs by idea.

Labels, help texts and limits are those of :data:`core.settings.CONTROLS`.
"""

from __future__ import annotations

import streamlit as st

from core.data import facts
from core.errors import LearnscopeError
from core.settings import CONTROLS, Control, Settings, Value, checked, from_mapping, to_mapping
from pages.shared import state


def setting_controls() -> tuple[Settings, list[str]]:
    """Show all controls.

    Returns
    -------
    settings : Settings
        What the controls say; those that say what cannot be stand at their defaults here.
    refusals : list of str
        A sentence for each of those. What was typed stays in its field.
    """
    for name, control in CONTROLS.items():
        st.session_state.setdefault(state.setting_key(name), control.default)
    section, number = st.session_state.get(state.SETTINGS_TAB, ("regularization", 0))
    data, network, regularization, optimisation = st.tabs(
        ["Data", "Network", "Regularization", "Optimisation"],
        default=section.capitalize(),
        key=f"{state.SETTINGS_TAB} {number}",
    )
    if words := st.session_state.pop(state.SETTINGS_WORDS, ""):
        st.toast(words, icon=":material/tune:")
    with data:
        _data_controls()
    with network:
        _network_controls()
    with regularization:
        _regularization_controls()
    with optimisation:
        _optimisation_controls()
    values, refusals = {}, []
    for name, control in CONTROLS.items():
        try:
            values[name] = checked(control, _value(name))
        except LearnscopeError as error:
            refusals.append(str(error))
    return from_mapping(values), refusals


def put_into_controls(settings: Settings, section: str, words: str) -> None:
    """Let the controls say these settings, and open one section; for callbacks.

    Parameters
    ----------
    settings : Settings
    section : str
        As in :class:`core.settings.Control`.
    words : str
        What to tell the person, once.
    """
    for name, value in to_mapping(settings).items():
        st.session_state[state.setting_key(name)] = value
    _, number = st.session_state.get(state.SETTINGS_TAB, ("", 0))
    st.session_state[state.SETTINGS_TAB] = section, number + 1
    st.session_state[state.SETTINGS_WORDS] = words


def _data_controls() -> None:
    _choice("dataset")
    known = facts(str(_value("dataset")))
    _number("training_images")
    _slider("wrong_labels")
    st.caption(
        f"Apart from these, {known.validation_images:,} images are for validation and "
        f"{known.test_images:,} for the test. The seed draws the three parts; they share no image."
    )


def _network_controls() -> None:
    _slider("blocks")
    _stops("filters")
    _segments("kernel_size")
    _segments("pooling")
    _stops("dense_units")


def _regularization_controls() -> None:
    _slider("dropout_convolution")
    _slider("dropout_dense")
    _switch("spatial_dropout", disabled=not _value("dropout_convolution"))
    left, right = st.columns(2)
    with left:
        _stops("l1")
    with right:
        _stops("l2")
    normalizes = _switch("batch_normalization")
    if normalizes:
        _stops("batch_normalization_momentum")
        _choice("batch_normalization_place")
    if _switch("early_stopping"):
        _number("patience")


def _optimisation_controls() -> None:
    _choice("optimizer")
    if _value("optimizer") == "sgd":
        _stops("momentum")
    if _value("optimizer") == "adamw":
        _stops("weight_decay")
    _stops("learning_rate")
    _stops("batch_size")
    left, right = st.columns(2)
    with left:
        _number("epochs")
    with right:
        _number("seed")


def _value(name: str) -> Value:
    value: Value = st.session_state[state.setting_key(name)]
    return value


def _words(name: str) -> tuple[Control, str]:
    return CONTROLS[name], state.setting_key(name)


def _slider(name: str) -> None:
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


def _number(name: str) -> None:
    """A field without limits of its own: it would keep to itself what is typed beyond them."""
    control, key = _words(name)
    st.number_input(
        control.label,
        step=int(control.step or 1),
        key=key,
        help=control.help,
        persist_state="session",
    )


def _stops(name: str) -> None:
    """A slider over the control's stops, and over the value of a link that lies between them."""
    control, key = _words(name)
    st.select_slider(
        control.label,
        sorted({*control.choices, _value(name)}),
        format_func=control.word,
        key=key,
        help=control.help,
        persist_state="session",
    )


def _choice(name: str) -> None:
    control, key = _words(name)
    st.selectbox(
        control.label,
        control.choices,
        format_func=control.word,
        key=key,
        help=control.help,
        persist_state="session",
    )


def _segments(name: str) -> None:
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


def _switch(name: str, disabled: bool = False) -> bool:
    control, key = _words(name)
    return st.toggle(
        control.label, key=key, help=control.help, disabled=disabled, persist_state="session"
    )
