"""What there is to save on the kernel bench, view by view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pages.shared.kernel_views import Layer
from pages.shared.save import about, offer_bundle, stem

if TYPE_CHECKING:
    import numpy as np

    from core.data import Splits
    from core.inside.ablation import FilterOff, OffCurve
    from core.inside.changed_answers import Change


def save_hand(
    layer: Layer, kernel: np.ndarray, image: np.ndarray, title: str, response: np.ndarray
) -> None:
    """The kernel, the image, and its response at full resolution."""
    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle

    words = (
        f"A kernel by hand on {title}, in shades of gray: correlation as a convolution layer does "
        "it, zeros outside of the image, no bias, no activation; nothing of a network is in it."
    )
    pieces = (
        NamedArray("response", "Its response", response),
        NamedArray("kernel", "The kernel", kernel),
        NamedArray("image", "The image", image, brightness=True),
    )
    offer_bundle(Bundle(stem(layer.network, "by-hand"), words, pieces), "by hand")


def save_place(
    layer: Layer,
    kernels: np.ndarray,
    number: int,
    answers: Sequence[np.ndarray],
    change: Change,
    data: Splits,
) -> None:
    """The layer's kernels with the new one, and the answers before and after."""
    from core.export.bundle import Bundle, NamedTable
    from core.export.columns import class_drops

    words = about(
        layer.network,
        f"layer {layer.name}",
        f"filter {number} replaced on a copy",
        f"on all {len(data.validation_labels):,} validation images, in their order; before and "
        "after: share of right answers; drop: accuracy lost, with its 95% interval",
    )
    further = {
        "kernels_learned": layer.kernels,
        "kernels_with_new": kernels,
        "probabilities_before": answers[0],
        "probabilities_after": answers[1],
        "labels": data.validation_labels,
    }
    table = NamedTable(
        "classes", "Right answers by class", class_drops(change.classes, data.class_names)
    )
    bundle = Bundle(stem(layer.network, "in-place"), words, (table,), further)
    offer_bundle(bundle, "in place")


def save_ablation(
    layer: Layer, found: Sequence[FilterOff], curves: Sequence[OffCurve], images: int
) -> None:
    """What each filter is worth by itself, and all of them together."""
    from core.export.bundle import Bundle, NamedTable
    from core.export.columns import filters_off, off_together

    words = about(
        layer.network,
        f"layer {layer.name}",
        f"filters switched off on a copy, ahead of the activation; on all {images:,} validation "
        "images; drop: accuracy lost, with its 95% interval; loss: how much it rose, in nats",
    )
    tables = (
        NamedTable("filters", "Each filter off by itself", filters_off(found)),
        NamedTable("together", "Filters off together", off_together(curves)),
    )
    offer_bundle(Bundle(stem(layer.network, "ablation"), words, tables), "ablation")
