"""What layers pass on, for one image and for many, as records that know nothing of Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.layer_records import LayerRecord

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LayerActivity:
    """The numbers that a layer passed on, for all images of a part.

    Attributes
    ----------
    layer, kind : str
    images : int
        N.
    numbers : int
        How many numbers it passed on, all images together.
    mean, spread : float
        Mean and standard deviation of these.
    zeros : float
        The share of them that is exactly 0, in [0, 1].
    activates : bool
        Whether the layer is an activation or has one that can silence: else no unit counts as dead.
    active_images : ndarray of shape (U,), int64
        For each unit, a map or a number, on how many images it is anything but 0 somewhere.
    unit_means : ndarray of shape (U,)
        Each unit's mean over images and places.
    unit_zeros : ndarray of shape (U,)
        The share of each unit's numbers that is exactly 0, in [0, 1].
    """

    layer: str
    kind: str
    images: int
    numbers: int
    mean: float
    spread: float
    zeros: float
    activates: bool
    active_images: Integers
    unit_means: Doubles
    unit_zeros: Doubles

    @property
    def units(self) -> int:
        """U: how many maps, or numbers, the layer passes on for an image."""
        return len(self.active_images)

    @property
    def active_shares(self) -> Doubles:
        """For each unit the share of its numbers, over images and places, that is not 0."""
        return 1 - self.unit_zeros

    @property
    def dead(self) -> tuple[int, ...]:
        """Units that are 0 everywhere on all images; none where nothing can silence them."""
        if not self.activates:
            return ()
        return tuple(int(number) for number in np.flatnonzero(self.active_images == 0))

    @property
    def busiest_first(self) -> Integers:
        """All units, those with the fewest zeros first."""
        return np.argsort(self.unit_zeros, kind="stable").astype(np.int64)


@dataclass(frozen=True, eq=False)
class Extremes:
    """The images that activate one unit most, and least.

    Attributes
    ----------
    most, least : ndarray of shape (M,)
        Numbers of the images, the most, or least, activating first; no image is in both.
    peaks : ndarray of shape (N,)
        For every image the unit's largest number over all places.
    """

    most: Integers
    least: Integers
    peaks: Floats


@dataclass(frozen=True, eq=False)
class Station:
    """What one layer makes of the image.

    Attributes
    ----------
    record : LayerRecord
    values : ndarray of shape (h, w, K) or (U,)
        The strongest K maps, strongest first, at screen size; or all numbers, in their order.
    filters : tuple of int
        The numbers of these maps; empty for a row of numbers.
    of_filters : int
        How many maps there are; 0 for a row of numbers.
    limit : float
        The largest absolute value shown, and so the end of the colour scale.
    zeros : float
        The share of all the layer's numbers that is exactly 0.
    idle : bool
        Whether the layer only works in training, and now passes on what it gets.
    """

    record: LayerRecord
    values: Floats
    filters: tuple[int, ...]
    of_filters: int
    limit: float
    zeros: float
    idle: bool


@dataclass(frozen=True, eq=False)
class Passage:
    """The way of an image.

    Attributes
    ----------
    stations : tuple of Station
        First layer to last.
    probabilities : ndarray of shape (K,) or None
        What the last layer says, if that is a softmax.
    outputs : dict of str to ndarray
        By layer, all that it makes of the image: (H', W', O), or (U,) of a dense layer.
    """

    stations: tuple[Station, ...]
    probabilities: Floats | None
    outputs: Mapping[str, Floats]

    @property
    def decision(self) -> int | None:
        """The class of the highest probability."""
        return None if self.probabilities is None else int(np.argmax(self.probabilities))
