"""How many weights are smaller than a threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.figure_card import figure_card
from pages.shared.recorded_epoch import history_of_run
from pages.shared.weight_sides import Key, Side, Sides


def show_small(sides: Sides) -> None:
    """By layer, by threshold, and by epoch."""
    from core.mechanisms.small_weights import THRESHOLDS, small_weights

    threshold = st.select_slider(
        "Small is below",
        THRESHOLDS,
        value=0.001,
        format_func=lambda number: f"{number:g}",
        key=state.THRESHOLD,
        persist_state="session",
    )
    found = {side.name: small_weights(side.kernels, threshold) for side in sides}
    with st.container(horizontal=True, gap="small"):
        for name, small in found.items():
            figure_card(
                name,
                f"{small.total:.1%}",
                f"exactly 0: {small.zeros:,} of {small.weights:,}",
                width="stretch",
            )
    left, right = st.columns(2)
    with left:
        _show_by_layer(sides, found, threshold)
    with right:
        _show_by_threshold(sides, threshold)
    _show_by_epoch(sides, threshold)
    st.caption(
        f"All kernels of the {sides[0].network.words}; biases and normalizations are "
        "left out. **L2** pulls a weight the less the smaller it is: all shrink, few vanish. "
        "**L1** pulls all alike: weights that earn nothing pile up next to 0, while the useful "
        "ones stay large. Hardly any is *exactly* 0, since every step of the optimizer jumps a "
        "little over it; so small means below a threshold. Under Adam, L2 too takes weights to "
        "nearly 0 that get no other gradient, those of dead units."
    )


def _show_by_layer(sides: Sides, found: dict[str, Any], threshold: float) -> None:
    from core.figures.penalties import small_by_layer_figure

    words = "; ".join(f"{name} {small.total:.1%}" for name, small in found.items())
    st.plotly_chart(
        small_by_layer_figure(found, threshold, f"{sides[0].network.words}, by layer"),
        key="small by layer",
        config=PLAIN,
        alt=f"Share of weights below {threshold:g} by layer. Of all kernels: {words}.",
    )


def _show_by_threshold(sides: Sides, threshold: float) -> None:
    from core.figures.penalties import small_by_threshold_figure
    from core.mechanisms.small_weights import CURVE

    shares = {side.name: _shares(side.key, side) for side in sides}
    st.plotly_chart(
        small_by_threshold_figure(CURVE, shares, threshold, "All kernels together"),
        key="small by threshold",
        config=PLAIN,
        alt="Share of all weights below each threshold from a millionth to 10.",
    )


@st.cache_resource(show_spinner=False, max_entries=8)
def _shares(key: Key, _side: Side) -> np.ndarray:
    from core.mechanisms.small_weights import shares_below

    return shares_below(_side.kernels)


def _show_by_epoch(sides: Sides, threshold: float) -> None:
    from core.figures.penalties import small_by_epoch_figure
    from core.mechanisms.small_weights import shares_over_epochs

    histories = {side.name: history_of_run(side.run) for side in sides}
    recorded = {
        name: history
        for name, history in histories.items()
        if history is not None and history.kernels
    }
    if not recorded:
        st.info("No kernels were recorded while these networks trained.", icon=":material/info:")
        return
    lines = {
        name: (history.epochs, shares_over_epochs(history, threshold))
        for name, history in recorded.items()
    }
    layers = list(dict.fromkeys(layer for one in recorded.values() for layer in one.kernels))
    st.plotly_chart(
        small_by_epoch_figure(lines, threshold, f"Recorded layers: {', '.join(layers)}"),
        key="small by epoch",
        config=PLAIN,
        alt=f"Share of weights below {threshold:g} in {', '.join(layers)}, by epoch: "
        + "; ".join(f"{name} {shares[-1]:.1%} at the end" for name, (_, shares) in lines.items()),
    )
