"""Dropout on a chosen run: who falls silent, what that does, and what many such networks know."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.dropout_average_view import show_averages
from pages.shared.dropout_doubt_view import show_doubt
from pages.shared.dropout_mean_view import show_mean
from pages.shared.dropout_ridge_view import show_ridge
from pages.shared.dropout_scene import Scene, pick_rates, say_how_trained, silences_maps
from pages.shared.dropout_step_view import show_step
from pages.shared.image_source import pick_image, show_image
from pages.shared.look_inside import walk_on
from pages.shared.open_tab import show_open_tab, tabs_in_link
from pages.shared.run_picker import pick_network
from pages.shared.still_training import still_training

VIEWS = {
    "One training step": show_step,
    "Mean and spread": show_mean,
    "One network or many": show_averages,
    "How unsure it is": show_doubt,
    "As ridge regression": show_ridge,
}


def show_page() -> None:
    """From the run to an image and the rates to what dropout does with them."""
    st.title("Dropout")
    st.markdown(
        "In every training step, units fall silent at random, so that none can rely on its "
        "neighbours: an orchestra that still has to carry the tune, whoever is missing today. "
        "After training, all play."
    )
    network = pick_network(whole=True)
    still_training([network.run])
    from core.inside.layers import input_shape
    from core.mechanisms.places import cut_open

    cut = cut_open(network.model, silences_maps(network))
    shape = input_shape(network.model)
    say_how_trained(network, cut)
    left, right = st.columns([1, 2], gap="medium")
    with left:
        rates = pick_rates(network, cut)
        source = pick_image(network.run, shape)
        image = source.at_network_size(shape)
        show_image(image, f"{source.title}, as the network gets it", source.title)
    scene = Scene(network, cut, rates, image, source.title)
    with right:
        tabs = tabs_in_link(VIEWS, state.DROPOUT_VIEW)
        show_open_tab(tabs, VIEWS, scene)
    walk_on(network, {"interpretation/layers": "The layers"}, "")


show_page()
