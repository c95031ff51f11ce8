"""The masks of one training step over the network's units, step by step or playing."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.dropout_scene import Scene
from pages.shared.faults import faults_in_words
from pages.shared.live_chart import live_chart

_TICK = 0.8
"""Seconds between two steps that play."""
_BOARD, _ANSWERS = 420, 250
"""Heights in pixels."""


def show_step(scene: Scene) -> None:
    """Draw the units and play the steps."""
    playing = bool(st.session_state.get(state.PLAYING, False))
    st.fragment(_show, run_every=_TICK if playing else None)(scene, playing)
    run = scene.network.run
    from core.mechanisms.dropout import networks_met

    met = networks_met(run.epochs_done, run.settings.data.training_images)
    st.caption(
        "Blue: the unit plays, the bluer the louder, each layer on a scale of its own; orange: it "
        "is silent in this step. What still plays is turned up by 1 / (1 - rate), so that the "
        "next layer hears about as much as before. Each image of each step gets masks of its own, "
        f"so {run.epochs_done} epochs of {run.settings.data.training_images:,} images meet at most "
        f"{met:,} thinned networks, all of which share one set of weights. These masks are drawn "
        f"as training draws them, from the seed {scene.seed}; those of the training itself are "
        "not kept."
    )


@faults_in_words()
def _show(scene: Scene, playing: bool) -> None:
    from core.mechanisms.unit_board import STEPS

    if bool(st.session_state.get(state.PLAYING, False)) != playing:
        # Whether this part is called again by itself is decided where it is called.
        st.rerun()
    if playing:
        _go_on(STEPS)
    st.session_state.setdefault(state.STEP, 1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Pause" if playing else "Play",
            icon=":material/pause:" if playing else ":material/play_arrow:",
            key=state.PLAY,
            on_click=_toggle,
            args=(STEPS,),
        )
        step = st.slider("Training step", 1, STEPS, key=state.STEP, on_change=_pause, width=420)
    _draw(scene, int(step))


def _go_on(steps: int) -> None:
    step = st.session_state.get(state.STEP, 0) + 1
    if step > steps:
        _pause()
        st.rerun()
    st.session_state[state.STEP] = step


def _toggle(steps: int) -> None:
    st.session_state[state.PLAYING] = not st.session_state.get(state.PLAYING, False)
    if st.session_state[state.PLAYING] and st.session_state.get(state.STEP) == steps:
        st.session_state[state.STEP] = 0


def _pause() -> None:
    st.session_state[state.PLAYING] = False


def _draw(scene: Scene, number: int) -> None:
    from core.figures.dropout import answers_figure, board_figure
    from core.mechanisms.dropout import superscript, thinned_networks
    from core.mechanisms.monte_carlo import answers_alone
    from core.mechanisms.unit_board import draw_step

    step = draw_step(scene.cut, scene.rates, scene.image, scene.seed, number)
    whole = answers_alone(scene.cut, scene.image)
    expected = scene.cut.expected_silent(scene.rates)
    st.markdown(
        f"**{step.silent:,} of {step.units:,}** units are silent in this step ({expected:,.0f} on "
        f"average). Each may play or not, which makes 2{superscript(step.units)} = "
        f"**{thinned_networks(step.units)} thinned networks**; this is one of them."
        if step.units
        else "At rate 0 no unit falls silent: there is but one network. Move a slider."
    )
    live_chart(
        board_figure(step, _BOARD, f"step {number}, {scene.epoch}, {scene.under}").to_dict(),
        key="units",
        height=_BOARD,
        alt=f"The units of the network in training step {number}: {step.silent} of "
        f"{step.units} are silent. " + "; ".join(band.words for band in step.bands),
    )
    names = scene.class_names
    said = names[int(step.thinned.argmax())], names[int(whole.argmax())]
    live_chart(
        answers_figure(step.thinned, whole, names, _ANSWERS).to_dict(),
        key="answers",
        height=_ANSWERS,
        alt=f"Probabilities by class: the thinned network says {said[0]} "
        f"({step.thinned.max():.0%}), the whole one {said[1]} ({whole.max():.0%}).",
    )
