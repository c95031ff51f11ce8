"""What a price on the weights does to them: L1, L2 and weight decay on a chosen run."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.dead_kernels_view import show_dead
from pages.shared.decay_view import show_decay
from pages.shared.look_inside import walk_on
from pages.shared.open_tab import show_open_tab, tabs_in_link
from pages.shared.penalty_share_view import show_share
from pages.shared.priced_twin_offer import offer_a_priced_twin
from pages.shared.pruning_view import show_pruning
from pages.shared.scale_view import show_scale
from pages.shared.small_weights_view import show_small
from pages.shared.still_training import still_training
from pages.shared.weight_histogram_view import show_histograms
from pages.shared.weight_sides import pick_sides

VIEWS = {
    "All weights": show_histograms,
    "Small weights": show_small,
    "Share of the loss": show_share,
    "Dead kernels": show_dead,
    "Pruning": show_pruning,
    "L2 or weight decay": show_decay,
    "Before normalization": show_scale,
}


def show_page() -> None:
    """From the run, and another one beside it, to what became of their weights."""
    st.title("Weight penalties")
    st.markdown(
        "Put a price on large weights, and the network keeps only those that earn it. **L2** "
        "charges for squares and shrinks all of them; **L1** charges for absolute values and "
        "drives most to nearly nothing; **weight decay** shrinks them apart from the loss."
    )
    sides = pick_sides()
    still_training([side.run for side in sides])
    offer_a_priced_twin(sides)
    tabs = tabs_in_link(VIEWS, state.PENALTY_VIEW)
    show_open_tab(tabs, VIEWS, sides, by_itself=True)
    walk_on(
        sides[0].network,
        {
            "interpretation/kernels": "Its kernels",
            "interpretation/layers": "Its layers",
        },
        "",
    )


show_page()
