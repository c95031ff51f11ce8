"""The controls of a run's settings: one widget a setting, in tabs by idea.

Labels, help texts and limits are those of :data:`core.settings.CONTROLS`.
"""

from __future__ import annotations

import streamlit as st

from core.data import facts
from core.errors import LearnscopeError
from core.settings import CONTROLS, Settings, checked, from_mapping, to_mapping
from pages.shared import state
from pages.shared.augmentation_controls import augmentation_controls
from pages.shared.optimisation_controls import optimisation_controls
from pages.shared.regularization_controls import regularization_controls
from pages.shared.setting_widgets import TABS, choice, number, segments, slider, stops, value_held


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
    section, turn = st.session_state.get(state.SETTINGS_TAB, ("regularization", 0))
    data, network, regularization, augmentation, optimisation = st.tabs(
        list(TABS.values()),
        default=TABS[section],
        key=f"{state.SETTINGS_TAB} {turn}",
    )
    if words := st.session_state.pop(state.SETTINGS_WORDS, ""):
        st.toast(words, icon=":material/tune:")
    with data:
        _data_controls()
    with network:
        _network_controls()
    with regularization:
        regularization_controls()
    with augmentation:
        augmentation_controls()
    with optimisation:
        optimisation_controls()
    values, refusals = {}, []
    for name, control in CONTROLS.items():
        try:
            values[name] = checked(control, value_held(name))
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
    _, turn = st.session_state.get(state.SETTINGS_TAB, ("", 0))
    st.session_state[state.SETTINGS_TAB] = section, turn + 1
    st.session_state[state.SETTINGS_WORDS] = words


def _data_controls() -> None:
    choice("dataset")
    known = facts(str(value_held("dataset")))
    number("training_images")
    slider("wrong_labels")
    st.caption(
        f"Apart from these, {known.validation_images:,} images are for validation and "
        f"{known.test_images:,} for the test. The seed draws the three parts; they share no image."
    )


def _network_controls() -> None:
    slider("blocks")
    stops("filters")
    segments("kernel_size")
    segments("pooling")
    stops("dense_units")
