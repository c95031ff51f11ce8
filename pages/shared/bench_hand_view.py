"""A kernel made by hand, and what it makes of an image."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.shared.bench_kernel import edit_kernel, say_what_is_awaited
from pages.shared.bench_saving import save_hand
from pages.shared.image_source import Source, pick_image, show_image
from pages.shared.kernel_views import CHART, Layer

_MOST_PIXELS = 250_000
_SIDE = 168
"""Pixels of the screen for the image, so that it stands beside its response on a small laptop."""


def show_hand(layer: Layer) -> None:
    """The grid on the left, the image and its response on the right."""
    from core.inside.hand_kernel import sum_in_words
    from core.inside.layers import input_shape

    left, right = st.columns([2, 3], gap="large")
    with left:
        kernel = edit_kernel(layer, any_size=True)
        if kernel is not None:
            st.info(sum_in_words(kernel), icon=":material/functions:")
    with right:
        source = pick_image(layer.run, input_shape(layer.network.model))
        pixels = source.at_own_size(1, _MOST_PIXELS)
        image, response = st.columns([2, 3])
        with image:
            show_image(pixels, source.title, source.title, _SIDE)
        with response:
            if kernel is None:
                say_what_is_awaited("The response comes")
                return
            whole = _show_response(kernel, pixels, source)
    save_hand(layer, kernel, pixels, source.title, whole)


def _show_response(kernel: np.ndarray, pixels: np.ndarray, source: Source) -> np.ndarray:
    from core.figures.responses import signed_map
    from core.inside.kernels import symmetric_limit
    from core.inside.responses import preview, respond

    whole = respond(kernel[:, :, np.newaxis, np.newaxis], pixels)
    maps = preview(whole, 280)
    response = maps.maps[:, :, 0]
    st.plotly_chart(
        signed_map(
            response, symmetric_limit(response), "Its response", "response", maps.step, height=400
        ),
        key="hand response",
        config=CHART,
        alt=f"Response of the kernel to {source.title}: from {response.min():.3g} to "
        f"{response.max():.3g}.",
    )
    colours = source.picture.pixels.shape[2] > 1
    st.caption(
        "Orange: the image looks like the kernel there. Blue: it looks like the opposite. As a "
        "convolution layer does it: the kernel is laid on as it is, with zeros outside of the "
        "image, which is why its border may answer; no bias, no activation."
        + (" The image is taken in shades of gray." if colours else "")
        + (f" Each square is the average of {maps.step} x {maps.step} numbers." * (maps.step > 1))
    )
    return whole[:, :, 0]
