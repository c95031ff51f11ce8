"""The same layer of another run on the same image, such as without and with dropout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.comparison.names_beside import names_beside
from pages.shared.chart_settings import PLAIN
from pages.shared.network_beside import has_layer, network_beside
from pages.shared.plain_text import as_typed
from pages.shared.response_views import STAGES, Inside, pick_stage
from pages.shared.run_picker import Network
from pages.shared.save import offer_to_save, told

if TYPE_CHECKING:
    from core.inside.stages import LayerStages


def show_two_runs(inside: Inside) -> None:
    """The responses of this run, and of another one, to the same image."""
    network = network_beside(inside.network, "without dropout")
    if network is None or not has_layer(network, inside.layer):
        return
    from core.inside.stages import layer_stages

    stages = layer_stages(network.model, inside.layer, inside.image)
    networks = (inside.network, network)
    names = names_beside([one.run for one in networks])
    both = dict(zip((name.short for name in names), (inside.stages, stages), strict=True))
    stage = pick_stage()
    maps = [getattr(stages, stage) for stages in both.values()]
    _show_grids(
        both,
        maps,
        [f"**{as_typed(n.whole)}**, {one.words}" for n, one in zip(names, networks, strict=True)],
    )
    when = STAGES[stage].lower()
    arrays = [
        (f"responses-{letter}", f"Responses in {name}, {when}", values)
        for letter, name, values in zip("AB", both, maps, strict=True)
    ]
    _save_both(inside, networks, arrays)
    _show_figures(both)


def _show_grids(both: dict[str, LayerStages], maps: list[np.ndarray], headings: list[str]) -> None:
    """Both runs' maps, each run's strongest first, on one colour scale."""
    from core.figures.responses import response_grid
    from core.inside import responses
    from core.inside.kernels import symmetric_limit

    rankings = [responses.strongest_first(one) for one in maps]
    small = [
        responses.preview(one[:, :, order.filters], responses.side_for(2 * one.shape[2]))
        for one, order in zip(maps, rankings, strict=True)
    ]
    limit = symmetric_limit(*(one.maps for one in small))
    columns = st.columns(2, gap="large")
    for place, (name, column) in enumerate(zip(both, columns, strict=True)):
        order = rankings[place]
        with column:
            st.markdown(headings[place])
            st.plotly_chart(
                response_grid(
                    small[place].maps,
                    order.filters.tolist(),
                    order.strengths.tolist(),
                    limit,
                    f"Responses of {both[name].layer}",
                    small[place].step,
                ),
                key=f"responses side by side {place}",
                config=PLAIN,
                alt=f"Responses of {both[name].layer} in {name}, strongest first.",
            )
    st.caption(
        "The same image and the same layer, dropout off in both, one colour scale for both. Each "
        "run's strongest map comes first: filters of the same number have nothing in common "
        "unless both runs began with the same weights."
    )


def _save_both(
    inside: Inside, networks: Sequence[Network], named: Sequence[tuple[str, str, np.ndarray]]
) -> None:
    """Have the maps of both saved; each file says of which run it is."""
    from core.export.array_files import NamedArray

    words = f"layer {inside.layer}", f"image: {inside.title}"
    arrays: list[NamedArray] = []
    for one, network in zip(named, networks, strict=True):
        arrays += told([NamedArray(*one)], network, *words)
    offer_to_save(arrays, "two runs", label="Save both responses")


def _show_figures(both: dict[str, LayerStages]) -> None:
    from core.inside.response_figures import side_by_side

    # A plain table, for its cells wrap where the screen is narrow.
    st.table(
        side_by_side({name: stages.activation for name, stages in both.items()}),
        hide_index=True,
        alt="Figures of the responses in both runs side by side.",
    )
    st.caption(
        "Measured on this one image, after the activation. Another image gives other numbers, and "
        "one pair of runs shows what can happen, not what a regularizer does as a rule."
    )
