"""The ways from a run to what its network has learnt."""

from __future__ import annotations

import streamlit as st

from pages.shared import state

_PAGES = (
    ("Predictions", "learning/predictions", ":material/fact_check:"),
    ("Layers", "interpretation/layers", ":material/layers:"),
    ("Kernels", "interpretation/kernels", ":material/grid_on:"),
    ("Responses", "interpretation/responses", ":material/filter_center_focus:"),
    ("What excites a kernel", "interpretation/excites", ":material/flare:"),
    ("Kernel bench", "interpretation/kernel_bench", ":material/handyman:"),
    ("Decision", "interpretation/decision", ":material/my_location:"),
    ("Dropout", "regularization/dropout", ":material/blur_on:"),
    ("Weight penalties", "regularization/weight_penalties", ":material/weight:"),
)


def links_inside(run_id: str) -> None:
    """Links to the pages that look into the best checkpoint of a run."""
    for label, page, icon in _PAGES:
        link = {state.RUN: run_id}
        st.page_link(f"pages/{page}.py", label=label, icon=icon, query_params=link)
