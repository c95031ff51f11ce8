"""The settings of augmentation -> Keras's own layers that do it, in order, as plain data.

:mod:`core.augmentation.batches` makes the layers of it and :mod:`core.script` writes them, so that
the two cannot say different things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.settings import AugmentationSettings

_BLACK: Mapping[str, object] = {"fill_mode": "constant"}
"""What comes in from beyond the edge; Keras would mirror the image, and double its strokes."""

_BRIGHTNESS: Mapping[str, object] = {"value_range": (0, 1)}


class Turn(float):
    """An angle as Keras takes it, a share of the full turn, that is written in degrees."""

    def __new__(cls, degrees: float) -> Turn:
        """The angle of so many degrees."""
        return super().__new__(cls, degrees / 360)

    def __init__(self, degrees: float) -> None:
        self._degrees = degrees

    def __repr__(self) -> str:
        return f"{repr(float(self._degrees)).removesuffix('.0')} / 360"


@dataclass(frozen=True)
class Alteration:
    """One layer to be.

    Attributes
    ----------
    kind : str
        The class in ``keras.layers``.
    positional, options : tuple, Mapping
        What that class is called with, as a person would write it.
    chance : int
        Added to the run's seed it is the layer's own. Each alteration has its own number, so that
        none follows another one's dice, and none rolls otherwise because another one is on.
    """

    kind: str
    positional: tuple[object, ...]
    options: Mapping[str, object]
    chance: int


def alterations(settings: AugmentationSettings) -> tuple[Alteration, ...]:
    """The layers that the settings ask for, in the order in which a batch passes them.

    What alters single images comes first, then what mixes two: CutMix, and then mixup, as in
    Keras's own example.
    """
    found = []
    for number, mode in enumerate(("horizontal", "vertical"), 1):
        # Two layers: Keras's one for both directions flips in both or in none.
        if settings.flip in (mode, "both"):
            found.append(Alteration("RandomFlip", (mode,), {}, number))
    if settings.shift:
        sides = (settings.shift, settings.shift)
        found.append(Alteration("RandomTranslation", sides, _BLACK, 3))
    if settings.rotation:
        found.append(Alteration("RandomRotation", (Turn(settings.rotation),), _BLACK, 4))
    if settings.zoom:
        found.append(Alteration("RandomZoom", (settings.zoom,), _BLACK, 5))
    if settings.contrast:
        # From one number alone, Keras strengthens the contrast and never weakens it.
        bounds = (settings.contrast, settings.contrast)
        found.append(Alteration("RandomContrast", (bounds,), _BRIGHTNESS, 6))
    if settings.cutout:
        found.append(Alteration("RandomErasing", (), _cutout(settings.cutout), 7))
    if settings.cutmix:
        # From one number alone, Keras would draw alpha itself anew between 0 and it.
        options = {"factor": (settings.cutmix, settings.cutmix)}
        found.append(Alteration("CutMix", (), options, 8))
    if settings.mixup:
        found.append(Alteration("MixUp", (settings.mixup,), {}, 9))
    return tuple(found)


def _cutout(side: float) -> Mapping[str, object]:
    """Always, one square of a fixed area, black (DeVries & Taylor, 2017)."""
    area = round(side**2, 6)
    return {"factor": (1.0, 1.0), "scale": (area, area), "fill_value": 0.0}


def mixes_labels(settings: AugmentationSettings) -> bool:
    """Whether two images, and their labels, become one."""
    return settings.mixup > 0 or settings.cutmix > 0


def without_mixing(settings: AugmentationSettings) -> AugmentationSettings:
    """The same settings, without what takes two images."""
    return replace(settings, mixup=0.0, cutmix=0.0)
