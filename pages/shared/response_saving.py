"""What there is to save on the responses page: the image, the kernels, and what they make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.response_views import Inside
from pages.shared.save import about, offer_bundle, offer_to_save, stem, told

if TYPE_CHECKING:
    from core.export.array_files import NamedArray
    from core.inside.one_step import Scene


def save_all(inside: Inside) -> None:
    """Have every array of the page saved, of the layer and of the filter that is chosen."""
    from core.export.array_files import NamedArray

    name, stages = inside.layer, inside.stages
    before = f"Responses of {name} before the activation"
    arrays = [
        NamedArray("image", "The image as the network gets it", inside.image, brightness=True),
        NamedArray(f"{name}-input", f"What reaches {name}", stages.input, kind="channel"),
        NamedArray(f"{name}-kernels", f"The kernels of {name}", inside.kernels),
        NamedArray(f"{name}-before-activation", before, stages.before_activation),
        NamedArray(
            f"{name}-responses", f"Responses of {name} after the activation", stages.activation
        ),
    ]
    network, words = inside.network, (f"layer {name}", f"image: {inside.title}")
    charts = stem(network, "responses"), about(network, *words)
    offer_to_save(told(arrays + _of_one_filter(inside), network, *words), "responses", charts)


def save_step(inside: Inside, scene: Scene, chosen: int) -> None:
    """The convolution at the place where the animation begins, and the sums of all places."""
    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle
    from core.inside.one_step import step_at

    row, column = scene.strongest
    step = step_at(scene, row, column)
    pieces = tuple(
        NamedArray(name, words, values, scene.channels, "channel")
        for name, words, values in (
            ("patch", "The patch under the kernel", step.patch),
            ("kernel", "The kernel", step.kernel),
            ("products", "The products", step.products),
        )
    )
    further = {
        "channel_sums": step.channel_sums,
        "sum": np.array(step.total),
        "bias": np.array(scene.bias),
        "before_activation": np.array(step.before_activation),
        "activation": np.array(step.activation),
        "sums_of_all_places": scene.by_channel,
    }
    words = about(
        inside.network,
        f"image: {inside.title}",
        f"layer {inside.layer}, filter {chosen}",
        f"at row {scene.top + row}, column {scene.left + column} of its map, the strongest place",
        "sums_of_all_places: rows, columns and input channels, before the bias",
    )
    name = stem(inside.network, f"{inside.layer}-filter-{chosen}-step")
    offer_bundle(Bundle(name, words, pieces, further), "one step", "Save the strongest step")


def _of_one_filter(inside: Inside) -> list[NamedArray]:
    from core.export.array_files import NamedArray

    chosen = st.session_state.get(state.KERNEL)
    if chosen is None or int(chosen) >= inside.kernels.shape[3]:
        return []
    name, words = f"{inside.layer}-filter-{chosen}", f"Filter {chosen}"
    maps = inside.stages
    return [
        NamedArray(
            f"{name}-kernel", f"{words}: kernel", inside.kernels[..., int(chosen)], kind="channel"
        ),
        NamedArray(
            f"{name}-before-activation",
            f"{words}: before the activation",
            maps.before_activation[:, :, int(chosen)],
        ),
        NamedArray(
            f"{name}-response",
            f"{words}: after the activation",
            maps.activation[:, :, int(chosen)],
        ),
    ]
