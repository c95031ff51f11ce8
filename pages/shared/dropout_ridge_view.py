"""Dropout on linear regression beside the ridge regression that it amounts to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.chart_settings import PLAIN
from pages.shared.dropout_scene import Scene
from pages.shared.figure_card import figure_card
from pages.shared.thinned_answers import Key, features_of, sample_of

if TYPE_CHECKING:
    from core.mechanisms.dropout_records import Agreement
    from core.mechanisms.ridge import Regression


def show_ridge(scene: Scene) -> None:
    """Compute both, and show the agreement."""
    _say_what_is_claimed()
    place = len(scene.cut.places) - 1
    rate = scene.rates.dense
    if not scene.cut.places or not scene.cut.places[place].dense or rate == 0:
        st.info(
            "At rate 0 both are plain least squares. Set the dropout rate (dense) above 0 to see "
            "what it adds.",
            icon=":material/tune:",
        )
        return
    sample = sample_of(scene)
    if sample is None:
        return
    from core.mechanisms.ridge import regression_on

    features = features_of(scene, sample, place)
    regression = regression_on(features, sample.labels, len(scene.class_names))
    found = _agreement(scene.key, rate, scene.seed, regression)
    _show_numbers(found, rate)
    _show_charts(found, f"{sample.words}, rate {rate:g}, {scene.epoch}")
    dead = f" {regression.dead} units that are 0 for all images are left out." * bool(
        regression.dead
    )
    weak = f" So are the {regression.left_out} weakest." * bool(regression.left_out)
    st.caption(
        f"X: the {regression.inputs.shape[1]} activations of {scene.cut.places[place].after}, "
        f"dropout off, on {sample.words} ({scene.epoch}); y: 1 for the image's own class, 0 for "
        f"the others; no intercept.{dead}{weak} Learnt under dropout: least squares on up to 50 "
        "copies of the images, each with masks of its own. Srivastava et al. (2014, section 9.1); "
        "Wager et al. (2013) carry it over to logistic regression, where it holds nearly."
    )


def _say_what_is_claimed() -> None:
    st.markdown(
        "Where the network is linear, dropout needs no chance: averaged over all masks, its "
        "squared error is that without dropout **plus a price on every squared weight**. That is "
        "ridge regression (L2), with a price of its own for each unit: the more a unit is active, "
        "the dearer."
    )
    # In lines that a phone has room for.
    st.latex(
        r"\begin{aligned}\mathbb{E}\,\lVert y - \tilde X w\rVert^2 &= \lVert y - Xw\rVert^2 \\"
        r"&+ \frac{1-k}{k}\sum_j (X^\top X)_{jj}\, w_j^2 \\ k &= 1 - \text{rate}\end{aligned}"
    )


@st.cache_resource(show_spinner="Learning both ways ...", max_entries=12)
def _agreement(key: Key, rate: float, seed: int, _regression: Regression) -> Agreement:
    from core.mechanisms.ridge import agreement

    return agreement(_regression, rate, seed)


def _show_numbers(found: Agreement, rate: float) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for label, value, below in (
            (
                "By the formula",
                f"{found.expected_error:.4f}",
                f"{found.error:.4f} + {found.penalty:.4f} penalty",
            ),
            (
                "Measured under dropout",
                f"{found.noisy_error:.4f}",
                f"± {found.noisy_spread:.4f} (20 masks)",
            ),
            ("Weights apart", f"{found.distances[-1]:.2%}", f"after {found.copies[-1]} masks"),
        ):
            figure_card(
                label,
                value,
                below,
                width=205,
            )
    st.caption(
        f"First two: the mean squared error of the ridge weights under dropout at rate {rate:g}. "
        "Weights apart: the norm of the difference over the norm of the ridge weights, each weight "
        "times the root mean square of its unit, or units that are hardly ever active would drown "
        "the others."
    )


def _show_charts(found: Agreement, on: str) -> None:
    from core.figures.ridge import distance_figure, weights_figure

    left, right = st.columns(2)
    left.plotly_chart(
        weights_figure(found, on),
        key="ridge weights",
        config=PLAIN,
        alt=f"Weights learnt under dropout against those of the ridge formula on {on}: they lie "
        f"along the diagonal, {found.distances[-1]:.1%} apart.",
    )
    right.plotly_chart(
        distance_figure(found, on),
        key="ridge distance",
        config=PLAIN,
        alt="Distance of the weights by masks an image: "
        + ", ".join(
            f"{copies}: {distance:.1%}"
            for copies, distance in zip(found.copies, found.distances, strict=True)
        ),
    )
