"""All kernels of a layer in one picture, and one of them with its numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.runs import Run
from pages.shared import state
from pages.shared.chart_settings import camera
from pages.shared.link_choice import link_choice, say_if_unknown
from pages.shared.run_picker import Network
from pages.shared.save import about, offer_to_save, stem, told

A_PAGE = 48
CHART = camera("kernels")


@dataclass(frozen=True, eq=False)
class Layer:
    """The layer whose kernels are looked at.

    Attributes
    ----------
    network : Network
    name : str
    kernels : ndarray of shape (R, C, I, O)
    """

    network: Network
    name: str
    kernels: np.ndarray

    @property
    def run(self) -> Run:
        """The run that it comes from."""
        return self.network.run

    @property
    def title(self) -> str:
        """Which weights they are, for the line under a chart's title."""
        return f"{self.name}, {self.network.words}"


def pick_layer(network: Network) -> Layer:
    """Let the person pick one of the layers that have kernels."""
    from core.inside.layers import kernels_of, layers_with_kernels

    names = layers_with_kernels(network.model)
    name = link_choice(st.selectbox, state.LAYER, "Layer", names, width=260)
    kernels = kernels_of(network.model, name)[0]
    say_if_unknown(state.KERNEL, "Filter", [str(number) for number in range(kernels.shape[-1])])
    return Layer(network, name, kernels)


def show_all(layer: Layer) -> None:
    """Every kernel on the left, one of them on the right."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        by = _show_grid(layer)
    with right:
        chosen, channel = _show_numbers(layer, by)
    save_kernels(layer, chosen, channel)


def save_kernels(layer: Layer, chosen: int, channel: int) -> None:
    """Have the layer's kernels saved, and the one that is chosen."""
    from core.export.array_files import NamedArray

    one = layer.kernels[:, :, channel, chosen]
    words = f"Filter {chosen}, input channel {channel}"
    name = f"{layer.name}-filter-{chosen}-channel-{channel}"
    whole = f"layer {layer.name}"
    arrays = [
        NamedArray(f"{layer.name}-kernels", f"All kernels of {layer.name}", layer.kernels),
        NamedArray(name, words, one),
    ]
    charts = stem(layer.network, "kernels"), about(layer.network, whole)
    offer_to_save(told(arrays, layer.network, whole), "kernels", charts)


def _show_grid(layer: Layer) -> str:
    """The grid, with its order and its pages; the order that was chosen."""
    from core.figures.kernels import kernel_grid, kernel_mosaic
    from core.inside import kernels as shelf

    rows, columns, channels, filters = layer.kernels.shape
    with st.container(horizontal=True):
        by = pick_order()
        size = _pick_size(filters * channels)
    pages = shelf.page(layer.kernels, by, size=size).count
    key = f"{state.KERNEL_PAGE} {layer.name} {pages}"
    number = st.pagination(pages, key=key) if pages > 1 else 1
    page = shelf.page(layer.kernels, by, number - 1, size)
    draw = kernel_mosaic if size > A_PAGE else kernel_grid
    st.plotly_chart(
        draw(page, layer.name, channels),
        key="kernel grid",
        config=CHART,
        alt=f"{len(page.filters)} kernels of {layer.name} as heat maps: negative weights blue, "
        f"positive orange, scale from {-page.limit:.3g} to {page.limit:.3g}.",
    )
    st.caption(
        f"{filters} filters with {channels} input channel{'s' if channels > 1 else ''} each: "
        f"{filters * channels} kernels of {rows}x{columns} weights, {layer.network.words}. All "
        "share one colour scale; point at a cell to read its number."
    )
    return by


def pick_order() -> str:
    """In which order filters are shown."""
    from core.inside import kernels as shelf

    return st.segmented_control(
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


def _pick_size(kernels: int) -> int:
    """How many kernels stand on a page: few with captions, or thousands in one picture."""
    from core.figures.kernels import MOSAIC

    if kernels <= A_PAGE:
        return A_PAGE
    return st.segmented_control(
        "Kernels a page",
        [A_PAGE, MOSAIC],
        format_func=lambda size: f"up to {size:,}",
        default=MOSAIC if kernels > 10 * A_PAGE else A_PAGE,
        required=True,
        key=f"{state.KERNELS_A_PAGE} {kernels > 10 * A_PAGE}",
        persist_state="session",
    )


def pick_kernel(layer: Layer, by: str) -> tuple[int, int]:
    """Which filter, and which of its input channels."""
    from core.inside import kernels as shelf

    filters = [str(number) for number in shelf.order(layer.kernels, by)]
    chosen = int(link_choice(st.selectbox, state.KERNEL, "Filter", filters))
    channel = 0
    if layer.kernels.shape[2] > 1:
        channel = st.selectbox(
            "Input channel",
            range(layer.kernels.shape[2]),
            key=state.CHANNEL,
            persist_state="session",
        )
    return chosen, channel


def _show_numbers(layer: Layer, by: str) -> tuple[int, int]:
    """One kernel large, and its numbers to copy; its filter and channel."""
    from core.figures.kernels import one_kernel
    from core.inside import kernels as shelf

    chosen, channel = pick_kernel(layer, by)
    kernel = layer.kernels[:, :, channel, chosen]
    st.plotly_chart(
        one_kernel(kernel, shelf.symmetric_limit(layer.kernels), layer.name, chosen, channel),
        key="one kernel",
        config=CHART,
        alt=f"Kernel of filter {chosen}, input channel {channel}: {kernel.round(2).tolist()}",
    )
    st.caption(
        "Where positive (orange) stands beside negative (blue), the kernel answers to an edge "
        "between them; all of one sign, it blurs. "
        f"Norm of this filter: {shelf.norms(layer.kernels)[chosen]:.3g}."
    )
    with st.expander("Its numbers, to copy", icon=":material/content_copy:"):
        st.dataframe(
            shelf.numbers_table(kernel),
            alt=f"The weights of this kernel, {kernel.shape[0]} rows by {kernel.shape[1]} columns.",
        )
        st.code(shelf.as_python(kernel), language="python")
    return chosen, channel
