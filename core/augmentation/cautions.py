"""What is worth a word before a network is trained on altered images."""

from __future__ import annotations

from core.augmentation.plan import mixes_labels
from core.settings import Settings

_DIGITS = ("mnist-5k", "digits", "mnist")
_HALFWAY = 90.0
"""Degrees from which on a 6 may lie nearer to a 9."""


def augmentation_cautions(settings: Settings) -> list[str]:
    """Sentences on what may do harm, none of which forbids it."""
    augmentation, data = settings.augmentation, settings.data.dataset
    found = []
    if data in _DIGITS and augmentation.flip != "none":
        found.append(
            "Flip shows the network mirrored digits, most of which are none: it learns what it "
            "will never meet, and a mirrored 2 looks much like a 5."
        )
    elif augmentation.flip in ("vertical", "both"):
        found.append(
            "Flipped up and down, things stand on their heads, as they do in none of the images "
            "that the network is judged on. Left and right is the usual choice here."
        )
    if data in _DIGITS and augmentation.rotation >= _HALFWAY:
        found.append(
            f"Turned by up to {augmentation.rotation:g} degrees, a 6 may look like a 9 and keeps "
            "the label 6. Some 15 degrees are usual for digits."
        )
    if mixes_labels(augmentation) and settings.optimisation.batch_size == 1:
        found.append(
            "Mixup and CutMix mix the images of a batch with one another: in a batch of 1 image "
            "there is none to mix with, and nothing changes."
        )
    return found
