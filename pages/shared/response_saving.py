"""What there is to save on the responses page: the image, the kernels, and what they make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import state
from pages.shared.response_views import Inside
from pages.shared.save import about, offer_to_save, stem

if TYPE_CHECKING:
    from core.export.array_files import NamedArray


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
    charts = stem(inside.network, "responses"), about(inside.network, f"layer {name}")
    offer_to_save(arrays + _of_one_filter(inside), "responses", charts)


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
