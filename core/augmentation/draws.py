"""One image, altered many times by chance, and what a network says of each."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from core.augmentation.batches import layer_of
from core.augmentation.plan import alterations, without_mixing
from core.keras_state import KERAS_LOCK
from core.settings import AugmentationSettings

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of one image, and a network's answers, dropout off.

    Attributes
    ----------
    images : ndarray of shape (N, H, W, C), float32
        Values in [0, 1].
    answers : ndarray of shape (N,), int64
        The class of the highest probability of each.
    plain_answer : int
        That of the image as it is.
    plain_confidence : float
        The probability of that class, in [0, 1].
    """

    images: Floats
    answers: npt.NDArray[np.int64]
    plain_answer: int
    plain_confidence: float

    @property
    def kept(self) -> npt.NDArray[np.bool_]:
        """Whether a draw gets the answer of the image as it is, of shape (N,)."""
        kept: npt.NDArray[np.bool_] = self.answers == self.plain_answer
        return kept


def drawn(
    image: npt.NDArray[np.floating], settings: AugmentationSettings, seed: int, count: int
) -> Floats:
    """Alter one image `count` times, as a run with these settings alters its training images.

    Mixing needs a second image and is left out; see :mod:`core.augmentation.mixing`.

    Parameters
    ----------
    image : ndarray of shape (H, W, C)
        Values in [0, 1].
    settings : AugmentationSettings
    seed : int
        The same seed draws the same.
    count : int

    Returns
    -------
    ndarray of shape (count, H, W, C), float32
        Without any augmentation, the image itself each time.
    """
    batch = np.repeat(image[np.newaxis].astype(np.float32), count, axis=0)
    with KERAS_LOCK:
        for one in alterations(without_mixing(settings)):
            batch = layer_of(one, seed)(batch, training=True)
    return np.asarray(batch)


def probabilities_of(model: keras.Model, images: Floats) -> Floats:
    """What a network says of a few images (N, H, W, C), dropout off: of shape (N, K)."""
    return np.asarray(model(images, training=False))


def answered(model: keras.Model, image: npt.NDArray[np.floating], draws: Floats) -> Draws:
    """Have a network answer to an image (H, W, C) and to draws of it (N, H, W, C)."""
    plain = image[np.newaxis].astype(np.float32)
    said = probabilities_of(model, np.concatenate([plain, draws]))
    given = np.argmax(said, axis=1)
    return Draws(draws, given[1:], int(given[0]), float(said[0].max()))
