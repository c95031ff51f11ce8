"""The real images that a filter answers to most, for and against, and where in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared.excites_saving import save_patches
from pages.shared.excites_scene import AnsweredSample, Scene, sample_of

if TYPE_CHECKING:
    from core.inside.peak_records import Patch

_COUNT = 6


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
    rows, words, found = [], [], {}
    for name, against, colour in (("For", False, FOR), ("Against", True, AGAINST)):
        patches = strongest(sample.peaks, sample.images, scene.number, _COUNT, against)
        found[name.lower()] = patches
        labels = [_label(scene, sample, patch) for patch in patches]
        rows += patch_rows(name, patches, sample.images, labels, colour)
        words.append(f"{name} it: " + ", ".join(label.replace("\n", " ") for label in labels))
    drawn = sheet(rows)
    st.image(
        drawn,
        alt=f"The images that {scene.name} answers to most, with the patch seen. "
        + "; ".join(words)
        + ".",
    )
    st.caption(_words(scene, sample))
    save_patches(scene, sample, drawn, found)


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
