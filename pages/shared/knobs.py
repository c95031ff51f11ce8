"""Settings of a run that are changed while it trains."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.fitting.turn_requests import TurnRequests
from core.runs import Run
from core.settings import CONTROLS, KNOBS, value_of, values_after, why_fixed
from pages.shared import state
from pages.shared.faults import faults_in_words


def offer_to_turn(run: Run) -> None:
    """Show what can be changed of a run that is being trained here; nothing of any other."""
    turns = state.training_queue().turns(run.id)
    if turns is None:
        return
    with st.popover(
        "Turn a knob",
        icon=":material/instant_mix:",
        help="Changes a regularizer or the learning rate of this run while it trains.",
    ):
        st.caption(
            "In force at the next batch, marked on the curves, and on record with its step: a "
            "resumed run and the exported script do the same."
        )
        now = values_after(run.settings, run.changes)
        held = {}
        # Two beside one another: so the button and its answer are in view with all seven.
        columns = st.columns(2, gap="medium")
        for number, name in enumerate(n for n in KNOBS if not why_fixed(run.settings, n)):
            with columns[number % 2]:
                held[name] = _knob(run, name, now[name])
        _apply_button(run, {name: value for name, value in held.items() if value != now[name]})
        _say_how_it_stands(run, turns)
        _say_what_is_fixed(run)


def _knob(run: Run, name: str, now: float) -> float:
    """As the control of the setting, but for what the run has now; returns what it says."""
    control, key = CONTROLS[name], f"{state.KNOB} {run.id} {name}"
    # Not by way of the session's state: a slider in a popover that is opened later would begin at
    # its lowest value.
    if control.step is not None:
        low, high = float(control.low or 0), float(control.high or 1)
        said = st.slider(control.label, low, high, now, control.step, key=key, help=control.help)
    else:
        stops = {*map(float, control.choices), float(value_of(run.settings, name)), now}
        said = st.select_slider(
            control.label, sorted(stops), now, control.word, key=key, help=control.help
        )
    return float(f"{said:.6g}")


def _apply_button(run: Run, wanted: Mapping[str, float]) -> None:
    if st.button(
        "Apply",
        key=f"{state.TURN} {run.id}",
        type="primary",
        icon=":material/check:",
        disabled=not wanted,
        help="Move a slider first." if not wanted else None,
    ):
        with faults_in_words():
            state.training_queue().turn(run.id, wanted)


def _say_how_it_stands(run: Run, turns: TurnRequests) -> None:
    if turns.trouble:
        st.error(turns.trouble, icon=":material/error:")
    elif waiting := turns.waiting:
        words = (f"{CONTROLS[name].label} {CONTROLS[name].word(waiting[name])}" for name in waiting)
        st.info(
            f"Waits for the next batch that is not on record yet: {', '.join(words)}.",
            icon=":material/hourglass:",
        )
    elif run.changes:
        newest = [one.words for one in run.changes if one.step == run.changes[-1].step]
        st.success(f"In force: {'; '.join(newest)}.", icon=":material/check:")


def _say_what_is_fixed(run: Run) -> None:
    reasons: dict[str, list[str]] = {}
    for name in KNOBS:
        if why := why_fixed(run.settings, name):
            reasons.setdefault(why, []).append(CONTROLS[name].label)
    if reasons:
        lines = [f"- **{', '.join(labels)}**: {why}" for why, labels in reasons.items()]
        st.caption("\n".join(["Fixed in this run:", "", *lines]))
