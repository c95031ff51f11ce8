"""The ways from a run, or from a page that looks into it, to what its network has learnt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import state

if TYPE_CHECKING:
    from pages.shared.run_picker import Network

_PAGES = {
    "learning/predictions": ("Predictions", "fact_check"),
    "interpretation/layers": ("Layers", "layers"),
    "interpretation/kernels": ("Kernels", "grid_on"),
    "interpretation/responses": ("Responses", "filter_center_focus"),
    "interpretation/excites": ("What excites a kernel", "flare"),
    "interpretation/kernel_bench": ("Kernel bench", "handyman"),
    "interpretation/decision": ("Decision", "my_location"),
    "regularization/dropout": ("Dropout", "blur_on"),
    "regularization/weight_penalties": ("Weight penalties", "weight"),
}
"""What a page is called, and its icon, by its file."""


def links_inside(run_id: str) -> None:
    """Links to the pages that look into the best checkpoint of a run."""
    for page, (label, _) in _PAGES.items():
        _page_link(page, label, {state.RUN: run_id})


def walk_on(network: Network, steps: Mapping[str, str], layer: str) -> None:
    """Links to the pages that come next, on the same network and layer.

    Parameters
    ----------
    network : Network
    steps : mapping of str to str
        From a page's file, as ``"interpretation/kernels"``, to what the link says.
    layer : str
        The layer that is looked at; empty if it is not to be carried along.
    """
    link = network.link
    if layer:
        link[state.LAYER] = layer
    with st.container(horizontal=True):
        for page, label in steps.items():
            _page_link(page, label, link)


def _page_link(page: str, label: str, link: Mapping[str, str]) -> None:
    icon = f":material/{_PAGES[page][1]}:"
    st.page_link(f"pages/{page}.py", label=label, icon=icon, query_params=link)
