"""What the kernels of a layer do to an image: a sample, a pattern, a photo of one's own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from pages.shared import response_views, state
from pages.shared.image_source import Source, pick_image, show_image
from pages.shared.large_picture_view import show_all
from pages.shared.link_choice import link_choice, say_if_unknown
from pages.shared.look_inside import walk_on
from pages.shared.one_step_view import show_steps
from pages.shared.open_tab import show_open_tab, tabs_in_link
from pages.shared.response_pair_view import show_two_runs
from pages.shared.response_saving import save_all
from pages.shared.response_views import Inside
from pages.shared.run_picker import Network, pick_network
from pages.shared.weight_sides import drop_wrong_beside

VIEWS = {
    "All kernels": show_all,
    "One step at a time": show_steps,
    "One kernel": response_views.show_one,
    "True convolution": response_views.show_convolution,
    "Vertical and horizontal": response_views.show_stripes,
    "Two runs": show_two_runs,
}


def size_in_words(size: tuple[int, int]) -> str:
    """Rows and columns as people name the size of a picture: its width first."""
    rows, columns = size
    return f"{columns} x {rows}"


def show_picture(source: Source, shape: tuple[int, int, int]) -> None:
    """The image as the person knows it, and as the network gets it."""
    known, given = source.picture.pixels, source.at_network_size(shape)
    sizes = [size_in_words(size) for size in (source.picture.original_size, shape[:2])]
    with st.container(horizontal=True, gap="medium"):
        show_image(known, f"{source.title} ({sizes[0]} pixels)", source.title)
        if known.shape != given.shape or source.invert or source.box:
            show_image(given, f"As the network gets it ({sizes[1]} pixels)", "The network's input")
    notes = source.notes(shape)
    if notes:
        st.caption(" ".join(notes))


def pick_size(
    network: Network, layer: str, source: Source, shape: tuple[int, int, int]
) -> np.ndarray:
    """The image as an array, at the network's size or at its own."""
    from core.inside.stages import pixels_allowed

    sizes = {"network": f"The network's ({size_in_words(shape[:2])})", "own": "The image's own"}
    if source.picture.pixels.shape[:2] == shape[:2]:
        return source.at_network_size(shape)
    chosen = st.segmented_control(
        "Size at which the layer sees it",
        list(sizes),
        format_func=sizes.__getitem__,
        default="network",
        required=True,
        key=state.SIZE,
        persist_state="session",
        help="A convolution can slide over an image of any size. At its own size a photo shows "
        "more, but no class could be read off: the dense layers need the network's size.",
    )
    if chosen == "network":
        return source.at_network_size(shape)
    own = source.at_own_size(shape[2], pixels_allowed(network.model, layer))
    if own.shape[:2] != source.picture.original_size:
        reduced = size_in_words(own.shape[:2])
        st.caption(f"Reduced to {reduced} pixels, so that all maps fit in memory.")
    return own


def whole_picture(
    network: Network, layer: str, source: Source, image: np.ndarray
) -> Callable[[], np.ndarray] | None:
    """All pixels of a large photo, where the person wants its own size and the layer can."""
    from core.inside.large_pictures import goes_in_bands
    from core.inside.layers import input_shape

    shape = input_shape(network.model)
    if source.whole is None or image.shape == shape or not goes_in_bands(network.model, layer):
        return None
    return lambda: source.at_full_size(shape[2])


def show_page() -> None:
    """From the run to a layer to an image to what its kernels make of it."""
    st.title("Responses")
    st.markdown(
        "Slide a layer's kernels over an image and look at what they answer, place by place."
    )
    network = pick_network()
    from core.inside.layers import input_shape, kernels_of, layers_with_kernels
    from core.inside.stages import layer_stages

    shape = input_shape(network.model)
    left, right = st.columns([1, 1], gap="large")
    with left:
        layers = layers_with_kernels(network.model)
        layer = link_choice(st.selectbox, state.LAYER, "Layer", layers)
        source = pick_image(network.run, shape)
        image = pick_size(network, layer, source, shape)
    with right:
        show_picture(source, shape)
    pixels = size_in_words(image.shape[:2])
    with st.spinner(f"Computing what {layer} makes of {pixels} pixels ...", show_time=False):
        stages = layer_stages(network.model, layer, image)
    whole = whole_picture(network, layer, source, image)
    kernels = kernels_of(network.model, layer)
    inside = Inside(network, layer, image, source.title, stages, *kernels, whole)
    drop_wrong_beside()
    say_if_unknown(state.KERNEL, "Filter", [str(one) for one in range(stages.activation.shape[2])])
    tabs = tabs_in_link(VIEWS, state.VIEW)
    show_open_tab(tabs, VIEWS, inside)
    save_all(inside)
    walk_on(network, {"interpretation/kernels": "The kernels"}, layer)


show_page()
