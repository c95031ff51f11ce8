"""The kernels of a convolution layer: all of them, how they formed, and what they are."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.faults import faults_in_words
from pages.shared.kernel_layer_view import show_layer
from pages.shared.kernel_nature_view import show_nature
from pages.shared.kernel_pair_view import show_pair
from pages.shared.kernel_replay_view import show_formation
from pages.shared.kernel_views import Layer, show_all
from pages.shared.link_choice import link_choice
from pages.shared.run_picker import pick_network, walk_on

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
    from core.inside.layers import kernels_of, layers_with_kernels

    names = layers_with_kernels(network.model)
    name = link_choice(st.selectbox, state.LAYER, "Layer", names, width=260)
    layer = Layer(network, name, kernels_of(network.model, name)[0])
    tabs = st.tabs(list(VIEWS), key=state.KERNEL_VIEW, bind="query-params")
    for tab, view in zip(tabs, VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                # A moved slider has only its own view drawn anew.
                st.fragment(faults_in_words()(view))(layer)
    walk_on(
        network,
        [
            (
                "pages/interpretation/responses.py",
                "What they do to an image",
                "filter_center_focus",
            ),
            ("pages/interpretation/layers.py", "Back to the layers", "layers"),
        ],
        name,
    )


show_page()
