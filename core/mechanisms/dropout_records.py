"""What is found out about dropout, as records that know nothing of Keras."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int32]

WIDTH = 100.0
"""Of the board of units, in units of its own, in which heights are measured, too."""
HEAD = 4.2
"""Height of the words above a band."""


@dataclass(frozen=True, eq=False)
class Band:
    """The units of one layer, laid out in rows of cells.

    Attributes
    ----------
    words : str
        What stands above it.
    values : ndarray of shape (R, C), float32
        The activations as they are passed on, 0 where silenced; NaN where no unit is.
    strength : ndarray of shape (R, C), float32
        Their absolute size as a share of the layer's largest, in [0, 1]; NaN where silenced or
        where no unit is.
    silenced : ndarray of shape (R, C), float32
        1 where a unit is silenced, else NaN.
    units : ndarray of shape (R, C, 3), int32
        What each cell is: map, row and column; for dense units and classes the number and twice 0.
    is_maps : bool
    top : float
        Distance of its upper edge from the board's, in units of the board.
    cell : float
        Side of a cell, alike.
    """

    words: str
    values: Floats
    strength: Floats
    silenced: Floats
    units: Integers
    is_maps: bool
    top: float
    cell: float

    @property
    def first_row(self) -> float:
        """Where the middle of the first row of cells is."""
        return self.top + self.cell / 2

    @property
    def first_column(self) -> float:
        """Where the middle of the first column is."""
        return self.cell / 2

    @property
    def words_at(self) -> float:
        """Where the words are."""
        return self.top - HEAD / 2

    @property
    def bottom(self) -> float:
        """Where it ends."""
        rows: int = self.values.shape[0]
        return self.top + self.cell * rows


@dataclass(frozen=True, eq=False)
class Step:
    """One image in one training step.

    Attributes
    ----------
    bands : tuple of Band
        From the image to the classes.
    thinned : ndarray of shape (K,)
        The probabilities of this step's thinned network.
    silent, units : int
        How many units are silent, of how many that may be.
    """

    bands: tuple[Band, ...]
    thinned: Floats
    silent: int
    units: int

    @property
    def height(self) -> float:
        """Of the board."""
        return self.bands[-1].bottom


@dataclass(frozen=True, eq=False)
class Agreement:
    """Ridge beside dropout.

    Attributes
    ----------
    ridge, dropout : ndarray of shape (D, K)
        The weights in closed form, and those learnt from the most noisy copies; each times the
        root mean square of its unit, which is how strongly it speaks. As they are, the large
        weights of the few units that are hardly ever active would drown all others.
    copies : tuple of int
    distances : tuple of float
        By number of copies: the norm of their difference over the norm of `ridge`.
    expected_distances : tuple of float
        Of the last distance the course that chance alone takes, as 1 / sqrt(copies).
    error : float
        Mean squared error of the ridge weights without dropout, over images and classes.
    penalty : float
        What dropout adds to it in closed form.
    noisy_error : float
        What the mean squared error of the same weights is under dropout, measured.
    noisy_spread : float
        The standard error of that.
    """

    ridge: Doubles
    dropout: Doubles
    copies: tuple[int, ...]
    distances: tuple[float, ...]
    expected_distances: tuple[float, ...]
    error: float
    penalty: float
    noisy_error: float
    noisy_spread: float

    @property
    def expected_error(self) -> float:
        """What the closed form says that the mean squared error under dropout is."""
        return self.error + self.penalty
