"""Two to six settings, trained under the same chance, with their curves in the same charts."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.side_by_side_results import results_side_by_side
from pages.shared.side_by_side_setup import earlier_groups, set_up_side_by_side

st.title("Side by side")
linked = st.query_params.get(state.TOGETHER)
if linked:
    results_side_by_side(linked.split(","))
else:
    st.markdown(
        "What does a regularizer change, and what is mere chance? Here two to six networks learn "
        "from **the same images**, from **the same first weights**, in **the same order of "
        "batches**: the only difference is the regularizer."
    )
    set_up_side_by_side()
    earlier_groups()
