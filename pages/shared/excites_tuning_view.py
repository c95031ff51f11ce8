"""What a filter answers to stripes of every orientation and width."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.excites_saving import save_tuning
from pages.shared.excites_scene import CHART, Scene, tuning_of
from pages.shared.figure_card import figure_card

if TYPE_CHECKING:
    from core.inside.tuning import Preference, Tuning

_PICTURE = 108
_CARD = 142


def show_tuning(scene: Scene) -> None:
    """The filter in words and figures, then its layer, then kernels whose tuning is known."""
    from core.inside.tuning import preference
    from core.inside.tuning_words import in_words

    tuning = tuning_of(scene.network.file, scene.layer, scene.model)
    found = preference(tuning, scene.number)
    st.markdown(in_words(found, scene.number))
    if found.peak > 0:
        left, right = st.columns([5, 9], vertical_alignment="center")
        with left:
            _show_stripes(found)
        with right:
            _show_cards(found)
        _show_charts(scene, tuning, found)
    st.caption(_method(tuning))
    _show_layer(scene, tuning)
    _show_checks()
    save_tuning(scene, tuning)


def _show_stripes(found: Preference) -> None:
    """The gratings that matter, as pictures."""
    import numpy as np

    from core.figures.predictions import enlarged
    from core.inside.gratings import gratings

    side, phase = 24, np.array([90.0])
    shown = {
        "Preferred": (found.angle, found.peak),
        "Vertical": (0.0, found.vertical),
        "Horizontal": (90.0, found.horizontal),
    }
    pictures = [
        gratings((side, side, 1), found.frequency, angle, phase)[0] for angle, _ in shown.values()
    ]
    st.image(
        [enlarged(picture, 2 * _PICTURE, 8) for picture in pictures],
        caption=[f"{label}: {answer:.2g}" for label, (_, answer) in shown.items()],
        width=_PICTURE,
        alt=[
            f"{label}: a grating of {found.frequency:.2f} cycles per pixel whose brightness "
            f"changes at {angle:.0f}°; answer {answer:.3g}."
            for label, (angle, answer) in shown.items()
        ],
    )


def _show_cards(found: Preference) -> None:
    oriented = found.oriented
    width = f"{found.half_width:.0f}°" if math.isfinite(found.half_width) else "none"
    with st.container(horizontal=True, gap="xsmall"):
        figure_card(
            "Direction",
            f"{found.angle:.0f}°" if oriented else "none",
            "preferred, to 5°",
            help="The direction in which brightness changes, from the right towards the top: 0° "
            "for vertical edges, 90° for horizontal ones.",
            width=_CARD,
        )
        figure_card(
            "Half width",
            width if oriented else "none",
            "at half height",
            help="By how much the stripes have to turn, on the average of both sides, until half "
            "of the strongest answer is left. The smaller, the choosier.",
            width=_CARD,
        )
        figure_card(
            "Frequency",
            f"{found.frequency:.2f}",
            "cycles per pixel",
            help="Of the stripes with the strongest answer; 0.5 are stripes one pixel wide.",
            width=_CARD,
        )
        figure_card(
            "Modulation",
            f"{found.modulation:.2f}",
            "0 none, 1 total",
            help="(largest - smallest) / (largest + smallest) over all orientations. Below 0.1 "
            "the filter counts as having no preferred orientation.",
            width=_CARD,
        )


def _show_charts(scene: Scene, tuning: Tuning, found: Preference) -> None:
    from core.figures.tuning import heat_figure, polar_figure

    left, right = st.columns(2)
    left.plotly_chart(
        polar_figure(tuning, found, scene.title),
        key="tuning polar",
        config=CHART,
        alt=f"Polar plot of the answer by orientation: largest {found.peak:.3g} at "
        f"{found.angle:.0f}°, vertical edges {found.vertical:.3g}, horizontal edges "
        f"{found.horizontal:.3g}.",
    )
    right.plotly_chart(
        heat_figure(tuning, scene.number, found, scene.title),
        key="tuning heat map",
        config=CHART,
        alt="Heat map of the answer by orientation and frequency: strongest at "
        f"{found.angle:.0f}° and {found.frequency:.2f} cycles per pixel.",
    )


def _method(tuning: Tuning) -> str:
    count = f"{len(tuning.angles)} orientations x {len(tuning.frequencies)} frequencies"
    common = (
        f"Gratings from black to white, {count}, the same in all colours. The angle is that in "
        "which brightness changes; the stripes lie across it. Where the stripes happen to lie does "
        "not matter: "
    )
    if tuning.exact:
        return common + (
            "each answer is the root of the squared answers to a grating and to the same one a "
            "quarter of a period on (a quadrature pair). It is computed from the weights, without "
            "bias, normalization and activation."
        )
    return common + (
        "each grating passes the network in 16 phases, and the largest answer before the "
        "activation counts, as far as it is above the answer to plain gray. Measured at one unit "
        "that sees no border, on images as large as that takes; dropout off."
    )


def _show_layer(scene: Scene, tuning: Tuning) -> None:
    from core.figures.tuning import layer_figure
    from core.inside.tuning import layer_tuning
    from core.inside.tuning_words import layer_in_words

    found = layer_tuning(tuning)
    st.subheader("All filters of the layer")
    st.markdown(layer_in_words(found))
    st.plotly_chart(
        layer_figure(tuning, found, f"{scene.layer}, {scene.network.words}"),
        key="tuning of the layer",
        config=CHART,
        alt=f"Heat map, a row for each filter of {scene.layer}, of the answer by orientation. "
        + layer_in_words(found),
    )


def _show_checks() -> None:
    from core.figures.tuning import check_figure
    from core.inside.gratings import ANGLES
    from core.inside.tuning_checks import known_tunings

    with st.expander("Check it on kernels whose tuning is known", icon=":material/fact_check:"):
        checks = known_tunings()
        for column, check in zip(st.columns(len(checks)), checks, strict=True):
            column.plotly_chart(
                check_figure(check, ANGLES),
                key=f"known {check.name}",
                config=CHART,
                alt=f"Tuning of {check.name}, which {check.law}; measured and theory differ by at "
                f"most {check.difference:.1%} of the peak.",
            )
            column.caption(
                f"{check.name} {check.law}. At {check.frequency:.2f} cycles per pixel; largest "
                f"difference from theory {check.difference:.1%} of the peak."
            )
