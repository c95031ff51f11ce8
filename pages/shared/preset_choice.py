"""Small experiments in one click, at the top of the controls."""

from __future__ import annotations

import streamlit as st

from core.comparison.seeds import with_seed
from core.settings import CONTROLS, Settings, from_mapping
from core.settings.presets import PRESETS
from pages.shared import state
from pages.shared.setting_controls import put_into_controls

SIDE_BY_SIDE = "pages/regularization/side_by_side.py"


def preset_choice(settings: Settings) -> None:
    """Offer the experiments; of the one that the controls hold, say what to look for.

    Parameters
    ----------
    settings : Settings
        What the controls say.
    """
    seed = settings.optimisation.seed
    held = next((key for key in PRESETS if _settings_of(key, seed) == settings), None)
    st.session_state[state.PRESET] = held
    st.selectbox(
        "Small experiment",
        list(PRESETS),
        format_func=lambda key: PRESETS[key].title,
        key=state.PRESET,
        placeholder="Choose one, and its settings are in the controls",
        on_change=_follow,
        args=(seed,),
        help="Each is a training of some ten seconds with something to see. It sets all controls "
        "but the seed.",
    )
    if held is not None:
        st.info(f"**What to look for:** {PRESETS[held].look_for}", icon=":material/visibility:")
        st.page_link(
            SIDE_BY_SIDE, label="Several of them side by side", icon=":material/stacked_line_chart:"
        )


def _settings_of(key: str, seed: int) -> Settings:
    return with_seed(from_mapping(PRESETS[key].values), seed)


def _follow(seed: int) -> None:
    key = st.session_state[state.PRESET]
    if key is None:
        return
    section = next((CONTROLS[name].section for name in PRESETS[key].changes), "regularization")
    words = f"The controls say the experiment “{PRESETS[key].title}”. Press Train."
    put_into_controls(_settings_of(key, seed), section, words)
