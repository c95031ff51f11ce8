"""The network on the bench and its answers to the validation images, computed once for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared.figure_card import figure_card
from pages.shared.kernel_views import CHART, Layer
from pages.shared.run_data import data_of

if TYPE_CHECKING:
    from core.data import Splits
    from core.inside.bench_network import BenchNetwork
    from core.inside.changed_answers import Change

File = tuple[str, int, int]


def bench_of(layer: Layer) -> tuple[BenchNetwork, Splits]:
    """A copy of the network to change, and the data that it answers."""
    data = data_of(layer.run)
    return _bench(layer.network.file, layer.name, layer, data.validation_images), data


# Streamlit does not hash what begins with an underscore: file and layer stand for it.
@st.cache_resource(show_spinner="Copying the network ...", max_entries=3)
def _bench(file: File, name: str, _layer: Layer, _images: np.ndarray) -> BenchNetwork:
    from core.inside.bench_network import BenchNetwork

    return BenchNetwork(_layer.network.model, name, _images)


def answers_before(layer: Layer, bench: BenchNetwork) -> np.ndarray:
    """The probabilities of the network as it was learned, of shape (N, K)."""
    return _before(layer.network.file, layer.name, bench)


@st.cache_resource(show_spinner="Asking the network ...", max_entries=8)
def _before(file: File, name: str, _bench: BenchNetwork) -> np.ndarray:
    return _bench.answers_without([])


def show_change(change: Change, data: Splits, key: str) -> None:
    """Accuracy and loss before and after, whether by chance, and which classes suffer."""
    from core.figures.kernel_bench import classes_figure
    from core.inside.changed_answers import in_words, who_suffers

    before, after, drop = change.before, change.after, change.drop
    interval = "95 %% interval, by %s"
    with st.container(horizontal=True, gap="xsmall"):
        for name, share in (("Accuracy before", before), ("Accuracy after", after)):
            figure_card(
                name,
                f"{share.value:.1%}",
                f"{share.low:.1%} to {share.high:.1%}",
                help=interval % "Wilson: how far it would differ on other images.",
            )
        figure_card(
            "Accuracy lost",
            f"{drop.value:.1%}",
            f"{drop.low:.1%} to {drop.high:.1%}",
            help=interval % "Agresti and Min, for the same images before and after.",
        )
        figure_card(
            "Loss",
            f"{change.loss_before:.3f} → {change.loss_after:.3f}",
            f"{change.loss_low:+.3f} to {change.loss_high:+.3f} nats",
            help="Mean cross-entropy before and after. Below it, how much it rose: "
            + interval % "the bootstrap over images.",
            width=230,
        )
    st.markdown(
        f"{in_words(change)} {'' if change.same else who_suffers(change, data.class_names)}"
    )
    st.plotly_chart(
        classes_figure(
            change.classes, data.class_names, f"{before.images:,} validation images, dropout off"
        ),
        key=f"classes {key}",
        config=CHART,
        alt="Recognised before and after, by class: "
        + "; ".join(
            f"{data.class_names[one.label]} {one.before.value:.0%} and {one.after.value:.0%}"
            for one in change.classes
        ),
    )
    st.caption(
        f"Taken on all {before.images:,} validation images, dropout off, by Wilson's 95% interval "
        "in the bars; the class that loses most comes first. The test images choose nothing."
    )
