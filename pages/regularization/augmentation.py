"""What augmentation does to images, and what mixing and smoothing do to labels."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.augmentation_views import show_draws
from pages.shared.look_inside import walk_on
from pages.shared.mixing_view import show_mixing
from pages.shared.open_tab import show_open_tab, tabs_in_link
from pages.shared.run_picker import pick_network
from pages.shared.smoothing_view import show_smoothing
from pages.shared.still_training import still_training

VIEWS = {
    "Altered images": show_draws,
    "Mixup and CutMix": show_mixing,
    "Label smoothing": show_smoothing,
}


def show_page() -> None:
    """From the run to its images and labels as a network in training gets them."""
    st.title("Augmentation and labels")
    st.markdown(
        "What can be told to a network in other words it need not learn by heart: the same digit "
        "a little to the left, two images at once, a label that is not quite sure."
    )
    network = pick_network(whole=True)
    still_training([network.run])
    tabs = tabs_in_link(VIEWS, state.ALTERED)
    show_open_tab(tabs, VIEWS, network)
    steps = {
        "learning/predictions": "What this run mistakes",
        "interpretation/kernels": "Its kernels",
    }
    walk_on(network, steps, "")


show_page()
