"""What a layer answers to images most, as records that know nothing of Keras."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.reach_records import Reach

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Peaks:
    """The largest and the smallest answer of each filter on each image, before the activation.

    Attributes
    ----------
    highest, lowest : ndarray of shape (N, O)
    highest_places, lowest_places : ndarray of shape (N, O, 2)
        Row and column in the layer's map; of equal answers the first.
    reach : Reach
        What the layer sees of the image.
    """

    highest: Floats
    lowest: Floats
    highest_places: Integers
    lowest_places: Integers
    reach: Reach


@dataclass(frozen=True, eq=False)
class Patch:
    """One image, and where a filter answers to it most.

    Attributes
    ----------
    number : int
        Of the image.
    answer : float
        Before the activation.
    top, left : int
        The first row and column that are seen; negative where padding stands in for pixels.
    pixels : ndarray of shape (R, C, channels)
        What is seen; not a number where it lies beyond the image.
    """

    number: int
    answer: float
    top: int
    left: int
    pixels: Floats
