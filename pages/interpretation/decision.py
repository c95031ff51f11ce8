"""Where a decision came from: which pixels made the network say this, and are the maps right?"""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.decision_deletion_view import show_deletion
from pages.shared.decision_maps_view import show_answer, show_maps
from pages.shared.decision_sanity_view import show_sanity
from pages.shared.decision_scene import ask
from pages.shared.image_source import pick_image, show_image
from pages.shared.look_inside import walk_on
from pages.shared.open_tab import show_open_tab, tabs_in_link
from pages.shared.run_picker import pick_network

VIEWS = {
    "The maps": show_maps,
    "Sanity check": show_sanity,
    "Deletion and insertion": show_deletion,
}


def show_page() -> None:
    """From the run to an image to its answer, the maps, and the two checks on them."""
    st.title("Decision")
    st.markdown("Which pixels made the network say this? Four methods, and two checks on them.")
    network = pick_network(whole=True)
    from core.inside.layers import chain, input_shape

    chain(network.model)  # Refuses a network with branches before anything is asked about it.
    shape = input_shape(network.model)
    left, right = st.columns([2, 3], gap="large")
    with left:
        source = pick_image(network.run, shape)
        image = source.at_network_size(shape)
        show_image(image, f"{source.title}, as the network gets it", source.title)
    with right:
        scene = ask(network, image, source.title)
        tabs = tabs_in_link(VIEWS, state.DECISION_VIEW)
    with left:
        show_answer(scene)
    with right:
        show_open_tab(tabs, VIEWS, scene)
    walk_on(
        network,
        {
            "interpretation/responses": "What its kernels answer",
            "interpretation/layers": "The layers",
        },
        scene.question.layer,
    )


show_page()
