"""What a run's curves say, what that rests on, and what to try next."""

from __future__ import annotations

import time

import streamlit as st

from core import warmup
from core.data import facts
from core.learning.curves import Curves
from core.runs import Run
from core.settings import CONTROLS, Settings, from_mapping, to_mapping
from core.verdict.records import Advice, Kind, Verdict
from pages.shared import state
from pages.shared.setting_controls import put_into_controls
from pages.shared.setting_widgets import TABS

_PAUSE = 1.0
"""Seconds at least between two verdicts on a run under way."""
_LOOKS = {
    Kind.STILL_LEARNING: ("blue", ":material/trending_down:"),
    Kind.CONVERGED: ("green", ":material/check:"),
    Kind.UNDERFITTING: ("orange", ":material/trending_flat:"),
    Kind.OVERFITTING: ("red", ":material/trending_up:"),
    Kind.MEMORISING: ("red", ":material/psychology_alt:"),
    Kind.DIVERGED: ("red", ":material/crisis_alert:"),
    Kind.TOO_NOISY: ("gray", ":material/help:"),
}


def verdict_on(run: Run, curves: Curves) -> Verdict | None:
    """The verdict on a run; that on one under way may be some epochs old.

    It is made anew for each new epoch, but at most once a second while the run is under way. None
    before the first epoch has ended, or before the warm-up is through.
    """
    if not curves.epochs or not warmup.ready():
        return None
    asked = run.id, len(curves.epochs)
    known, at, verdict = st.session_state.get(state.VERDICT, (None, 0.0, None))
    if known is not None and known[0] == run.id:
        recent = not run.state.ended and time.monotonic() - at < _PAUSE
        if known == asked or recent:
            found: Verdict | None = verdict
            return found
    from core.diagnosis import diagnose_run

    verdict = diagnose_run(curves.epochs, run.latest_settings)
    st.session_state[state.VERDICT] = asked, time.monotonic(), verdict
    return verdict


def show_badge(run: Run, verdict: Verdict | None) -> None:
    """The verdict in a word or two, on a line that is always there."""
    if verdict is None:
        st.badge(_why_none(run), color="gray")
        return
    colour, icon = _LOOKS[verdict.kind]
    since = f" since epoch {verdict.onset}" if verdict.onset is not None else ""
    words = f"{verdict.kind}{since}"
    words = words.capitalize() if run.state.ended else f"So far: {words}"
    st.badge(words, icon=icon, color=colour)


def _why_none(run: Run) -> str:
    """Why there is no verdict: a run that has ended waits for nothing but the warm-up."""
    if not run.state.ended:
        return "No verdict yet"
    if not run.epochs_done:
        return "No verdict: no epoch was completed"
    return "Reading the curves ..."


def show_verdict(run: Run, curves: Curves, verdict: Verdict | None) -> None:
    """The verdict in words, and the best epoch against the last."""
    if verdict is None:
        return
    from core.learning.best_and_last import best_against_last

    images = facts(run.settings.data.dataset).validation_images
    with st.container(border=True, gap="xsmall"):
        st.markdown(verdict.sentence if run.state.ended else f"**So far.** {verdict.sentence}")
        # Of losses that ran away, the difference means nothing.
        words = (
            best_against_last(curves.epochs, images) if verdict.kind is not Kind.DIVERGED else ""
        )
        if words:
            st.caption(words)


def show_advice(run: Run, verdict: Verdict | None) -> None:
    """What to try next, by the control that does it."""
    if not run.state.ended:
        st.caption("Once the run has ended, this says what to try next.")
        return
    if verdict is None:
        st.caption(f"{_why_none(run)}.")
        return
    for advice in verdict.advice:
        what, why = st.columns(2, vertical_alignment="center")
        with what:
            if advice.value is not None:
                _button(run.latest_settings, advice)
        why.markdown(advice.sentence)
    if not verdict.advice:
        st.markdown("Nothing stands out.")
    else:
        st.caption(
            "A button puts this run's settings, with that one changed, into the controls and opens "
            "their tab. Then press **Train**."
        )


def _button(settings: Settings, advice: Advice) -> None:
    control = CONTROLS[advice.control]
    word = control.word(advice.value) if advice.value is not None else ""
    if st.button(
        f"{control.label}: {word}",
        key=f"{state.ADVICE} {advice.control}",
        icon=":material/arrow_forward:",
        width="stretch",
        on_click=_follow,
        args=(settings, advice),
    ):
        # The controls stand outside of the fragment that this button is in.
        st.rerun()


def _follow(settings: Settings, advice: Advice) -> None:
    if advice.value is None:
        return
    control = CONTROLS[advice.control]
    before = control.word(to_mapping(settings)[advice.control])
    put_into_controls(
        from_mapping({**to_mapping(settings), advice.control: advice.value}),
        control.section,
        f"{control.label} is now {control.word(advice.value)} instead of {before}, all else as in "
        f"this run. It stands in the tab {TABS[control.section]}. Press Train.",
    )


def show_evidence(curves: Curves, verdict: Verdict | None) -> None:
    """The numbers that the verdict rests on, and where published criteria would have stopped."""
    if verdict is None:
        st.caption("The numbers come with the verdict.")
        return
    from core.verdict.stopping_words import PAPER, published_stops

    words = [f"{item.words[0].upper()}{item.words[1:]}." for item in verdict.evidence]
    for column, some in zip(st.columns(2), (words[::2], words[1::2]), strict=True):
        column.caption("\n".join(f"- {word}" for word in some))
    stops = published_stops(curves.epochs)
    if stops:
        table = [
            ("Prechelt (1998)", "Stops when", "Here"),
            ("---", "---", "---"),
            *((stop.name, stop.asks, stop.words) for stop in stops),
        ]
        st.caption("\n".join(f"| {' | '.join(row)} |" for row in table))
        st.caption(
            f"{PAPER}. Taken on the validation loss and the fair training loss, without penalty. "
            "These criteria know nothing of noise, so they may stop at a chance rise; the verdict "
            "allows for it."
        )
