"""The view of the responses page that goes through a convolution one step at a time."""

from __future__ import annotations

import streamlit as st

from pages.shared.one_step_scene import show_scene
from pages.shared.response_saving import save_step
from pages.shared.response_views import Inside, pick_filter


def show_steps(inside: Inside) -> None:
    """The convolution at one position, which the person moves."""
    from core.inside.layers import convolution_layers, input_shape
    from core.inside.one_step import scene_of

    chosen = pick_filter(inside)
    scene = scene_of(inside.kernels, inside.bias, inside.stages, chosen)
    first = convolution_layers(inside.network.model)[0] == inside.layer
    gray = first and input_shape(inside.network.model)[2] in (1, 3)
    show_scene(scene, f"filter {chosen} of {inside.layer}", gray, key="one step at a time")
    st.caption(_how_it_moves(inside))
    if scene.convolved.shape != inside.stages.convolved.shape[:2]:
        rows, columns = scene.convolved.shape
        st.caption(
            f"Of this large map, the {columns} x {rows} places around its strongest response are "
            "shown at full resolution; all others are computed alike."
        )
    save_step(inside, scene, chosen)


def _how_it_moves(inside: Inside) -> str:
    """Stride, padding, dilation and the rest of the way, in sentences."""
    stages = inside.stages
    down, right = stages.strides
    step = f"{down}" if down == right else f"{down} down and {right} to the right"
    words = [
        f"The kernel moves by {step} pixel{'s' if (down, right) != (1, 1) else ''} a step (stride)."
    ]
    if stages.padding == "same":
        words.append(
            "Padding “same”: zeros (hatched) stand around the input, so that the kernel can lie on "
            "its edge."
        )
    else:
        words.append("Padding “valid”: the kernel only lies where all of it is on the input.")
    if max(stages.dilation) > 1:
        words.append(
            f"Dilation {stages.dilation[0]} x {stages.dilation[1]}: the kernel's numbers lie that "
            "many pixels apart."
        )
    if stages.groups > 1:
        words.append(
            f"The layer works in {stages.groups} groups; shown are this filter's channels."
        )
    if stages.normalization:
        words.append("The normalization uses its moving statistics, as after training.")
    words.append(
        "Dropout is off. Orange is positive, blue negative, white zero; each picture has a scale "
        "of its own. Point at a number to read all its digits."
    )
    return " ".join(words)
