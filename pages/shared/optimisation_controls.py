"""The controls of how the weights are moved; what is seldom touched is folded."""

from __future__ import annotations

import streamlit as st

from core.settings import OptimisationSettings
from pages.shared.setting_groups import group
from pages.shared.setting_widgets import choice, number, segments, stops, value_held

_SCHEDULE = ("schedule", "schedule_factor", "schedule_epochs", "schedule_patience")
_STEADYING = ("gradient_clipping", "averaging", "averaging_momentum", "averaging_start")


def optimisation_controls() -> None:
    """Show them; what means nothing as the others stand is not there."""
    choice("optimizer")
    if value_held("optimizer") == "sgd":
        stops("momentum")
    if value_held("optimizer") == "adamw":
        stops("weight_decay")
    stops("learning_rate")
    stops("batch_size")
    left, right = st.columns(2)
    with left:
        number("epochs")
    with right:
        number("seed")
    with group("Learning-rate schedule", _SCHEDULE):
        _schedule_controls()
    with group("Clipping and averaging", _STEADYING):
        stops("gradient_clipping")
        segments("averaging")
        if value_held("averaging") == "ema":
            stops("averaging_momentum")
        if value_held("averaging") == "swa":
            stops("averaging_start")
            _averaged_epochs()


def _averaged_epochs() -> None:
    """Which epochs are averaged; a number of epochs that cannot be is refused elsewhere."""
    epochs, start = int(value_held("epochs")), float(value_held("averaging_start"))
    first = OptimisationSettings(epochs=epochs, averaging_start=start).first_averaged_epoch
    if epochs >= first:
        st.caption(f"Averaged are the weights after epochs {first} to {epochs}.")


def _schedule_controls() -> None:
    choice("schedule")
    schedule = value_held("schedule")
    if schedule in ("step", "plateau"):
        stops("schedule_factor")
    if schedule == "step":
        number("schedule_epochs")
    if schedule == "plateau":
        number("schedule_patience")
