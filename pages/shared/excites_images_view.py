"""The real images that a filter answers to most, for and against, and where in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared.excites_saving import save_patches
from pages.shared.excites_scene import AnsweredSample, Scene, sample_of

if TYPE_CHECKING:
    from core.inside.peak_records import Patch

_COUNT = 6
_WIDTH = 118
"""Pixels of the screen for an image: three stand side by side on a phone."""


def show_images(scene: Scene) -> None:
    """The strongest images, with the patch that the filter saw."""
    from core.figures.patches import AGAINST, FOR, patch_rows, sheet
    from core.inside.strongest import strongest

    sample = sample_of(scene)
    if sample is None:
        return
    st.markdown(
        "The images that this filter answers to most, and the **patch** of them that it saw there. "
        "**For**: the answer is most positive. **Against**: most negative, which a ReLU makes 0."
    )
    rows, found = [], {}
    for name, against, colour in (("For", False, FOR), ("Against", True, AGAINST)):
        patches = strongest(sample.peaks, sample.images, scene.number, _COUNT, against)
        found[name.lower()] = patches
        labels = [_label(scene, sample, patch) for patch in patches]
        rows += patch_rows(name, patches, sample.images, labels, colour)
        _show_side(scene, name, patches, sample.images, labels, colour)
    drawn = sheet(rows)
    st.caption(_words(scene, sample))
    save_patches(scene, sample, drawn, found)


def _show_side(
    scene: Scene,
    name: str,
    patches: Sequence[Patch],
    images: np.ndarray,
    labels: list[str],
    colour: tuple[int, int, int, int],
) -> None:
    """Each image above its patch, as many side by side as the screen is wide."""
    from core.figures.patches import patch_rows, sheet

    st.markdown(f"**{name}:** the image, and the patch below it")
    st.image(
        [
            sheet([replace(row, name="") for row in patch_rows("", [one], images, (), colour)])
            for one in patches
        ],
        caption=[label.replace("\n", ", ") for label in labels],
        width=_WIDTH,
        alt=[
            f"{name} it: {label.replace(chr(10), ' ')}. An image that {scene.name} answers to "
            "most, and the patch seen."
            for label in labels
        ],
    )


def _label(scene: Scene, sample: AnsweredSample, patch: Patch) -> str:
    name = scene.class_names[int(sample.labels[patch.number])]
    if len(name) < 3:
        name = f"class {name}"
    return f"{patch.answer:.2f}\n{name if len(name) < 12 else name[:11] + '…'}"


def _words(scene: Scene, sample: AnsweredSample) -> str:
    answers = sample.peaks.highest[:, scene.number]
    low, middle, high = np.quantile(answers, (0.05, 0.5, 0.95))
    return (
        f"Among {sample.words}, {scene.network.words}, dropout off; each image once, at the place "
        "of its strongest answer. Under each patch the answer before the activation, and the "
        f"image's class. A patch is what the layer sees at one place: {sample.peaks.reach.words} "
        "pixels, by the sizes and strides of all layers up to it; gray is beyond the image, where "
        f"zeros stand in. The strongest answer within an image is {middle:.2f} in the median, and "
        f"between {low:.2f} and {high:.2f} for nine images in ten."
    )
