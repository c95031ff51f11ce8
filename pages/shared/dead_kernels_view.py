"""Which kernels died, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.run_data import data_of
from pages.shared.weight_sides import Key, Side, Sides, pick_layer

if TYPE_CHECKING:
    from core.mechanisms.weight_records import LayerHealth


def show_dead(sides: Sides) -> None:
    """Count the dead of each layer, and show one layer kernel by kernel."""
    from core.mechanisms.dead_kernels import health

    percent = st.slider(
        "Shrunk away: a norm below this share of the layer's median (%)",
        1,
        50,
        10,
        key=state.DEAD_BELOW,
        persist_state="session",
    )
    images = {side.name: data_of(side.run).validation_images for side in sides}
    found = {
        side.name: health(side.kernels, _loudest(side.key, side, images[side.name]), percent / 100)
        for side in sides
    }
    _show_counts(found)
    layer = pick_layer([one.layer for one in found[sides[0].name]], "dense")
    columns = st.columns(len(sides)) if len(sides) > 1 else [st.container()]
    for column, side in zip(columns, sides, strict=True):
        for one in found[side.name]:
            if one.layer == layer:
                with column:
                    _show_layer(side, one)
    counts = {len(part) for part in images.values()}
    st.caption(
        "A kernel counts as dead here if it has **shrunk away** (its norm, all input channels "
        f"together, is below {percent}% of its layer's median) or is **silent** (its output behind "
        f"the ReLU is 0 everywhere on all {' and '.join(f'{count:,}' for count in sorted(counts))} "
        "validation images, dropout off). A silent kernel gets no gradient any more: without a "
        "price its weights stay as they are, with one they shrink to nothing. The last layer has "
        "no ReLU and cannot be silent. If more than half of a layer has died, the median is that "
        "of a dead one: then go by the silent ones."
    )


@st.cache_resource(show_spinner="The network looks at the validation images ...", max_entries=6)
def _loudest(key: Key, _side: Side, _images: np.ndarray) -> Mapping[str, np.ndarray]:
    from core.mechanisms.dead_kernels import loudest_outputs

    return loudest_outputs(_side.network.model, _images)


def _show_counts(found: Mapping[str, tuple[LayerHealth, ...]]) -> None:
    rows = [
        {
            "Run": name,
            "Layer": one.layer,
            "Kernels": f"{len(one.norms)} {one.unit}",
            "Shrunk away": int(one.small.sum()),
            "Silent": "no ReLU" if one.silent is None else str(int(one.silent.sum())),
            "Dead (either)": int(one.dead.sum()),
            "Median norm": float(np.median(one.norms)),
        }
        for name, layers in found.items()
        for one in layers
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        column_config={"Median norm": st.column_config.NumberColumn(format="%.3g")},
        alt="Dead kernels by run and layer: "
        + "; ".join(f"{row['Run']}, {row['Layer']}: {row['Dead (either)']}" for row in rows),
    )


def _show_layer(side: Side, found: LayerHealth) -> None:
    from core.figures.dead_kernels import health_figure

    st.plotly_chart(
        health_figure(found, side.title),
        key=f"health {side.run.id}",
        config=PLAIN,
        alt=f"Norms of the {len(found.norms)} {found.unit} of {found.layer} in {side.name}: "
        f"{int(found.dead.sum())} are dead.",
    )
