"""A trained network layer by layer: what each does, how far it sees, what it costs, who is dead."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.layers_activity_view import show_activity
from pages.shared.layers_diagram import layers_diagram
from pages.shared.layers_flow_view import show_flow
from pages.shared.layers_layer_view import show_layer
from pages.shared.layers_reach_view import show_cost, show_reach
from pages.shared.layers_scene import Scene
from pages.shared.link_choice import link_choice
from pages.shared.look_inside import walk_on
from pages.shared.open_tab import show_open_tab, tabs_in_link
from pages.shared.run_picker import pick_network

VIEWS = {
    "The layer": show_layer,
    "What flows through": show_flow,
    "How far it sees": show_reach,
    "What it costs": show_cost,
    "How active it is": show_activity,
}


def show_page() -> None:
    """From the run to its layers to one of them."""
    st.title("Layers")
    st.markdown("What stands between an image and a decision: every layer of a trained network.")
    network = pick_network(whole=True)
    from core.inside.layers import convolution_layers, input_shape, layer_table

    input_shape(network.model)  # refuses a network that takes no images
    names = [row.name for row in layer_table(network.model)]
    left, right = st.columns([2, 5], gap="large")
    with right:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            layer = link_choice(st.selectbox, state.LAYER, "Layer", names, width=240)
            walk_on(
                network,
                {
                    "interpretation/kernels": "Its kernels",
                    "interpretation/responses": "What they do to an image",
                },
                layer if layer in convolution_layers(network.model) else "",
            )
        tabs = tabs_in_link(VIEWS, state.LAYERS_VIEW)
    with left:
        layers_diagram(network, layer)
    scene = Scene(network, layer)
    show_open_tab(tabs, VIEWS, scene)


show_page()
