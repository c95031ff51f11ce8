"""What a kernel answers to most: gratings, real images, and a picture made for it."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.excites_climb_view import show_climb
from pages.shared.excites_images_view import show_images
from pages.shared.excites_scene import Scene
from pages.shared.excites_tuning_view import show_tuning
from pages.shared.kernel_views import pick_layer
from pages.shared.link_choice import link_choice
from pages.shared.look_inside import walk_on
from pages.shared.open_tab import show_open_tab, tabs_in_link
from pages.shared.run_picker import pick_network

VIEWS = {
    "Tuning curve": show_tuning,
    "Images and patches": show_images,
    "The picture that excites it most": show_climb,
}


def show_page() -> None:
    """From the run to a filter to what excites it."""
    st.title("What excites a kernel")
    st.markdown(
        "What does this filter look for? Show it stripes, real images, and a picture made for it."
    )
    network = pick_network()
    from core.inside.kernels import order

    with st.container(horizontal=True, vertical_alignment="bottom"):
        layer = pick_layer(network)
        filters = [str(number) for number in order(layer.kernels)]
        number = link_choice(
            st.selectbox,
            state.KERNEL,
            "Filter",
            filters,
            width=160,
            help="Those with the largest weights first. A filter is all the kernels, one for each "
            "input channel, whose answers are summed into one map.",
        )
    scene = Scene(network, layer.name, int(number), layer.kernels)
    tabs = tabs_in_link(VIEWS, state.EXCITES_VIEW)
    show_open_tab(tabs, VIEWS, scene, by_itself=True)
    walk_on(
        network,
        {
            "interpretation/kernels": "Its kernels in numbers",
            "interpretation/responses": "Its map of an image",
        },
        layer.name,
    )


show_page()
