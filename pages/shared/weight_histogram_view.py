"""The weights of a layer as histograms, over the epochs and at one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core.errors import LearnscopeError
from core.inside.kernel_history import KernelHistory
from core.settings import Settings
from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.plain_text import as_typed
from pages.shared.recorded_epoch import history_of_run
from pages.shared.run_picker import Network, open_network
from pages.shared.weight_sides import Key, Side, Sides, pick_layer

if TYPE_CHECKING:
    from core.mechanisms.weight_records import LayerKernel, WeightsOverEpochs


def show_histograms(sides: Sides) -> None:
    """A layer's weights over the epochs, run by run, and at the chosen epoch over one another."""
    layer = pick_layer([kernel.layer for kernel in sides[0].kernels], "conv_2")
    found = _both(sides, layer)
    for place, (side, weights) in zip(
        st.columns(len(found)) if len(found) > 1 else [st.container()], found, strict=True
    ):
        with place:
            _show_over_epochs(side, weights)
    _show_at_epoch(found, layer)
    st.caption(_where_from(found, layer))


def _both(sides: Sides, layer: str) -> list[tuple[Side, WeightsOverEpochs]]:
    """The histograms of those runs that have this layer, with the same bins."""
    known = [(side, history_of_run(side.run)) for side in sides]
    keys = tuple(side.key for side in sides)
    counted = _counted(keys, layer, known)
    return [(side, weights) for side, weights in zip(sides, counted, strict=True) if weights]


@st.cache_resource(show_spinner="Counting the weights ...", max_entries=16)
def _counted(
    keys: tuple[Key, ...], layer: str, _known: list[tuple[Side, KernelHistory | None]]
) -> list[WeightsOverEpochs | None]:
    from core.mechanisms.weight_histograms import common_edges, moments_of, over_epochs

    moments = []
    for side, history in _known:
        first = {} if history is None else _first(side.key, side.run.settings, side, history)
        moments.append(moments_of(layer, history, _stored(side), first))
    edges = common_edges(*(values for _, values, _ in moments))
    return [
        over_epochs(layer, epochs, values, edges, each) if epochs else None
        for epochs, values, each in moments
    ]


def _stored(side: Side) -> dict[int, tuple[LayerKernel, ...]]:
    """The kernels of both checkpoints, by epoch."""
    from core.mechanisms.layer_kernels import layer_kernels

    stored = {side.epoch: side.kernels}
    for weights in ("best", "last"):
        network = _other(side.network, weights)
        if network is not None:
            stored[network.epoch] = layer_kernels(network.model)
    return stored


def _other(network: Network, weights: str) -> Network | None:
    """The run's other weights, if they are stored and sound."""
    if network.weights == weights:
        return None
    try:
        state.library().file(network.run.id, f"{weights}.keras")
        return open_network(network.run, weights)
    except LearnscopeError:
        return None


@st.cache_resource(show_spinner=False, max_entries=4)
def _first(key: Key, _settings: Settings, _side: Side, _history: KernelHistory) -> Any:
    from core.mechanisms.weight_histograms import first_kernels

    return first_kernels(_settings, _side.network.model, _history)


def _show_over_epochs(side: Side, weights: WeightsOverEpochs) -> None:
    from core.figures.weight_histograms import over_epochs_figure

    st.plotly_chart(
        over_epochs_figure(weights, f"{side.name}, {weights.weights:,} weights"),
        key=f"weights over epochs {side.run.id}",
        config=PLAIN,
        alt=f"Histograms of the weights of {weights.layer} in {side.name} after the epochs "
        f"{weights.epochs[0]} to {weights.epochs[-1]}: their standard deviation goes from "
        f"{weights.spreads[0]:.3g} to {weights.spreads[-1]:.3g}.",
    )


def _show_at_epoch(found: list[tuple[Side, WeightsOverEpochs]], layer: str) -> None:
    from core.figures.weight_histograms import histograms_figure

    epochs = sorted({int(epoch) for _, weights in found for epoch in weights.epochs})
    key = f"{state.WEIGHTS_EPOCH} {epochs[0]} {epochs[-1]} {len(epochs)}"
    epoch = epochs[0]
    if len(epochs) > 1:
        epoch = st.select_slider(
            "After epoch", epochs, value=epochs[-1], key=key, persist_state="session"
        )
    shown = {side.name: (weights, weights.at(epoch)) for side, weights in found}
    spreads = {
        name: f"{weights.spreads[place]:.3g} (epoch {weights.epochs[place]})"
        for name, (weights, place) in shown.items()
    }
    words = "; ".join(f"{name}: {spread}" for name, spread in spreads.items())
    st.plotly_chart(
        histograms_figure(shown, layer, "Latest known weights up to the chosen epoch"),
        key="weights at epoch",
        config=PLAIN,
        alt=f"Histograms of the weights of {layer}. Standard deviation: {words}.",
    )
    st.markdown(f"Standard deviation of these weights: {words}.")


def _where_from(found: list[tuple[Side, WeightsOverEpochs]], layer: str) -> str:
    late = [side.name for side, weights in found if not weights.each_epoch]
    words = (
        f"{layer} was recorded while the network trained: before the first step and after each "
        "of these epochs."
    )
    stored = (
        "the best and the last weights, as stored, and the first ones, drawn once more from the "
        "run's seed where what was recorded proves them the same."
    )
    if len(late) == len(found):
        words = (
            f"{layer} was not recorded epoch by epoch; only convolution layers are. Shown are "
            f"{stored}"
        )
    elif late:
        words += f" Not so in {as_typed(late[0])}, of which are shown {stored}"
    if any(weights.beyond for _, weights in found):
        words += " The outermost bins hold all weights beyond them, too."
    return (
        f"{words} Each column of the colour chart is one histogram, with the shares on a "
        "logarithmic scale. The bins are the same in all charts; the middle one is around 0."
    )
