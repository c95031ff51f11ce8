"""Where no run pays for its weights: the same settings with a price, trained at one click."""

from __future__ import annotations

import streamlit as st

from core.mechanisms.priced_twin import OFFERED, is_priced, priced
from core.runs import Run
from core.settings import Settings
from pages.shared import state
from pages.shared.weight_sides import Sides


def offer_a_priced_twin(sides: Sides) -> None:
    """Offer it, unless one of the runs pays already or is on its way to be compared with."""
    if any(is_priced(side.run.settings, side.run.changes) for side in sides) or _on_its_way(sides):
        return
    settings, obstacle = sides[0].run.settings, state.library().obstacle
    with st.container(border=True):
        st.markdown(
            "**Weights cost nothing in this run.** Train the same settings with a price on them, "
            "same data and same first weights, and lay the two side by side:"
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            name = st.segmented_control(
                "Price",
                list(OFFERED),
                format_func=lambda name: f"{OFFERED[name].words} {OFFERED[name].strength:g}",
                default="l2",
                required=True,
                key=state.TWIN,
                label_visibility="collapsed",
                help="L2 charges for the squared weights and makes all of them smaller. L1 charges "
                "for the absolute weights and drives most of them to nearly 0.",
            )
            price = OFFERED[name]
            twin = priced(settings, price)
            there = _trained_already(twin)
            pressed = st.button(
                f"Train the same with {price.words}" if there is None else "Lay it beside",
                type="primary",
                icon=":material/play_arrow:" if there is None else ":material/compare:",
                key=state.TRAIN_TWIN,
                disabled=there is None and obstacle is not None,
                help=obstacle if there is None else "There is such a run already.",
            )
    if pressed:
        st.query_params[state.BESIDE] = (
            state.training_queue().submit(twin) if there is None else there.id
        )
        st.rerun()


def _on_its_way(sides: Sides) -> bool:
    """Whether the link asks for a run beside that has no weights yet."""
    wanted = st.query_params.get(state.BESIDE, "none")
    return wanted not in ("none", *(side.run.id for side in sides))


def _trained_already(settings: Settings) -> Run | None:
    """A run of these settings that has weights, or is on its way to have some."""
    runs = state.library().runs()
    return next(
        (
            run
            for run in runs
            if run.settings == settings
            and not run.changes
            and (run.best_epoch is not None or not run.state.ended)
        ),
        None,
    )
