"""Filters switched off: each by itself, those that the person picks, and all in some order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.bench_answers import File, answers_before, bench_of, show_change
from pages.shared.bench_saving import save_ablation
from pages.shared.bench_together_view import show_together
from pages.shared.kernel_views import CHART, Layer
from pages.shared.link_value import link_value, several_of

if TYPE_CHECKING:
    from core.data import Splits
    from core.inside.ablation import FilterOff
    from core.inside.bench_network import BenchNetwork


def show_off(layer: Layer) -> None:
    """What "off" means, what each filter is worth, what several are worth together."""
    from core.inside.ablation import largest_first

    bench, data = bench_of(layer)
    before = answers_before(layer, bench)
    st.markdown(bench.off.words)
    found = largest_first(_each_alone(layer, bench, before, data.validation_labels))
    left, right = st.columns(2, gap="large")
    with left:
        _show_drops(found, bench.count)
    with right:
        _show_selectivity(found, bench.count)
    st.subheader("Off together")
    curves = show_together(layer, bench, data, found)
    st.subheader("Those that you pick")
    _show_picked(layer, bench, before, data, found)
    save_ablation(layer, found, curves, bench.count)


def _each_alone(
    layer: Layer, bench: BenchNetwork, before: np.ndarray, labels: np.ndarray
) -> list[FilterOff]:
    """Each filter off by itself; what is done is kept if the person moves on meanwhile."""
    key, found, bar = (layer.network.file, layer.name), [], st.empty()
    for number in range(bench.filters):
        if key not in _known():
            words = f"Switching filters off: {number} of {bench.filters}"
            bar.progress(number / bench.filters, text=words)
        found.append(_alone(*key, number, bench, before, labels))
    bar.empty()
    _known().add(key)
    return found


@st.cache_resource(show_spinner=False)
def _known() -> set[tuple[File, str]]:
    """Of which layers all is computed, so that no bar need flash up for them."""
    return set()


@st.cache_resource(show_spinner=False, max_entries=4096)
def _alone(
    file: File,
    name: str,
    number: int,
    _bench: BenchNetwork,
    _before: np.ndarray,
    _labels: np.ndarray,
) -> FilterOff:
    from core.inside.bench_network import off_alone

    return off_alone(_bench, number, _before, _labels, _selectivity(file, name, _bench, _labels))


@st.cache_resource(show_spinner=False, max_entries=32)
def _selectivity(file: File, name: str, _bench: BenchNetwork, _labels: np.ndarray) -> np.ndarray:
    from core.inside.ablation import class_selectivity

    return class_selectivity(_bench.mean_activity(), _labels)


def _show_drops(found: list[FilterOff], images: int) -> None:
    from core.figures.kernel_bench import drops_figure

    st.plotly_chart(
        drops_figure(found, f"one off at a time; {images:,} validation images, dropout off"),
        key="drops",
        config=CHART,
        alt="Accuracy lost without each filter, largest first: "
        + ", ".join(f"{one.number} {one.drop.value:.1%}" for one in found),
    )
    st.caption(
        "Largest drop first, with its 95% interval (Agresti and Min, matched pairs). An interval "
        "that reaches 0 is no evidence of a loss; of twenty filters without effect, one misses "
        "0 by chance. Below 0: the network does better without it."
    )


def _show_selectivity(found: list[FilterOff], images: int) -> None:
    from core.figures.kernel_bench import selectivity_figure
    from core.inside.ablation import selectivity_against_drop

    known = [one for one in found if np.isfinite(one.selectivity)]
    st.plotly_chart(
        selectivity_figure(known, f"a point a filter; {images:,} validation images, dropout off"),
        key="selectivity",
        config=CHART,
        alt="Class selectivity and accuracy lost: "
        + "; ".join(
            f"filter {one.number} {one.selectivity:.2f} and {one.drop.value:.1%}" for one in known
        ),
    )
    left_out = len(found) - len(known)
    st.caption(
        f"**{selectivity_against_drop(found).words}** Selectivity: (m - r) / (m + r), where m is "
        "the mean activity for the class that the filter likes most, r that for all others. "
        "Morcos et al. (2018) found that it does not predict what a unit is worth."
        + f" Left out: {left_out} that never answer, or below 0."
        * bool(left_out)
    )


def _show_picked(
    layer: Layer, bench: BenchNetwork, before: np.ndarray, data: Splits, found: list[FilterOff]
) -> None:
    from core.inside.ablation import together_in_words
    from core.inside.changed_answers import change_between

    numbers = [one.number for one in found]
    _forget_those_of_another_layer(layer)
    picked = link_value(
        st.multiselect,
        state.SWITCHED_OFF,
        "Filters that are off (largest drop first)",
        several_of(numbers, layer.name),
        numbers[:2],
        numbers,
        key=f"{state.SWITCHED_OFF} {layer.name}",
    )
    if not picked:
        st.info("Pick filters, and see what the network does without them.", icon=":material/info:")
        return
    change = change_between(before, bench.answers_without(picked), data.validation_labels)
    if len(picked) > 1:
        alone = [one for one in found if one.number in picked]
        st.markdown(together_in_words(alone, change.drop))
    show_change(change, data, "picked")


def _forget_those_of_another_layer(layer: Layer) -> None:
    """Out of the link, where they stand until another layer is chosen."""
    from core.inside.layers import layers_with_kernels

    whose = st.query_params.get(state.SWITCHED_OFF, "").partition(":")[0]
    if whose != layer.name and whose in layers_with_kernels(layer.network.model):
        del st.query_params[state.SWITCHED_OFF]
