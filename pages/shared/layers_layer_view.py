"""One layer: what it does, its weights, how it is set; and all layers in a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import state
from pages.shared.layers_saving import save_network
from pages.shared.layers_scene import CHART, Scene

if TYPE_CHECKING:
    from core.inside.layer_records import LayerRecord, WeightArray


def show_layer(scene: Scene) -> None:
    """Weights and configuration of the chosen layer."""
    from core.inside.layers import (
        configuration,
        layer_called,
        layer_table,
        record_of,
        weight_arrays,
    )

    model, name = scene.network.model, scene.layer
    record = record_of(layer_called(model, name))
    st.markdown(f"**{record.kind}** {record.purpose}. Its output: {record.output}.")
    arrays = weight_arrays(model, name)
    if arrays:
        _show_weights(name, arrays)
    else:
        st.info("This layer has no weights: there is nothing in it to learn.")
    with st.expander("How it is set", expanded=not arrays, icon=":material/settings:"):
        st.dataframe(
            [{"Setting": k, "Value": v} for k, v in configuration(model, name).items()],
            hide_index=True,
            height="content",
            alt=f"The configuration of the layer {name}.",
        )
    layers = layer_table(model)
    _show_table(layers)
    save_network(scene, layers, arrays)


def _show_table(layers: Sequence[LayerRecord]) -> None:
    rows = [
        {
            "Layer": row.name,
            "Type": row.kind,
            "Output": row.output,
            "Weights": row.weights,
            "What it does": row.purpose,
        }
        for row in layers
    ]
    st.markdown("**All layers**")
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        # Lines are broken only in rows that are higher than 64, and columns of a given width.
        row_height=66,
        column_config={
            "Weights": st.column_config.NumberColumn(format="localized"),
            "What it does": st.column_config.TextColumn(width=258),
        },
        alt=f"Table of the network's {len(rows)} layers.",
    )


def _show_weights(name: str, arrays: tuple[WeightArray, ...]) -> None:
    """Every weight array with its shape, and one as a histogram."""
    from core.figures.network import weight_histogram
    from core.inside.layer_records import histogram
    from core.inside.layer_words import WEIGHT_MEANINGS

    for array in arrays:
        meaning = WEIGHT_MEANINGS.get(array.name, "")
        st.markdown(f"**{array.name}** `{array.words}`" + (f": {meaning}" if meaning else ""))
    by_name = {array.name: array for array in arrays}
    shown = st.segmented_control(
        "Histogram of",
        list(by_name),
        default=arrays[0].name,
        required=True,
        key=f"{state.HISTOGRAM} {name}",
    )
    counted = histogram(by_name[shown].values)
    st.plotly_chart(
        weight_histogram(counted, name, shown),
        key="weight histogram",
        config=CHART,
        alt=f"Histogram of {shown} of {name}: mean {counted.mean:.3g}, spread {counted.spread:.3g}",
    )
    st.caption(
        f"Mean {counted.mean:.3g}, spread (standard deviation) {counted.spread:.3g}. "
        f"Exactly 0: {counted.zeros:,} of {counted.counted:,}."
        + (
            " Weight penalties pull this heap towards zero. L1 piles many weights up close to "
            "it, as a spike; but a step of Adam or SGD hops over zero rather than stop there, so "
            "hardly a weight becomes exactly 0."
            if shown == "kernel"
            else ""
        )
    )
