"""Filters switched off together, more and more of them: by drop, by norm and in random order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.bench_answers import File
from pages.shared.kernel_views import CHART, Layer
from pages.shared.link_value import link_value, one_of

if TYPE_CHECKING:
    from core.data import Splits
    from core.inside.ablation import FilterOff, OffCurve
    from core.inside.bench_network import BenchNetwork

FIRST = {"least": "The least important", "most": "The most important"}


def show_together(
    layer: Layer, bench: BenchNetwork, data: Splits, found: list[FilterOff]
) -> list[OffCurve]:
    """The curve of each order, with the spread of the random ones; gives them back."""
    from core.figures.kernel_bench import curves_figure
    from core.inside.ablation import SEEDS, guessing

    first = link_value(
        st.segmented_control,
        state.OFF_FIRST,
        "Which go first",
        one_of(list(FIRST)),
        "least",
        list(FIRST),
        format_func=FIRST.__getitem__,
        required=True,
        help="Of the ranks by drop and by norm; a random order has no rank.",
    )
    curves = _curves(layer, bench, data.validation_labels, found, first == "least")
    st.plotly_chart(
        curves_figure(
            curves,
            guessing(data.validation_labels),
            f"{layer.name}; {bench.count:,} validation images, dropout off",
        ),
        key="off together",
        config=CHART,
        alt="Accuracy by filters switched off: "
        + "; ".join(
            f"{curve.rank}: {curve.mean[0]:.1%} with none, "
            f"{curve.mean[len(curve.counts) // 2]:.1%} with {curve.counts[len(curve.counts) // 2]}"
            f", {curve.mean[-1]:.1%} with all"
            for curve in curves
        ),
    )
    st.caption(
        "The longer a curve stays up, the more the filters can do without one another. The order "
        "by drop was found on these very images, so that its curve flatters it a little; norm and "
        f"random order (seeds {SEEDS[0]} to {SEEDS[-1]}) were not. Nothing is trained afterwards."
    )
    return curves


def _curves(
    layer: Layer,
    bench: BenchNetwork,
    labels: np.ndarray,
    found: list[FilterOff],
    least_first: bool,
) -> list[OffCurve]:
    """All orders at all counts; what is done is kept if the person moves on meanwhile."""
    from core.inside.ablation import RANKS, OffCurve, counts_of, orders_of

    counts, bar = counts_of(bench.filters), st.empty()
    orders = {rank: orders_of(found, rank, least_first) for rank in ("random", "norm", "drop")}
    key = (layer.network.file, layer.name)
    total, done, curves = sum(map(len, orders.values())), 0, []
    for rank, ways in orders.items():
        rows = []
        for order in ways:
            if (key, order) not in _known():
                bar.progress(done / total, text=f"{RANKS[rank].capitalize()}: {done} of {total}")
            rows.append([_accuracy(*key, tuple(sorted(order[:n])), bench, labels) for n in counts])
            _known().add((key, order))
            done += 1
        curves.append(OffCurve(rank, counts, np.array(rows)))
    bar.empty()
    return curves


@st.cache_resource(show_spinner=False)
def _known() -> set[tuple[tuple[File, str], tuple[int, ...]]]:
    """Of which orders all is computed, so that no bar need flash up for them."""
    return set()


@st.cache_resource(show_spinner=False, max_entries=8192)
def _accuracy(
    file: File, name: str, off: tuple[int, ...], _bench: BenchNetwork, _labels: np.ndarray
) -> float:
    from core.inside.ablation import accuracy_of

    return accuracy_of(_bench.answers_without(off), _labels)
