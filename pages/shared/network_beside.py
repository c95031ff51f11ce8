"""The network of another run, to stand beside the one that a page looks into."""

from __future__ import annotations

import streamlit as st

from core.errors import LearnscopeError
from core.runs import Run
from pages.shared.recorded_epoch import EPOCH, history_of_run
from pages.shared.run_picker import Network, open_network
from pages.shared.weight_sides import pick_beside


def network_beside(network: Network, another: str) -> Network | None:
    """Let the person pick a run to compare with, and open its weights of the same kind.

    As long as none is picked, say what could be, and return None.

    Parameters
    ----------
    network : Network
    another : str
        What the other one could be, in words: ``"without dropout"``.
    """
    beside = pick_beside(network)
    if beside is not None:
        return open_network(beside, _same_weights(network, beside))
    st.info(
        f"Choose another run to compare with: the same settings {another}, say. "
        "“Side by side” trains both from the same first weights and images.",
        icon=":material/compare:",
    )
    st.page_link(
        "pages/regularization/side_by_side.py", label="Side by side", icon=":material/compare:"
    )
    return None


def has_layer(other: Network, layer: str) -> bool:
    """Whether the other network has a convolution layer of that name; if not, it says so."""
    from core.inside.layers import convolution_layers

    known = convolution_layers(other.model)
    if layer not in known:
        st.info(
            f"The other run has no layer {layer}, only {', '.join(known)}. Choose one of these "
            "above, or another run.",
            icon=":material/compare:",
        )
    return layer in known


def _same_weights(network: Network, beside: Run) -> str:
    """Which weights of the run beside are of the same kind."""
    if network.weights.startswith(f"{EPOCH}-"):
        try:
            history = history_of_run(beside)
        except LearnscopeError:
            history = None
        if history is not None and history.kernels and network.epoch in history.epochs:
            return network.weights
    return "last" if network.weights == "last" else "best"
