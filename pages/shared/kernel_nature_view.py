"""What one kernel is: measured, likened to classic kernels, and held against chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared.figure_card import figure_card
from pages.shared.kernel_views import PLAIN, Layer, pick_kernel, pick_order

if TYPE_CHECKING:
    from core.inside.one_kernel import KernelNature


def show_nature(layer: Layer) -> None:
    """One kernel, what it is in words, and the figures that say so."""
    from core.inside.kernel_chance import chance
    from core.inside.one_kernel import describable, describe, in_words

    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = pick_order()
        number, channel = pick_kernel(layer, by)
    kernel = layer.kernels[:, :, channel, number]
    if why := describable(kernel):
        st.info(why, icon=":material/info:")
        return
    nature = describe(kernel, chance(*kernel.shape))
    st.markdown(in_words(nature))
    _show_cards(nature)
    name = f"{layer.name}, filter {number}, input channel {channel}"
    _show_pictures(kernel, nature, name)
    _show_chance(nature)
    st.caption(
        f"Held against {nature.random.draws:,} random kernels of independent normal weights (seed "
        "0), of the same size; the length of a kernel plays no part. Sobel, Prewitt, Scharr and "
        "Gabor are free in their angle, Gabor in its phase and stripe width too, so that they come "
        "near to more kernels by chance: the nearest is therefore the one with the smallest "
        "p-value, not the largest similarity, and the p-value in the sentence allows for the "
        "choice among all of them. One kernel in twenty passes p = 0.05 by chance; how many stay "
        "significant among all is said under “The layer as a whole”."
    )


def _show_cards(nature: KernelNature) -> None:
    found = nature.measures
    cards = (
        ("Norm", found.norms, "length as a vector", "Root of the sum of its squared weights."),
        (
            "Sum",
            found.sums,
            "answer to flat gray",
            "Of all weights: what it answers where the "
            "image is 1 everywhere, without the bias. 0: it sees differences only.",
        ),
        (
            "Rank one",
            found.separability,
            f"p = {nature.separable:.2g}",
            "How much of its energy "
            "is a column times a row (singular value decomposition). At 1 it is separable. The "
            "p-value: share of random kernels that are as separable.",
        ),
        (
            "Half turn",
            found.half_turn,
            "1 same, -1 opposite",
            "Cosine between the kernel and itself "
            "turned by 180°. Edge detectors are at -1, blurs and spots at 1.",
        ),
        (
            "Quarter turn",
            found.quarter_turn,
            "1 same, -1 opposite",
            "Alike by 90°. At 1 it treats all directions alike.",
        ),
        ("Left-right", found.sideways, "1 same, -1 opposite", "Alike, left and right exchanged."),
        ("Top-bottom", found.upright, "1 same, -1 opposite", "Alike, top and bottom exchanged."),
    )
    with st.container(horizontal=True):
        for label, value, below, words in cards:
            shown = float(value[0])
            text = "none" if np.isnan(shown) else f"{shown:.2f}"
            figure_card(label, text, below, help=words, width=150)


def _show_pictures(kernel: np.ndarray, nature: KernelNature, name: str) -> None:
    from core.figures.one_kernel import likeness_figure, plain_kernel, spectrum_figure
    from core.inside.kernel_measures import spectrum
    from core.inside.kernels import symmetric_limit

    nearest, limit = nature.nearest, symmetric_limit(kernel)
    one, two, three = st.columns([2, 3, 3], gap="medium")
    with one:
        st.plotly_chart(
            plain_kernel(kernel, limit, "This kernel", name),
            key="this kernel",
            config=PLAIN,
            alt=f"The kernel: {kernel.round(2).tolist()}",
        )
        words = f"similarity {nearest.similarity:.2f}, same scale"
        st.plotly_chart(
            plain_kernel(nearest.member, limit, f"Nearest: {nearest.name}", words),
            key="nearest kernel",
            config=PLAIN,
            alt=f"The nearest {nearest.name}: {nearest.member.round(2).tolist()}",
        )
    with two:
        st.plotly_chart(
            likeness_figure(nature.likenesses, "with the share of random kernels as near (p)"),
            key="likenesses",
            config=PLAIN,
            alt="Similarity to classic kernels: "
            + "; ".join(f"{like.name} {like.similarity:.2f}" for like in nature.likenesses),
        )
    with three:
        waves = spectrum(kernel)
        st.plotly_chart(
            spectrum_figure(waves, name),
            key="spectrum",
            config=PLAIN,
            alt=f"Frequency response: strongest at {waves.peak:.2f} cycles per pixel.",
        )


def _show_chance(nature: KernelNature) -> None:
    from core.figures.one_kernel import chance_figure

    nearest = nature.nearest
    variance, near = float(nature.measures.variance[0]), nearest.random
    charts = (
        (
            "Is the likeness more than chance?",
            f"similarity to {nearest.name}",
            near,
            nearest.similarity,
            nearest.p_value,
            "1: it is this kernel, but for its length and sign. 0: nothing in common.",
        ),
        (
            "Does it prefer a direction?",
            "circular variance",
            nature.random.variance,
            variance,
            nature.oriented,
            "0: it answers to one direction only. 1: to all directions alike.",
        ),
    )
    for column, (title, axis, random, value, p_value, below) in zip(
        st.columns(2, gap="medium"), charts, strict=True
    ):
        words = f"random: {random.mean():.2f} ± {random.std():.2f}; p = {p_value:.2g}"
        with column:
            st.plotly_chart(
                chance_figure(random, value, title, axis, words),
                key=title,
                config=PLAIN,
                alt=f"{axis} of this kernel: {value:.2f}; {words}.",
            )
            st.caption(below)
