"""Set the regularization, train, and watch the learning curves grow."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.checks import cautions, checked_plan
from core.data import facts
from core.errors import LearnscopeError
from core.network import NetworkPlan
from core.settings import Settings
from pages.shared import state
from pages.shared.before_training import before_training, sizes_in_words
from pages.shared.faults import faults_in_words
from pages.shared.preset_choice import preset_choice
from pages.shared.run_view import run_view
from pages.shared.setting_controls import setting_controls
from pages.shared.settings_link import (
    adopt_settings_of_run,
    read_link,
    show_link_trouble,
    write_link,
)
from pages.shared.train_button import train_button


def plan_or_refusal(settings: Settings, refusals: Sequence[str]) -> NetworkPlan | None:
    """The network to be, or the sentences on why it cannot be."""
    for refusal in refusals:
        st.error(refusal, icon=":material/block:")
    if refusals:
        return None
    try:
        plan = checked_plan(settings, facts(settings.data.dataset))
    except LearnscopeError as error:
        st.error(str(error), icon=":material/block:")
        return None
    for caution in cautions(settings, plan):
        show = st.warning if caution.grave else st.info
        show(caution.sentence, icon=":material/warning:" if caution.grave else ":material/info:")
    return plan


st.title("Train")
st.markdown("Choose how the network is kept from learning by heart, press **Train**, and watch it.")
adopt_settings_of_run()
is_new_link = read_link()
link_trouble = st.container()
left, right = st.columns([2, 3], gap="medium")
with left:
    top = st.container()
    settings, refusals = setting_controls()
    with top:
        preset_choice(settings)
    button = st.container()
    plan = plan_or_refusal(settings, refusals)
    if plan is not None:
        st.caption(sizes_in_words(settings, plan))
    with button:
        train_button(settings, disabled=plan is None)
write_link(settings, just_read=is_new_link)
with link_trouble:
    show_link_trouble()
with right, faults_in_words():
    run_view(st.query_params.get(state.RUN))
before_training(settings, plan)
