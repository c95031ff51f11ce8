"""The learning curves of a run, how a person wants to see them, and what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core import warmup
from core.learning.curve_lines import Axis, CurveView, LossPart
from core.learning.curves import Curves, ran_away
from core.learning.knob_marks import changes_in_words, knob_marks
from core.learning.run_curves import with_settings
from core.learning.smoothing import STRONGEST
from core.learning.what_is_measured import what_is_measured
from core.runs import Run
from core.verdict.marks import marks_of
from core.verdict.records import Kind, Verdict
from pages.shared import state
from pages.shared.live_chart import live_chart
from pages.shared.verdict_view import (
    show_advice,
    show_badge,
    show_evidence,
    show_verdict,
    verdict_on,
)
from pages.shared.weights_view import show_learning_rates, show_weights

_LOSS_HEIGHT = 330
_ACCURACY_HEIGHT = 250
_AXES = {Axis.EPOCH: "Epochs", Axis.STEP: "Steps", Axis.TIME: "Time"}
_PARTS = {
    LossPart.DATA: "Data loss",
    LossPart.TOTAL: "With penalty",
    LossPart.PENALTY: "Penalty alone",
}
_TABS = ("What to try", "How to read it", "Evidence", "Weights")


def show_curves(run: Run, curves: Curves | None, epochs: int | None) -> None:
    """Show the curves of a run with its verdict.

    Parameters
    ----------
    run : Run
    curves : Curves or None
        None, or without any batch, before there is something to draw.
    epochs : int or None
        How many epochs a run under way is to have; None for one that is not trained here and now.
    """
    if curves is None or not len(curves.batches.losses):
        return
    warmup.wait_for_drawing()
    curves = with_settings(curves, run)
    verdict = verdict_on(run, curves)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        show_badge(run, verdict)
        view = _chosen_view(curves)
    _draw(run, curves, epochs, view, marks_of(verdict, curves, view.axis))
    _say_what_is_missing(curves, view)
    if words := what_is_measured(run.settings):
        st.caption(words)
    show_verdict(run, curves, verdict)
    advice, reading, evidence, weights = st.tabs(_TABS, key=state.CURVE_TABS, on_change="rerun")
    if advice.open:
        with advice:
            show_advice(run, verdict)
    if reading.open:
        with reading:
            _show_reading(run, curves, verdict)
    if evidence.open:
        with evidence:
            show_evidence(curves, verdict)
    if weights.open:
        with weights:
            show_learning_rates(run, curves)
            show_weights(run)


def _chosen_view(curves: Curves) -> CurveView:
    for key, default in (
        (state.CURVE_AXIS, Axis.EPOCH),
        (state.LOSS_PART, LossPart.DATA),
        (state.SMOOTHING, 0.0),
        (state.LOGARITHMIC, False),
    ):
        st.session_state.setdefault(key, default)
    with st.popover("Axes and smoothing", icon=":material/tune:"):
        view = _view_controls()
    if view.smoothing:
        state.wait_until_warm()
    if ran_away(curves) and not view.logarithmic:
        st.caption("Logarithmic, since the losses ran away")
        return replace(view, logarithmic=True)
    return view


def _view_controls() -> CurveView:
    axis = st.segmented_control(
        "Horizontal axis",
        list(Axis),
        required=True,
        format_func=_AXES.__getitem__,
        key=state.CURVE_AXIS,
        help="Epochs, optimizer steps, or seconds of training. Within an epoch, time is taken "
        "to pass evenly; its batches appear on the axis of time once it has ended.",
        persist_state="session",
    )
    part = st.segmented_control(
        "Loss",
        list(LossPart),
        required=True,
        format_func=_PARTS.__getitem__,
        key=state.LOSS_PART,
        help="The data loss is the cross-entropy alone. With the L1 and L2 penalty, *Training* "
        "and *Validation* are what Keras prints as `loss` and `val_loss`, as long as labels are "
        "not smoothed and weights not averaged.",
        persist_state="session",
    )
    logarithmic = st.toggle(
        "Logarithmic loss",
        key=state.LOGARITHMIC,
        help="Equal steps on the axis are then equal factors, so that small losses can be told "
        "apart.",
        persist_state="session",
    )
    smoothing = st.slider(
        "Smoothing",
        0.0,
        STRONGEST,
        step=0.05,
        key=state.SMOOTHING,
        help="Each point becomes a mean of itself and those before it; 0.9 is about the last "
        "10. It never looks ahead, and the values as they are stay visible beneath.",
        persist_state="session",
    )
    return CurveView(axis, part, smoothing, logarithmic)


def _draw(run: Run, curves: Curves, epochs: int | None, view: CurveView, marks: object) -> None:
    from core.figures.curves import accuracy_curves, loss_curves

    knobs = knob_marks(run.changes, curves, view.axis)
    turned = f" {changes_in_words(run.changes)}" if knobs else ""
    for name, height, figure in (
        ("loss", _LOSS_HEIGHT, loss_curves),
        ("accuracy", _ACCURACY_HEIGHT, accuracy_curves),
    ):
        live_chart(
            figure(curves, epochs, height, view, marks, knobs),
            key=f"{name} of {run.id}",
            height=height,
            alt=f"Learning curves: the {name} of each batch, the mean while it trains, the fair "
            f"training {name} and the validation {name}, by {view.axis}, of the run {run.name}."
            f"{turned}",
        )


def _say_what_is_missing(curves: Curves, view: CurveView) -> None:
    if view.part is LossPart.DATA:
        return
    penalties = curves.batches.penalties
    if not penalties.any():
        st.caption("This run has neither L1 nor L2: its penalty is 0 throughout.")
    elif np.isnan(penalties).any():
        st.caption(
            "An earlier version of Learnscope trained (part of) this run and did not record the "
            "penalty of each step. Where it is missing, the curves of the batches and of training "
            "have gaps; the others are whole."
        )


def _show_reading(run: Run, curves: Curves, verdict: Verdict | None) -> None:
    if verdict is not None and verdict.kind is Kind.DIVERGED:
        st.markdown(
            "The losses of this run ran away, so what parts one from another says nothing of "
            "dropout or of overfitting."
        )
    elif warmup.ready():
        from core.learning.running_gap import why_they_differ

        if words := why_they_differ(curves.epochs, run.latest_settings):
            st.markdown(f"**Training and fair training in this run.** {words}")
    st.caption(_READING)


_READING = (
    "*Training* is the mean over the epoch's batches, taken while the weights still move and with "
    "dropout on; with the penalty in it, it is what Keras prints. *Fair training* is taken like "
    "*Validation*: at the epoch's end, with dropout off, on as many training images as there are "
    "validation images, or all if they are fewer. So only these two may be compared, and the area "
    "between them is the generalization gap: where the fair training loss falls while the "
    "validation loss rises, the network learns by heart."
)
