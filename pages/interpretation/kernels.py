"""The kernels of a convolution layer: all of them, and one with its numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.link_choice import link_choice
from pages.shared.run_picker import pick_network, walk_on

A_PAGE = 48
PLAIN = {"displayModeBar": False}


def show_all(layer: str, kernels: np.ndarray) -> str:
    """The grid, with its order and its pages; the order that was chosen."""
    from core.figures.kernels import kernel_grid
    from core.inside import kernels as shelf

    rows, columns, channels, filters = kernels.shape
    by = st.segmented_control(
        "Order",
        list(shelf.ORDERS),
        format_func=shelf.ORDERS.__getitem__,
        default="norm",
        required=True,
        key=state.ORDER,
        persist_state="session",
        help="The norm is the length of a kernel as a vector: the root of the sum of its squared "
        "weights. Kernels of small norm change little.",
    )
    pages = shelf.page(kernels, by, size=A_PAGE).count
    number = st.pagination(pages, key=f"{state.KERNEL_PAGE} {layer} {pages}") if pages > 1 else 1
    page = shelf.page(kernels, by, number - 1, A_PAGE)
    st.plotly_chart(
        kernel_grid(page, layer, channels),
        key="kernel grid",
        config=PLAIN,
        alt=f"{len(page.filters)} kernels of {layer} as heat maps: negative weights blue, positive "
        f"orange, scale from {-page.limit:.3g} to {page.limit:.3g}.",
    )
    st.caption(
        f"{filters} filters with {channels} input channel{'s' if channels > 1 else ''} each: "
        f"{filters * channels} kernels of {rows}x{columns} weights. All share one colour scale; "
        "point at a cell to read its number."
    )
    return by


def show_one(layer: str, kernels: np.ndarray, by: str) -> None:
    """One kernel large, and its numbers to copy."""
    from core.figures.kernels import one_kernel
    from core.inside import kernels as shelf

    filters = [str(number) for number in shelf.order(kernels, by)]
    chosen = int(link_choice(st.selectbox, state.KERNEL, "Filter", filters))
    channel = 0
    if kernels.shape[2] > 1:
        channel = st.selectbox(
            "Input channel", range(kernels.shape[2]), key=state.CHANNEL, persist_state="session"
        )
    kernel = kernels[:, :, channel, chosen]
    st.plotly_chart(
        one_kernel(kernel, shelf.symmetric_limit(kernels), layer, chosen, channel),
        key="one kernel",
        config=PLAIN,
        alt=f"Kernel of filter {chosen}, input channel {channel}: {kernel.round(2).tolist()}",
    )
    st.caption(
        "Where positive (orange) stands beside negative (blue), the kernel answers to an edge "
        "between them; all of one sign, it blurs. "
        f"Norm of this filter: {shelf.norms(kernels)[chosen]:.3g}."
    )
    with st.expander("Its numbers, to copy", icon=":material/content_copy:"):
        st.dataframe(
            shelf.numbers_table(kernel),
            alt=f"The weights of this kernel, {kernel.shape[0]} rows by {kernel.shape[1]} columns.",
        )
        st.code(shelf.as_python(kernel), language="python")


def show_page() -> None:
    """From the run to a layer: all of its kernels on the left, one of them on the right."""
    st.title("Kernels")
    st.markdown(
        "A kernel is a small pattern of weights. Slid over the image, it answers strongly where "
        "the image looks like it."
    )
    network = pick_network(biases=False)
    from core.inside.layers import convolution_layers, kernels_of

    layer = link_choice(st.selectbox, state.LAYER, "Layer", convolution_layers(network.model))
    kernels, _ = kernels_of(network.model, layer)
    left, right = st.columns([3, 2], gap="large")
    with left:
        by = show_all(layer, kernels)
    with right:
        show_one(layer, kernels, by)
    walk_on(
        network,
        [
            (
                "pages/interpretation/responses.py",
                "What they do to an image",
                "filter_center_focus",
            ),
            ("pages/interpretation/layers.py", "Back to the layers", "layers"),
        ],
        layer,
    )


show_page()
