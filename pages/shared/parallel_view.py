"""Settings and results of runs as parallel coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.comparison.parallel import COLOURS, axes_of, axis_of_result, drawable
from core.runs import Run
from pages.shared import state
from pages.shared.comparison_choice import choice

_HEIGHT = 440


def parallel_view(runs: Sequence[Run]) -> None:
    """Draw the runs that have results, if there are three or more and they differ in a setting."""
    shown = drawable(runs)
    axes = axes_of(shown)
    if len(shown) < 3 or len(axes) == len(COLOURS):
        return
    st.subheader("Which settings lead where?")
    colour = choice(state.LINES, "Colour of the lines", list(COLOURS), lambda key: COLOURS[key][0])
    from core.figures.parallel import parallel_coordinates

    st.plotly_chart(
        parallel_coordinates(axes, axis_of_result(colour, shown), _HEIGHT),
        key="parallel coordinates",
        alt=f"Parallel coordinates of {len(shown)} runs: "
        + ", ".join(axis.label for axis in axes)
        + ".",
    )
    st.caption(
        "One line a run, of its best epoch, on the validation images with dropout off. Drag along "
        "an axis to keep the runs of that range; drag an axis by its name to move it. No test "
        "figure is among them, since settings are chosen here."
    )
