"""The frame: one page config, the navigation, and the page that was asked for."""

from __future__ import annotations

import streamlit as st

from core import warmup
from pages.shared.faults import faults_in_words
from pages.shared.library_door import library_is_open
from pages.shared.ticks import let_no_tick_press

# An emoji, since the browser would fetch a Material icon for the tab from another host.
st.set_page_config(page_title="Learnscope", page_icon="🔬", layout="wide")
let_no_tick_press()


def front_door() -> None:
    """Streamlit shows its default page at "/" only; each of ours is to have a path of its own."""
    st.switch_page(train, query_params=st.query_params.to_dict())


door = st.Page(front_door, url_path="home", default=True, visibility="hidden")
train = st.Page(
    "pages/learning/train.py", title="Train", icon=":material/model_training:", url_path="train"
)
# Streamlit leaves room for a tool bar of three lines above each title; ours has one. Its strip of
# tabs runs off a narrow screen, with the open one perhaps out of sight; ours goes on below.
st.html(
    "<style>.stMainBlockContainer { padding-top: 3.5rem; }"
    ".stTabs [role=tablist] { flex-wrap: wrap; row-gap: 0; }</style>"
)
page = st.navigation(
    {
        "": [door],
        "Learning": [
            train,
            st.Page("pages/learning/runs.py", title="Runs", icon=":material/history:"),
            st.Page(
                "pages/learning/predictions.py",
                title="Predictions",
                icon=":material/fact_check:",
            ),
        ],
        "Regularization": [
            st.Page(
                "pages/regularization/side_by_side.py",
                title="Side by side",
                icon=":material/stacked_line_chart:",
                url_path="side-by-side",
            ),
            st.Page("pages/regularization/dropout.py", title="Dropout", icon=":material/blur_on:"),
            st.Page(
                "pages/regularization/batch_normalization.py",
                title="Batch normalization",
                icon=":material/equalizer:",
                url_path="batch-normalization",
            ),
            st.Page(
                "pages/regularization/weight_penalties.py",
                title="Weight penalties",
                icon=":material/weight:",
                url_path="weight-penalties",
            ),
            st.Page(
                "pages/regularization/augmentation.py",
                title="Augmentation and labels",
                icon=":material/auto_awesome:",
            ),
        ],
        "Interpretation": [
            st.Page("pages/interpretation/layers.py", title="Layers", icon=":material/layers:"),
            st.Page("pages/interpretation/kernels.py", title="Kernels", icon=":material/grid_on:"),
            st.Page(
                "pages/interpretation/responses.py",
                title="Responses",
                icon=":material/filter_center_focus:",
            ),
            st.Page(
                "pages/interpretation/kernel_bench.py",
                title="Kernel bench",
                icon=":material/handyman:",
                url_path="kernel-bench",
            ),
            st.Page(
                "pages/interpretation/excites.py",
                title="What excites a kernel",
                icon=":material/flare:",
                url_path="excites",
            ),
            st.Page(
                "pages/interpretation/decision.py",
                title="Decision",
                icon=":material/my_location:",
            ),
        ],
    }
)
try:
    with faults_in_words():
        if page is door or library_is_open(page.title):
            page.run()
finally:
    # After the page, so that its first paint waits for no import; see the rule in core/warmup.py.
    if page is not door:
        warmup.start()
