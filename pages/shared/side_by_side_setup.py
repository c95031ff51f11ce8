"""What is to stand side by side: a base, and a card for each setting."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.checks import checked_plan
from core.comparison.named_groups import group_tag, named_groups
from core.comparison.overlay import SEEN_ELSEWHERE, as_in_the_experiment
from core.comparison.side_by_side import MOST, settings_side_by_side, to_link
from core.data import facts
from core.errors import LearnscopeError
from core.library.names import names_to_choose_by
from core.runs import Run
from core.settings import CONTROLS, Settings, checked, describe, from_mapping
from core.settings.presets import PRESETS
from pages.shared import state
from pages.shared.faults import faults_in_words
from pages.shared.link_choice import link_choice
from pages.shared.plain_text import as_typed
from pages.shared.variant_cards import add_card, variant_cards

PAGE = "pages/regularization/side_by_side.py"
_BASES = {
    "none": "Small experiment: the default network, 30 % of the labels wrong",
    "overfit": "Overfit on purpose: few images, a wide network",
    "controls": "What the controls of the page Train say",
}
_NEWEST = 30
"""Runs that are offered as a base."""


def set_up_side_by_side() -> None:
    """Choose, and train with one press."""
    base = _base()
    variants = variant_cards(base)
    st.query_params[state.VARIANTS] = to_link(variants)
    refusal, many = "", []
    try:
        many = settings_side_by_side(base, variants)
        for settings in many:
            checked_plan(settings, facts(settings.data.dataset))
    except LearnscopeError as error:
        refusal = str(error)
    starts = [(made, variant.start) for made, variant in zip(many, variants, strict=False)]
    if not all(as_in_the_experiment(made, PRESETS[key]) for made, key in starts if key in PRESETS):
        st.caption(f"What the cards say: {SEEN_ELSEWHERE[0].lower()}{SEEN_ELSEWHERE[1:]}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Train side by side",
            type="primary",
            icon=":material/play_arrow:",
            disabled=bool(refusal) or state.library().obstacle is not None,
            on_click=_train,
            args=(many, [variant.title for variant in variants]),
        )
        st.button(
            "Add a setting",
            icon=":material/add:",
            on_click=add_card,
            disabled=len(variants) >= MOST,
        )
        st.text_input(
            "Name of the group",
            key=state.GROUP_NAME,
            placeholder="a number",
            max_chars=22,
            width=220,
            help="The runs are found again by this name: here, and as a tag on the page Runs.",
        )
    if refusal:
        st.error(refusal, icon=":material/block:")


def _base() -> Settings:
    runs = {run.id: run for run in state.library().runs()}
    wanted = st.query_params.get(state.BASE)
    offered = [run_id for place, run_id in enumerate(runs) if place < _NEWEST or run_id == wanted]
    names = names_to_choose_by(runs[run_id] for run_id in offered)
    chosen = link_choice(
        st.selectbox,
        state.BASE,
        "Everything but the regularizers",
        [*_BASES, *offered],
        lambda key: _BASES[key] if key in _BASES else f"As the run “{names[key]}”",
        help="Images, network, optimizer, epochs and seed are those of the base, in all settings.",
    )
    base = _of_controls() if chosen == "controls" else None
    if base is None:
        base = runs[chosen].settings if chosen in runs else from_mapping(PRESETS[chosen].values)
    known, optimisation = facts(base.data.dataset), base.optimisation
    st.caption(
        f"{known.title}: {base.data.training_images:,} training images, "
        f"{base.data.wrong_labels:.0%} of their labels wrong on purpose. "
        f"{base.network.blocks} convolution blocks, {base.network.dense_units} dense units; "
        f"{optimisation.epochs} epochs with {CONTROLS['optimizer'].word(optimisation.optimizer)}; "
        f"seed {optimisation.seed}."
    )
    return base


def _of_controls() -> Settings:
    """What the page Train has been told in this session; what cannot be is at its default."""
    values = {}
    for name, control in CONTROLS.items():
        try:
            held = st.session_state.get(state.setting_key(name), control.default)
            values[name] = checked(control, held)
        except LearnscopeError:
            values[name] = control.default
    return from_mapping(values)


@faults_in_words()
def _train(many: Sequence[Settings], names: Sequence[str]) -> None:
    train_together(many, names, st.session_state.get(state.GROUP_NAME, ""))


def train_together(many: Sequence[Settings], names: Sequence[str], group: str) -> None:
    """Queue runs as a group of this name, or one like it, and open it.

    Raises
    ------
    LearnscopeError
        If the library cannot take them.
    """
    library, queue, ids = state.library(), state.training_queue(), []
    tag = group_tag(group, library.tags())
    for settings, name in zip(many, names, strict=True):
        run_id = queue.submit(settings, name)
        library.tag(run_id, [tag])
        ids.append(run_id)
    open_group(ids)
    st.session_state[state.GROUP_NAME] = ""


def open_group(ids: Sequence[str]) -> None:
    """Let the address say that these runs stand side by side, and nothing else."""
    st.query_params.from_dict({state.TOGETHER: ",".join(ids)})


def earlier_groups() -> None:
    """Links to the groups that were trained before."""
    groups = named_groups(state.library().runs())
    if not groups:
        return
    st.subheader("Trained before")
    for name, runs in list(groups.items())[:10]:
        st.page_link(
            PAGE,
            label=f"**Group {as_typed(name)}** · {_of_group(runs)}",
            icon=":material/stacked_line_chart:",
            query_params={state.TOGETHER: ",".join(run.id for run in runs)},
        )


def _of_group(runs: Sequence[Run]) -> str:
    return as_typed(" | ".join(run.name or describe(run.settings) for run in runs))
