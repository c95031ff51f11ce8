"""What one kernel is: measured, likened to classic kernels, and held against chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared.figure_card import figure_card
from pages.shared.kernel_saving import save_nature
from pages.shared.kernel_views import CHART, Layer, pick_kernel, pick_order

if TYPE_CHECKING:
    from core.inside.kernel_measures import Spectrum
    from core.inside.one_kernel import KernelNature, Likeness


def show_nature(layer: Layer) -> None:
    """One kernel, what it is in words, and the figures that say so."""
    from core.inside.kernel_chance import chance
    from core.inside.kernel_measures import spectrum
    from core.inside.one_kernel import describable, describe, in_words

    with st.container(horizontal=True, vertical_alignment="top"):
        by = pick_order()
        number, channel = pick_kernel(layer, by)
    kernel = layer.kernels[:, :, channel, number]
    if why := describable(kernel):
        st.info(why, icon=":material/info:")
        return
    with st.spinner("Drawing random kernels ...", show_time=False):
        nature = describe(kernel, chance(*kernel.shape))
    st.markdown(in_words(nature))
    _show_cards(nature)
    _show_symmetry(nature)
    name = f"{layer.name}, filter {number}, input channel {channel}"
    waves = spectrum(kernel)
    _show_pictures(kernel, nature, waves, name)
    st.caption(
        f"Held against {nature.random.draws:,} random kernels of the same size, of independent "
        "normal weights (seed 0); the length of a kernel plays no part. Beside each likeness p is "
        "the share of random kernels that come as near. Sobel, Prewitt, Scharr and "
        "Gabor are free in their angle, Gabor in its phase and stripe width too, so that they come "
        "near to more kernels by chance: named is therefore the one with the smallest p-value, "
        "which goes furthest beyond its mark, and the p-value in the sentence allows for the "
        "choice among all of them. One kernel in twenty passes p = 0.05 by chance; how many stay "
        "significant among all is said under “The layer as a whole”. The random kernels with a "
        "circular variance near 1 are those whose weights mostly have one sign: they answer most "
        "to the widest stripes, nearly flat gray, in which no direction can be seen."
    )
    save_nature(layer, (number, channel), kernel, nature, waves)


def _show_cards(nature: KernelNature) -> None:
    found = nature.measures
    cards = (
        ("Norm", found.norms, "length", "As a vector: the root of the sum of its squared weights."),
        (
            "Sum",
            found.sums,
            "answer to gray",
            "Of all weights: what it answers where the image is 1 everywhere, without the bias. At "
            "0 it sees differences only.",
        ),
        (
            "Rank one",
            found.separability,
            f"p = {nature.separable:.2g}",
            "How much of its energy is a column times a row (singular value decomposition). At 1 "
            "it is separable. p: the share of random kernels that are as separable.",
        ),
        (
            "Circular variance",
            found.variance,
            f"p = {nature.oriented:.2g}",
            "Of its answers to gratings of 18 orientations, each at the stripe width that it "
            "answers to most (Ringach et al., 2002). p: the share of random kernels with as small "
            "a one.",
        ),
        (
            "Frequency",
            found.frequency,
            "cycles per pixel",
            "Of the grating with the strongest answer; 0.5 are stripes one pixel wide.",
        ),
    )
    with st.container(horizontal=True, gap="xsmall"):
        for label, value, below, words in cards:
            figure_card(label, f"{float(value[0]):.2f}", below, help=words)


def _show_symmetry(nature: KernelNature) -> None:
    found = nature.measures
    turns = {
        "half turn": found.half_turn,
        "quarter turn": found.quarter_turn,
        "left and right exchanged": found.sideways,
        "top and bottom exchanged": found.upright,
    }
    st.markdown(
        "**Symmetry** (1: the same as itself turned, -1: its negative): "
        + ", ".join(f"{name} {float(value[0]):.2f}" for name, value in turns.items())
        + "."
    )


def _show_pictures(kernel: np.ndarray, nature: KernelNature, waves: Spectrum, name: str) -> None:
    """The kernel and its like; its likenesses; its frequencies; the last two beside chance."""
    one, two, three = st.columns([2, 3, 3], gap="medium")
    with one:
        _show_itself(kernel, nature.nearest, name)
    with two:
        _show_likenesses(nature)
    with three:
        _show_frequencies(nature, waves, name)


def _show_itself(kernel: np.ndarray, nearest: Likeness, name: str) -> None:
    from core.figures.one_kernel import plain_kernel
    from core.inside.kernels import symmetric_limit

    words = f"similarity {nearest.similarity:.2f}, p {nearest.p_value:.2g}, same scale"
    for values, title, subtitle in (
        (kernel, "This kernel", name),
        (nearest.member, f"Least by chance: {nearest.name}", words),
    ):
        st.plotly_chart(
            plain_kernel(values, symmetric_limit(kernel), title, subtitle),
            key=title.partition(":")[0],
            config=CHART,
            alt=f"{title}: {values.round(2).tolist()}",
        )


def _show_likenesses(nature: KernelNature) -> None:
    from core.figures.one_kernel import likeness_figure
    from core.inside.one_kernel import USUAL

    st.plotly_chart(
        likeness_figure(
            nature.likenesses,
            f"smallest p on top; mark: {USUAL:.0%} of random ones",
        ),
        key="likenesses",
        config=CHART,
        alt="Similarity to classic kernels: "
        + "; ".join(
            f"{like.name} {like.similarity:.2f}, {USUAL:.0%} of random kernels below "
            f"{like.usual:.2f}"
            for like in nature.likenesses
        ),
    )
    nearest = nature.nearest
    axis = f"similarity to {nearest.name}"
    _show_chance("Likeness and chance", axis, nearest.random, nearest.similarity, nearest.p_value)


def _show_frequencies(nature: KernelNature, waves: Spectrum, name: str) -> None:
    from core.figures.one_kernel import spectrum_figure

    st.plotly_chart(
        spectrum_figure(waves, name),
        key="spectrum",
        config=CHART,
        alt=f"Frequency response: strongest at {waves.peak:.2f} cycles per pixel.",
    )
    variance = float(nature.measures.variance[0])
    axis = "circular variance (1: no direction)"
    _show_chance("Direction and chance", axis, nature.random.variance, variance, nature.oriented)


def _show_chance(title: str, axis: str, random: np.ndarray, value: float, p_value: float) -> None:
    from core.figures.one_kernel import chance_figure

    around = f"{random.mean():.2f} ± {random.std():.2f}"
    words = f"this kernel {value:.2f}; random {around}; p = {p_value:.2g}"
    st.plotly_chart(
        chance_figure(random, value, title, axis, words),
        key=title,
        config=CHART,
        alt=f"{axis}: {words}.",
    )
