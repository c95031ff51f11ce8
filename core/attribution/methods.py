"""The methods of attribution in words: what each asks, and its paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """A way to share out a score among the pixels of an image.

    Attributes
    ----------
    title : str
    short : str
        The title where there is little room.
    paper : str
    teaching : str
        One sentence on what the map says.
    signed : bool
        Whether a pixel can speak against the class, too; otherwise no number is below 0.
    """

    title: str
    short: str
    paper: str
    teaching: str
    signed: bool


METHODS: Mapping[str, Method] = {
    "saliency": Method(
        "Saliency",
        "Saliency",
        "Simonyan et al., 2014",
        "the gradient: how much the score would move if a pixel moved a little, up or down "
        "(absolute value, the largest of the colours).",
        False,
    ),
    "integrated": Method(
        "Integrated gradients",
        "Integrated",
        "Sundararajan et al., 2017",
        "the gradients summed along the way from the baseline to the image, times how far each "
        "pixel moves: the shares add up to the score.",
        True,
    ),
    "grad_cam": Method(
        "Grad-CAM",
        "Grad-CAM",
        "Selvaraju et al., 2017",
        "a layer's maps, each weighed by its mean gradient, summed, what is below 0 left out: "
        "coarse, but close to what the layer has found.",
        False,
    ),
    "occlusion": Method(
        "Occlusion",
        "Occlusion",
        "Zeiler & Fergus, 2014",
        "a patch of the baseline is slid over the image: how far the score falls without what is "
        "beneath, the mean of all patches over a pixel.",
        True,
    ),
}
