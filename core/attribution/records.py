"""What the maps of attribution are, and what is found when they are put to the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Maps = Mapping[str, Floats]
"""By the name of a method, a map of shape (H, W)."""


@dataclass(frozen=True)
class Likeness:
    """How like its original a method's map stays, over several draws of random weights.

    Attributes
    ----------
    depth : int
        How many layers are randomised, from the top down.
    mean, low, high : float
        Of the rank correlations; NaN where no draw has one.
    places : float
        Their mean without the sign: where the map points, whichever way.
    draws : int
        How many draws there are.
    blank : int
        How many of them give a map that is the same everywhere, and no rank correlation.
    """

    depth: int
    mean: float
    low: float
    high: float
    places: float
    draws: int
    blank: int

    @property
    def above(self) -> float:
        """How far the highest is above the mean."""
        return self.high - self.mean

    @property
    def below(self) -> float:
        """How far the lowest is below the mean."""
        return self.mean - self.low


@dataclass(frozen=True, eq=False)
class Course:
    """The probability of a class as pixels are taken away, or put in.

    Attributes
    ----------
    shares : ndarray of shape (T,)
        Of the pixels, from 0 to 1.
    probabilities : ndarray of shape (T,)
    """

    shares: Doubles
    probabilities: Doubles

    @property
    def area(self) -> float:
        """The area under it by the trapezoid rule: the score, in [0, 1]."""
        return float(np.trapezoid(self.probabilities, self.shares))


@dataclass(frozen=True, eq=False)
class Courses:
    """The courses of all methods of one kind, beside random orders.

    Attributes
    ----------
    kind : {"deletion", "insertion"}
    by_method : dict of Course
    at_random : tuple of Course
    """

    kind: str
    by_method: Mapping[str, Course]
    at_random: tuple[Course, ...]

    @property
    def random_areas(self) -> Doubles:
        """The areas of the random orders, shape (R,)."""
        return np.array([course.area for course in self.at_random])

    @property
    def random_band(self) -> tuple[Doubles, Doubles, Doubles]:
        """Lowest, mean and highest probability of the random orders at each share."""
        every = np.stack([course.probabilities for course in self.at_random])
        return every.min(axis=0), every.mean(axis=0), every.max(axis=0)

    def beats_chance(self, method: str) -> bool:
        """Whether a method does better than every random order: lower, for insertion higher."""
        area, chance = self.by_method[method].area, self.random_areas
        return bool(area < chance.min() if self.kind == "deletion" else area > chance.max())
