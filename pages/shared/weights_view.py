"""How the weights of a run moved, layer by layer, and at what learning rate."""

from __future__ import annotations

import streamlit as st

from core.fitting.kernel_movements import movements_in_words, tracks_of
from core.learning.curves import Curves
from core.runs import Run
from core.settings import SCHEDULES
from pages.shared import state
from pages.shared.live_chart import live_chart

_HEIGHT = 240


def show_learning_rates(run: Run, curves: Curves) -> None:
    """Show the learning rate by epoch, where a schedule changes it."""
    schedule = run.settings.optimisation.schedule
    if schedule == "constant" or not curves.epochs:
        return
    from core.figures.learning_rate import learning_rates

    live_chart(
        learning_rates(curves.epochs, _HEIGHT),
        key=f"learning rate of {run.id}",
        height=_HEIGHT,
        alt=f"The learning rate of each epoch of the run {run.name}.",
    )
    st.caption(f"Schedule: {SCHEDULES[schedule].lower()}. Each rate is that of its whole epoch.")


def show_weights(run: Run) -> None:
    """Show the norm of each layer's kernel and the size of its change, by epoch."""
    movements = state.library().movements(run.id)
    if not movements:
        st.caption(
            "How the weights moved was not recorded: an earlier version of Learnscope trained this "
            "run."
            if run.state.ended
            else "How the weights move is shown from the end of the first epoch on."
        )
        return
    from core.figures.movements import change_curves, norm_curves

    tracks = tracks_of(movements)
    for name, figure, alt in (
        ("norms", norm_curves, "The Euclidean norm of each layer's kernel"),
        ("changes", change_curves, "The change of each layer's kernel relative to its norm"),
    ):
        live_chart(
            figure(tracks, _HEIGHT),
            key=f"{name} of {run.id}",
            height=_HEIGHT,
            alt=f"{alt}, by epoch, of the run {run.name}.",
        )
    st.caption(
        f"{movements_in_words(movements)} Taken at each epoch's end; biases and the statistics of "
        "batch normalization are not in it."
    )
