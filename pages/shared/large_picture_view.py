"""All kernels of the first layer on a large photo: the whole at screen size, a part in full."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.shared import response_views, state
from pages.shared.chart_settings import PLAIN
from pages.shared.faults import faults_in_words
from pages.shared.response_views import Inside, pick_stage


def show_all(inside: Inside) -> None:
    """All responses of the layer, strongest first; of a large photo as a preview, and in full."""
    if inside.whole is None:
        response_views.show_all(inside)
        return
    everything = st.toggle(
        "From all pixels of the photo",
        key=state.ALL_PIXELS,
        persist_state="session",
        help="Off: the photo is reduced to a megapixel first, and the maps stand there at once. "
        "On: every map is computed at full resolution, and its averages are shown; this takes a "
        "second or more.",
    )
    if everything:
        stage, filters = _show_from_all(inside, inside.whole())
    else:
        stage, filters = response_views.show_maps(inside)
        rows, columns = inside.image.shape[:2]
        st.caption(
            f"A preview: the responses to the photo reduced to {columns} x {rows} pixels. Below, a "
            "part of it at full resolution."
        )
    # A moved slider has only the part drawn anew.
    st.fragment(faults_in_words()(_show_part))(inside, inside.whole(), stage, filters)


def _show_from_all(inside: Inside, picture: np.ndarray) -> tuple[str, list[int]]:
    """Averages of the maps of all pixels; their stage, and the filters in order of strength."""
    from core.figures.responses import response_grid
    from core.inside.kernels import symmetric_limit
    from core.inside.large_pictures import large_responses
    from core.inside.responses import side_for

    stage = pick_stage()
    longest = side_for(inside.kernels.shape[3])
    height, width = picture.shape[:2]
    with st.spinner(f"Computing all responses to {width} x {height} pixels ...", show_time=True):
        found = large_responses(inside.network.model, inside.layer, picture, stage, longest)
    filters, step = found.ranking.filters.tolist(), found.small.step
    st.plotly_chart(
        response_grid(
            found.small.maps,
            filters,
            found.ranking.strengths.tolist(),
            symmetric_limit(found.small.maps),
            f"Responses of {inside.layer}",
            step,
        ),
        key="all responses of a large photo",
        config=PLAIN,
        alt=f"{len(filters)} response maps, strongest first: filters "
        + ", ".join(map(str, filters)),
    )
    rows, columns = found.size
    st.caption(
        f"From all {columns} x {rows} places: each square is the average of {step} x "
        f"{step} numbers. The strength (RMS) above each map is that of all its numbers. The "
        "photo goes through the layer in bands, as all maps together would not fit into memory. "
        "The other views take it reduced to a megapixel."
    )
    return stage, filters


def _show_part(inside: Inside, picture: np.ndarray, stage: str, filters: list[int]) -> None:
    """A square of the photo with all its pixels, which the person moves."""
    from core.figures.responses import response_grid
    from core.inside.kernels import symmetric_limit
    from core.inside.large_pictures import full_resolution
    from core.inside.responses import side_for, strengths
    from core.inside.stages import layer_stages

    st.markdown("**Full resolution.** A part of the photo with all its pixels.")
    with st.container(horizontal=True):
        across = st.slider("From the left, in %", 0, 100, 50, key=state.LOOK_ACROSS)
        down = st.slider("From the top, in %", 0, 100, 50, key=state.LOOK_DOWN)
    side = min(128, side_for(len(filters)))
    part, (top, left) = full_resolution(picture, across / 100, down / 100, side)
    maps = getattr(layer_stages(inside.network.model, inside.layer, part), stage)[:, :, filters]
    response_views.show_image(part, f"From column {left}, row {top}", "The part of the photo")
    st.plotly_chart(
        response_grid(
            maps,
            filters,
            strengths(maps).tolist(),
            symmetric_limit(maps),
            f"{part.shape[1]} x {part.shape[0]} pixels in full",
        ),
        key="a part in full resolution",
        config=PLAIN,
        alt="The responses to this part, in the same order.",
    )
