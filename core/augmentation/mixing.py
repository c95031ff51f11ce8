"""Two images as one, and their labels in shares: mixup and CutMix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.augmentation.batches import layer_of
from core.augmentation.plan import alterations
from core.keras_state import KERAS_LOCK
from core.settings import AugmentationSettings

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

_MOST_PARTS = 4
"""CutMix makes two classes of one, and mixup two of these."""


@dataclass(frozen=True, eq=False)
class Mixed:
    """Images of a batch after mixing.

    Attributes
    ----------
    images : ndarray of shape (N, H, W, C), float32
        Values in [0, 1].
    shares : ndarray of shape (N, K), float32
        The label of each: the share of every class. They sum to 1.
    """

    images: Floats
    shares: Floats


def mixed(
    images: Floats, labels: Labels, classes: int, settings: AugmentationSettings, seed: int
) -> Mixed:
    """Mix a batch as a run with these settings does, by Keras's own layers; nothing else is done.

    Parameters
    ----------
    images : ndarray of shape (N, H, W, C), float32
    labels : ndarray of shape (N,), int64
        Classes, 0 to K - 1.
    classes : int
        K.
    settings : AugmentationSettings
        Of which the strengths of mixup and CutMix are used.
    seed : int
        The same seed draws the same.
    """
    only = AugmentationSettings(mixup=settings.mixup, cutmix=settings.cutmix)
    batch = {"images": images, "labels": np.eye(classes, dtype=np.float32)[labels]}
    with KERAS_LOCK:
        for one in alterations(only):
            batch = layer_of(one, seed)(batch, training=True)
    return Mixed(np.asarray(batch["images"]), np.asarray(batch["labels"]))


def parts_of_label(shares: Floats, class_names: Sequence[str]) -> list[tuple[str, float]]:
    """The classes that have half a percent of a label (K,) or more, largest first, four at most."""
    order = np.argsort(-shares, kind="stable")[:_MOST_PARTS]
    return [(class_names[place], float(shares[place])) for place in order if shares[place] >= 0.005]


def two_classes(labels: Labels, seed: int) -> tuple[int, int]:
    """Draw the places of two images of different classes, or of any two if all are of one class."""
    order = np.random.default_rng(seed).permutation(len(labels))
    others = order[labels[order] != labels[order[0]]]
    return int(order[0]), int(others[0] if len(others) else order[-1])


def first_of_each_class(labels: Labels, count: int) -> dict[tuple[int, int], int]:
    """The places of the first images of every class, `count` of each at most.

    Parameters
    ----------
    labels : ndarray of shape (N,), int64
    count : int

    Returns
    -------
    dict of (int, int) to int
        By class, and by number within it from 1, where the image stands among the N; classes in
        their order.
    """
    return {
        (int(label), number): int(place)
        for label in np.unique(labels)
        for number, place in enumerate(np.flatnonzero(labels == label)[:count], 1)
    }


@dataclass(frozen=True, eq=False)
class Pair:
    """Two images made one.

    Attributes
    ----------
    image : ndarray of shape (H, W, C), float32
        Values in [0, 1].
    share : float
        Of the first image's label, in [0, 1]; the rest is the second one's.
    """

    image: Floats
    share: float

    @property
    def rest(self) -> float:
        """The share of the second image."""
        return 1 - self.share

    def label(self, first: int, second: int, classes: int) -> Doubles:
        """The share of every class, of shape (K,), if the images are of these classes."""
        shares = np.zeros(classes)
        shares[first] += self.share
        shares[second] += self.rest
        return shares


def blended(first: Floats, second: Floats, share: float) -> Pair:
    """Mixup: `share` of the first image and the rest of the second (Zhang et al., 2018)."""
    image = share * first + (1 - share) * second
    return Pair(image.astype(np.float32), share)


def pasted(first: Floats, second: Floats, share: float, seed: int) -> Pair:
    """CutMix: a piece of the second image in the first (Yun et al., 2019).

    The piece has the form of the image and an area of 1 - `share` of it, to whole pixels; the share
    of the label is that of the pixels which are left. Its place comes from the seed.
    """
    rows, columns = first.shape[:2]
    side = np.sqrt(1 - share)
    high, wide = round(float(side * rows)), round(float(side * columns))
    rng = np.random.default_rng(seed)
    top, left = int(rng.integers(rows - high + 1)), int(rng.integers(columns - wide + 1))
    image = first.copy()
    image[top : top + high, left : left + wide] = second[top : top + high, left : left + wide]
    return Pair(image, 1 - high * wide / (rows * columns))
