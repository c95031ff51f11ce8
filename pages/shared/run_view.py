"""A run on the page: its curves as they grow, and what is to be said of it."""

from __future__ import annotations

import streamlit as st

from core import warmup
from core.errors import LearnscopeError
from core.fitting.breaks import breaks_in_words
from core.fitting.progress import Progress
from core.learning.knob_marks import changes_in_words
from core.learning.run_curves import curves_of_run, figures_of_run
from core.library.search import Search
from core.runs import STALE, Run, State
from core.settings import describe
from pages.shared import state
from pages.shared.faults import faults_in_words
from pages.shared.figure_card import figure_card
from pages.shared.go_on import offer_to_go_on
from pages.shared.knobs import offer_to_turn
from pages.shared.live_chart import live_chart
from pages.shared.look_inside import links_inside
from pages.shared.plain_text import as_typed
from pages.shared.run_curves_view import show_curves
from pages.shared.setting_controls import put_into_controls
from pages.shared.take_out import offer_export

TICK = 0.33
"""Seconds between two looks at a run that is being trained."""
IDLE_TICK = 2.0
"""Seconds between two looks for a run that another tab may have started."""
_ICONS = {
    State.FINISHED: ":material/check_circle:",
    State.STOPPED_EARLY: ":material/front_hand:",
    State.STOPPED: ":material/stop_circle:",
    State.FAILED: ":material/error:",
    State.INTERRUPTED: ":material/power_off:",
}
_HIDDEN = {"visible": False}
_ELSEWHERE = (
    "This run is not trained here. Either another Learnscope with the same run library trains it, "
    f"or it was cut off: then it counts as interrupted after {STALE:.0f} seconds without a sign of "
    "life. What it has stored so far is below."
)


def run_view(pinned: str | None) -> None:
    """Show a run: the one of the link, else the one in training, else the one watched last.

    Parameters
    ----------
    pinned : str or None
        Id of the run in the link.
    """
    with st.container():
        shown = _chosen(pinned)
    waits = state.training_queue().busy()
    elsewhere = not waits and _goes_on(shown)
    # The verdict needs what the warm-up brings.
    cold = not warmup.ready()
    tick = TICK if waits else IDLE_TICK if elsewhere or cold else None
    st.fragment(_show, run_every=tick)(pinned, shown, waits, elsewhere, cold)
    # An ended run is not drawn again and again for the sake of one that may begin.
    st.fragment(_look_out, run_every=None if waits else IDLE_TICK)(waits)


def _chosen(pinned: str | None) -> str | None:
    if pinned is not None:
        try:
            return state.library().run(pinned).id
        except LearnscopeError as error:
            st.warning(str(error), icon=":material/link_off:")
    running = state.training_queue().running()
    if running is not None:
        return running
    waiting = state.training_queue().waiting()
    if waiting:
        return waiting[0]
    watched = st.session_state.get(state.WATCHED)
    if watched is not None and state.library().runs([watched]):
        return str(watched)
    newest = state.library().search(Search(), size=20).runs
    return next((run.id for run in newest if not _never_began(run)), None)


def _never_began(run: Run) -> bool:
    return run.state is State.STOPPED and run.weights is None


def _goes_on(run_id: str | None) -> bool:
    """Whether the run has not ended, whoever trains it."""
    return run_id is not None and not state.library().run(run_id).state.ended


@faults_in_words()
def _look_out(waits: bool) -> None:
    """Have the page drawn anew if a run began in another tab."""
    if not waits and state.training_queue().busy():
        st.rerun()


@faults_in_words()
def _show(pinned: str | None, shown: str | None, waits: bool, elsewhere: bool, cold: bool) -> None:
    queue = state.training_queue()
    began_or_ended = waits != queue.busy() or (elsewhere and not _goes_on(shown))
    began_or_ended = began_or_ended or (cold and warmup.ready())
    if began_or_ended or (pinned is None and queue.running() not in (None, shown)):
        # The rest of the page has something new to say, too.
        st.rerun()
    # Whatever comes and goes above the charts does so in here, so that they keep their places.
    with st.container():
        if trouble := state.library().trouble():
            st.error(trouble, icon=":material/error:")
        if shown is None:
            _invite()
            return
        # In this order: a run that has just left the queue has its end in the library.
        progress = queue.progress(shown)
        run = state.library().run(shown)
        # In a place of its own, for a popover below closes when a line more pushes it down.
        with st.container():
            _show_head(run)
        if progress is not None:
            st.session_state[state.WATCHED] = shown
            _show_progress(run, progress)
        elif run.state.ended:
            _show_end(run)
        else:
            st.info(_ELSEWHERE, icon=":material/hourglass:")
        _show_queue(besides=shown)
    if progress is not None:
        show_curves(run, progress.curves, run.settings.optimisation.epochs)
    else:
        show_curves(run, curves_of_run(state.library(), run), None)


