"""The kernels of a convolution layer: all of them, how they formed, and what they are."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.kernel_layer_view import show_layer
from pages.shared.kernel_nature_view import show_nature
from pages.shared.kernel_pair_view import show_pair
from pages.shared.kernel_replay_view import show_formation
from pages.shared.kernel_views import pick_layer, show_all
from pages.shared.look_inside import walk_on
from pages.shared.open_tab import show_open_tab, tabs_in_link
from pages.shared.run_picker import pick_network
from pages.shared.weight_sides import drop_wrong_beside

VIEWS = {
    "All kernels": show_all,
    "How they formed": show_formation,
    "What a kernel is": show_nature,
    "The layer as a whole": show_layer,
    "Two runs": show_pair,
}


def show_page() -> None:
    """From the run to a layer to one view of its kernels."""
    st.title("Kernels")
    st.markdown(
        "A kernel is a small pattern of weights. Slid over the image, it answers strongly where "
        "the image looks like it."
    )
    network = pick_network(biases=False)
    layer = pick_layer(network)
    drop_wrong_beside()
    tabs = tabs_in_link(VIEWS, state.KERNEL_VIEW)
    show_open_tab(tabs, VIEWS, layer, by_itself=True)
    walk_on(
        network,
        {
            "interpretation/responses": "What they do to an image",
            "interpretation/layers": "Back to the layers",
        },
        layer.name,
    )


show_page()
