"""The curves of groups of runs over one another, and how they are to be read."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import warmup
from core.comparison.colours import BY_GROUP, legend_title, shades
from core.comparison.groups import Group, differing_settings
from core.comparison.mean_curves import (
    AXES,
    BANDS,
    MEASURES,
    SCALES,
    GroupCurve,
    group_curve,
    lengths_in_words,
    line_of,
)
from core.settings import CONTROLS
from pages.shared import state
from pages.shared.comparison_choice import choice

_HEIGHT = 430


def curves_of_groups(groups: Sequence[Group]) -> None:
    """Choose what to draw, and draw it."""
    with st.container(horizontal=True):
        measure_key = choice(
            state.CURVE, "Curve", list(MEASURES), lambda key: MEASURES[key].label, width=210
        )
        axis = choice(
            state.AXIS, "Over", list(AXES), lambda key: AXES[key].partition(" (")[0], width=110
        )
        band = choice(
            state.BAND,
            "Band around the mean",
            list(BANDS),
            BANDS.__getitem__,
            "The standard deviation says how far single seeds lie apart; the standard error and "
            "the confidence interval how well their mean is known, and shrink with more seeds.",
        )
        scale = choice(state.SCALE, "Scale", list(SCALES), SCALES.__getitem__, width=140)
        colour = choice(
            state.COLOUR,
            "Colour",
            [BY_GROUP, *differing_settings(groups)],
            lambda name: "Each group" if name == BY_GROUP else CONTROLS[name].label,
            width=210,
        )
    measure = MEASURES[measure_key]
    curves = [_curve_of(group, measure_key, axis, band) for group in groups]
    warmup.wait_for_drawing()
    from core.figures.comparison import group_curves

    st.plotly_chart(
        group_curves(
            curves,
            shades(groups, colour),
            measure,
            AXES[axis],
            _subtitle(curves, band),
            legend_title(groups, colour),
            band == "runs",
            _HEIGHT,
            scale == "logarithmic",
        ),
        key="compared curves",
        alt=f"{measure.title} of {len(groups)} groups of runs, by {axis}: "
        + "; ".join(group.named for group in groups[:8])
        + ".",
    )
    st.caption(f"{measure.note} {_reading(curves, axis)}")


def _curve_of(group: Group, measure: str, axis: str, band: str) -> GroupCurve:
    library = state.library()
    counted = [line_of(library.epochs(run.id), MEASURES[measure], axis) for run in group.runs]
    others = [
        line_of(library.epochs(one.run.id), MEASURES[measure], axis) for one in group.left_out
    ]
    return group_curve(group.letter, counted, others, band)


def _subtitle(curves: Sequence[GroupCurve], band: str) -> str:
    if not any(curve.mean is not None and curve.mean.runs > 1 for curve in curves):
        return "One run a group"
    if band == "none":
        return "Mean of each group"
    if band == "runs":
        return "Mean of each group, its runs thin behind it"
    return f"Mean of each group; band: {BANDS[band].lower()}"


def _reading(curves: Sequence[GroupCurve], axis: str) -> str:
    sentences = []
    if any(curve.has_band for curve in curves):
        sentences.append("The band holds at each epoch by itself, not for the curve as a whole.")
    if any(curve.mean is not None and curve.mean.runs > 1 for curve in curves) and axis == "time":
        sentences.append("By time, a point of a mean stands at the mean time of its runs.")
    shorter = [
        f"{curve.letter}: {words}"
        for curve in curves
        if curve.mean is not None and (words := lengths_in_words(curve.mean))
    ]
    if shorter:
        sentences.append(f"Runs of different lengths: {'; '.join(shorter)}.")
    if any(curve.not_counted for curve in curves):
        sentences.append("Thin dashed lines are runs that do not count, as said below.")
    return " ".join(sentences)
