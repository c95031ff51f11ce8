"""The button that trains: once, or several times with one seed after another."""

from __future__ import annotations

import streamlit as st

from core.comparison.seeds import DRAWN_BY_SEED, MOST_REPEATS, over_seeds
from core.errors import LearnscopeError
from core.settings import Settings
from pages.shared import state

RUNS = "pages/learning/runs.py"


def train_button(settings: Settings, disabled: bool) -> None:
    """Offer to train these settings, and say what several times means.

    Parameters
    ----------
    settings : Settings
        Of the first run; each further one has the next seed.
    disabled : bool
        Whether these settings cannot be trained.
    """
    st.session_state.setdefault(state.REPEATS, 1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.container()
        times = st.number_input(
            "Times",
            1,
            MOST_REPEATS,
            key=state.REPEATS,
            width=120,
            help=f"Trains these settings several times, up to {MOST_REPEATS}, each time with the "
            f"next seed. The seed draws {DRAWN_BY_SEED}. So you see how much of a difference "
            "is chance: one run alone does not tell.",
            persist_state="session",
        )
        place.button(
            "Train" if times == 1 else f"Train {times} times",
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            disabled=disabled,
            on_click=_train,
            args=(settings, times),
        )
    if times > 1:
        first = settings.optimisation.seed
        st.caption(
            f"{times} runs one after the other, with the seeds {first} to {first + times - 1}. On "
            "the page Runs they are one group, with a mean and a band."
        )
    _offer_comparison()


def _train(settings: Settings, times: int) -> None:
    """Queue the runs, and look at whatever is being trained."""
    st.query_params.pop(state.RUN, None)
    queued: list[str] = []
    st.session_state[state.REPEATED] = queued
    try:
        for one in over_seeds(settings, times):
            queued.append(state.training_queue().submit(one))
        # On a phone the curves grow below the controls, out of sight.
        st.toast("Training: the curves grow beside or below the settings.", icon="🔬")
    except LearnscopeError as error:
        kept = f" Queued before that: {len(queued)} of {times} runs." if queued else ""
        st.error(f"{error}{kept}", icon=":material/error:")


def _offer_comparison() -> None:
    """The way to the runs that were queued together last."""
    together = st.session_state.get(state.REPEATED, ())
    if len(together) > 1:
        st.page_link(
            RUNS,
            label=f"Compare the {len(together)} runs that you started together",
            icon=":material/compare_arrows:",
            query_params={state.COMPARE: ",".join(together)},
        )
