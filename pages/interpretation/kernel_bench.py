"""A bench for kernels: made by hand, put in the place of a learned one, or switched off."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.bench_hand_view import show_hand
from pages.shared.bench_off_view import show_off
from pages.shared.bench_place_view import show_place
from pages.shared.kernel_views import pick_layer
from pages.shared.look_inside import walk_on
from pages.shared.open_tab import show_open_tab, tabs_in_link
from pages.shared.run_picker import pick_network
from pages.shared.weight_sides import drop_wrong_beside

VIEWS = {
    "A kernel by hand": show_hand,
    "In the place of a learned one": show_place,
    "Ablation": show_off,
}


def show_page() -> None:
    """From the run to a layer to what becomes of it with another kernel, or without one."""
    st.title("Kernel bench")
    st.markdown(
        "Make a kernel yourself, put it into the network, or take one out: what does the network "
        "need its kernels for? All of it happens on a copy; your run stays as it is."
    )
    network = pick_network(whole=True)
    layer = pick_layer(network)
    drop_wrong_beside()
    tabs = tabs_in_link(VIEWS, state.BENCH_VIEW)
    show_open_tab(tabs, VIEWS, layer, by_itself=True)
    walk_on(
        network,
        {
            "interpretation/kernels": "Its kernels",
            "interpretation/responses": "What they do to an image",
        },
        layer.name,
    )


show_page()
