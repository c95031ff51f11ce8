"""The settings of augmentation as a person meets them."""

from __future__ import annotations

from collections.abc import Mapping

from core.settings.control import Control
from core.settings.parts import Value

_FLIPS: Mapping[Value, str] = {
    "none": "Off",
    "horizontal": "Left and right",
    "vertical": "Up and down",
    "both": "Both",
}
_OFF: Mapping[Value, str] = {0.0: "off"}

AUGMENTATION = (
    Control(
        "shift",
        "augmentation",
        "Shift",
        "How far each training image is moved at most, as a share of its side, by chance and anew "
        "in every epoch: a digit stays that digit wherever it stands (Simard et al., 2003).",
        low=0.0,
        high=0.5,
        step=0.05,
    ),
    Control(
        "rotation",
        "augmentation",
        "Rotation",
        "By how many degrees each training image is turned at most, either way. Turned too far, a "
        "6 is a 9 (Simard et al., 2003).",
        low=0.0,
        high=180.0,
        step=5.0,
    ),
    Control(
        "zoom",
        "augmentation",
        "Zoom",
        "By what share each training image is made smaller or larger at most (Shorten & "
        "Khoshgoftaar, 2019).",
        low=0.0,
        high=0.5,
        step=0.05,
    ),
    Control(
        "flip",
        "augmentation",
        "Flip",
        "Mirrors every other training image, by chance. Good for things that look alike from both "
        "sides, bad for digits and letters (Krizhevsky et al., 2012).",
        choices=tuple(_FLIPS),
        words=_FLIPS,
    ),
    Control(
        "contrast",
        "augmentation",
        "Contrast",
        "By what share the contrast of each training image is weakened or strengthened at most, "
        "around its mean brightness (Howard, 2013).",
        low=0.0,
        high=1.0,
        step=0.05,
    ),
    Control(
        "cutout",
        "augmentation",
        "Cutout",
        "The side of a square that is blackened at a random place of each training image, as a "
        "share of the image's side, so that the network learns to look everywhere (DeVries & "
        "Taylor, 2017).",
        low=0.0,
        high=0.9,
        step=0.05,
    ),
    Control(
        "mixup",
        "augmentation",
        "Mixup",
        "Blends each training image with another one of its batch, and their labels in the same "
        "shares, which Beta(alpha, alpha) draws (Zhang et al., 2018). The training accuracy then "
        "counts the class of the larger share.",
        choices=(0.0, 0.2, 0.4, 1.0),
        words=_OFF,
    ),
    Control(
        "cutmix",
        "augmentation",
        "CutMix",
        "Pastes a piece of another image of the batch into each training image, and mixes the "
        "labels by the area of the piece, which Beta(alpha, alpha) draws (Yun et al., 2019). The "
        "training accuracy then counts the class of the larger share.",
        choices=(0.0, 0.5, 1.0),
        words=_OFF,
    ),
)