def _invite() -> None:
    with st.container(border=True):
        st.markdown(
            "#### Press **Train** and watch\n"
            "A small network learns to read handwritten digits, in about ten seconds. Its learning "
            "curves grow here: the loss on the images that it learns from, and on images that it "
            "has never seen. Where the two part, it has begun to learn by heart."
        )
    # Fetches plotly.js while there is time, so that the first curve need not wait for it.
    live_chart(
        {"data": [], "layout": {"xaxis": _HIDDEN, "yaxis": _HIDDEN}}, key="first", height=1, alt=""
    )


def _show_head(run: Run) -> None:
    st.markdown(f"#### {as_typed(run.name)}")
    if describe(run.settings) != run.name:
        st.caption(describe(run.settings))
    if words := changes_in_words(run.changes):
        st.caption(words)
    if run.note:
        st.caption(run.note)


def _show_progress(run: Run, progress: Progress) -> None:
    place = state.training_queue().place(run.id)
    words = progress.words if not place else f"Waits in the queue, place {place}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(progress.fraction, 1.0), text=words)
        st.button(
            "Stop",
            key=f"{state.STOP} {run.id}",
            icon=":material/stop:",
            on_click=state.training_queue().stop,
            args=(run.id,),
            help="Ends the run within one batch. The best checkpoint so far is kept, and the run "
            "can go on later.",
        )
        if not place:
            offer_to_turn(run)
    if breaks := breaks_in_words(state.library().events(run.id)):
        st.caption(breaks)


def _show_end(run: Run) -> None:
    box = st.error if run.state in (State.FAILED, State.INTERRUPTED) else st.success
    box(run.sentence, icon=_ICONS.get(run.state))
    offer_to_go_on(run)
    figures = figures_of_run(run)
    if figures:
        with st.container(horizontal=True, gap="xsmall"):
            for figure in figures:
                figure_card(
                    figure.label,
                    figure.value,
                    figure.sample,
                    help=figure.help,
                )
    if run.best_epoch is not None:
        _offer_checkpoint(run)
    else:
        offer_export(run)


def _offer_checkpoint(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        try:
            file = state.library().file(run.id, "best.keras")
        except LearnscopeError as error:
            st.warning(str(error), icon=":material/warning:")
        else:
            st.download_button(
                "Best checkpoint",
                file.read_bytes,
                f"learnscope-{run.id}-best.keras",
                "application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                help="The weights of the best epoch as a .keras file, which "
                "keras.models.load_model reads.",
            )
        offer_export(run)
        _offer_settings(run)
        links_inside(run.id)


def _offer_settings(run: Run) -> None:
    """Put the settings of a run back into the controls, from which it can be trained anew."""
    if st.button(
        "Use these settings",
        key=f"{state.USE_SETTINGS} {run.id}",
        icon=":material/tune:",
        on_click=put_into_controls,
        args=(run.settings, "regularization", "The controls say what this run was trained with."),
        help="Puts the settings of this run into the controls. Below them stand its images, its "
        "network and the same in Keras.",
    ):
        # The controls stand outside of the fragment that this button is in.
        st.rerun()


def _show_queue(besides: str) -> None:
    """The runs that wait; the one that is shown has its place and its button already."""
    queue = state.training_queue()
    waiting = [run_id for run_id in queue.waiting() if run_id != besides]
    if not waiting:
        return
    with st.container(border=True, gap="xsmall"):
        st.markdown("**Waiting for their turn**")
        for run_id in waiting:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"{queue.place(run_id)}. {as_typed(state.library().run(run_id).name)}",
                    width="stretch",
                )
                st.button(
                    "Remove",
                    key=f"{state.REMOVE} {run_id}",
                    on_click=queue.stop,
                    args=(run_id,),
                )
