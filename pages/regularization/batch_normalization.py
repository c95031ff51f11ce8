"""What batch normalization does inside a trained network, and where training and test part."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.runs import Run
from core.settings import RegularizationSettings, Settings
from pages.shared import channel_view, company_view, moving_view, shift_view, state
from pages.shared.link_choice import link_choice
from pages.shared.look_inside import walk_on
from pages.shared.normalized import Normalized
from pages.shared.open_tab import show_open_tab, tabs_in_link
from pages.shared.run_picker import Network, pick_network
from pages.shared.runs_with_weights import FirstRun
from pages.shared.still_training import still_training
from pages.shared.train_another import offer_to_train

VIEWS = {
    "One channel": channel_view.show_channel,
    "Moving statistics": moving_view.show_moving,
    "Companions": company_view.show_company,
    "Variance shift": shift_view.show_shift,
}
FIRST = FirstRun(
    Settings(regularization=RegularizationSettings(normalization="batch")),
    "Train a network with batch normalization",
    "Train one first: the default network with batch normalization learns to read handwritten "
    "digits in less than a minute.",
)


def normalizes(run: Run) -> bool:
    """Whether there is a batch normalization in the run's network."""
    return run.settings.regularization.batch_normalization


def offer_normalization(network: Network) -> None:
    """Say that there is nothing to see in this run, and lead to one in which there is."""
    settings = network.run.settings
    offer_to_train(
        replace(settings, regularization=replace(settings.regularization, normalization="batch")),
        "**The network of this run has no batch normalization.** Choose another run above, or "
        "train the same settings with it: same data, same seed, so that it is the only difference.",
        "Train the same with batch normalization",
    )


def show_page() -> None:
    """From the run to one of its normalizations, and what is to be seen of it."""
    st.title("Batch normalization")
    st.markdown(
        "The volume knob of each channel. In training it is set by the images that happen to be in "
        "the batch; afterwards by averages that were kept on the way. Here is what it does, and "
        "what happens where the two part."
    )
    network = pick_network(FIRST, normalizes, whole=True)
    still_training([network.run])
    from core.mechanisms.normalization_passes import normalization_layers

    layers = [layer.name for layer in normalization_layers(network.model)]
    if not layers:
        offer_normalization(network)
        return
    if not {st.query_params.get(state.LAYER), st.session_state.get(state.LAYER)} & set(layers):
        # Further in, batches differ more from each other: there is more to see.
        st.session_state[state.LAYER] = layers[-1]
    layer = link_choice(st.selectbox, state.LAYER, "Layer", layers, width=320)
    seen = Normalized(network, layer)
    tabs = tabs_in_link(VIEWS, state.ASPECT)
    show_open_tab(tabs, VIEWS, seen)
    walk_on(network, {"interpretation/layers": "This layer's weights"}, layer)


show_page()
