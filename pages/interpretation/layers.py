"""A trained network layer by layer: what each does, how it is set, what its weights are."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.link_choice import link_choice
from pages.shared.run_picker import Network, pick_network, walk_on


def show_table(network: Network) -> None:
    """All layers, a line each."""
    from core.inside.layers import layer_table

    rows = [
        {
            "Layer": row.name,
            "Type": row.kind,
            "Output": row.output,
            "Weights": row.weights,
            "What it does": row.purpose,
        }
        for row in layer_table(network.model)
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        column_config={
            "Layer": st.column_config.TextColumn(width=180),
            "Weights": st.column_config.NumberColumn(format="localized"),
        },
        alt=f"Table of the network's {len(rows)} layers.",
    )


def show_diagram(network: Network, chosen: str) -> None:
    """The network as blocks, from the image to the classes."""
    from core.figures.network import diagram
    from core.inside.layers import input_record, layer_table

    records = [input_record(network.model), *layer_table(network.model)]
    st.plotly_chart(
        diagram(records, chosen),
        key="network diagram",
        config={"displayModeBar": False},
        alt="The network from top to bottom: "
        + "; ".join(f"{record.name}, {record.output}" for record in records),
    )
    st.caption(
        "A wide block is a large map, a thick block has many channels. On its way down the image "
        "becomes smaller and deeper: less *where*, more *what*."
    )


def show_layer(network: Network, name: str) -> None:
    """Weights and configuration of one layer."""
    from core.inside.layers import configuration, layer_called, record_of, weight_arrays

    record = record_of(layer_called(network.model, name))
    st.markdown(f"**{record.kind}** {record.purpose}. Its output: {record.output}.")
    arrays = weight_arrays(network.model, name)
    if arrays:
        show_weights(name, arrays)
    else:
        st.info("This layer has no weights: there is nothing in it to learn.")
    with st.expander("How it is set", expanded=not arrays, icon=":material/settings:"):
        st.dataframe(
            [{"Setting": k, "Value": v} for k, v in configuration(network.model, name).items()],
            hide_index=True,
            height="content",
            alt=f"The configuration of the layer {name}.",
        )


def show_weights(name: str, arrays: tuple) -> None:
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
        config={"displayModeBar": False},
        alt=f"Histogram of {shown} of {name}: mean {counted.mean:.3g}, spread {counted.spread:.3g}",
    )
    st.caption(
        f"Mean {counted.mean:.3g}, spread (standard deviation) {counted.spread:.3g}."
        + (
            " Weight penalties pull this heap towards zero; L1 leaves a spike exactly there."
            if shown == "kernel"
            else ""
        )
    )


def show_page() -> None:
    """From the run to its layers to one of them."""
    st.title("Layers")
    st.markdown("What stands between an image and a decision: every layer of a trained network.")
    network = pick_network(whole=True)
    from core.inside.layers import convolution_layers, layer_table

    show_table(network)
    names = [row.name for row in layer_table(network.model)]
    left, right = st.columns([2, 3], gap="large")
    with right:
        layer = link_choice(st.selectbox, state.LAYER, "Layer", names)
        show_layer(network, layer)
        walk_on(
            network,
            [
                ("pages/interpretation/kernels.py", "Its kernels", "grid_on"),
                (
                    "pages/interpretation/responses.py",
                    "What they do to an image",
                    "filter_center_focus",
                ),
            ],
            layer if layer in convolution_layers(network.model) else "",
        )
    with left:
        show_diagram(network, layer)


show_page()
