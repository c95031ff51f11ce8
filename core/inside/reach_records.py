"""How far layers see and what they cost, as records that know nothing of Keras."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """What one layer takes together along an axis.

    Attributes
    ----------
    layer : str
    size : int
        How many numbers.
    apart : int
        Pixels of the image between two neighbours of them.
    """

    layer: str
    size: int
    apart: int

    @property
    def uniform_variance(self) -> float:
        """In pixels squared: by how much it spreads the field if its weights are all alike.

        A window of k equal weights, one pixel apart, has the variance (k^2 - 1) / 12.
        """
        return (self.size * self.size - 1) / 12 * self.apart**2

    @property
    def term(self) -> str:
        """The same as a term of a sum: ``"8/12"``, or ``"4 * 8/12"`` two pixels apart."""
        times = f"{self.apart**2} * " if self.apart > 1 else ""
        return f"{times}{self.size * self.size - 1}/12"


@dataclass(frozen=True)
class Axis:
    """The field along the rows, or the columns.

    Attributes
    ----------
    size : int
        Pixels that one number sees.
    step : int
        Pixels by which the fields of two neighbouring numbers are apart.
    start : int
        The first pixel that number 0 sees; negative where padding stands in for pixels.
    numbers : int
        How many numbers the map has along the axis.
    windows : tuple of Window
        Those on the way from the image that take more than one number, first to last.
    """

    size: int
    step: int
    start: int
    numbers: int
    windows: tuple[Window, ...] = ()

    @property
    def uniform_variance(self) -> float:
        """In pixels squared: how far the field would spread if all weights were alike."""
        return math.fsum(window.uniform_variance for window in self.windows)

    @property
    def centre(self) -> int:
        """The number in the middle of the map."""
        return self.numbers // 2

    @property
    def first(self) -> int:
        """The first pixel that the number in the middle sees; may lie before the image."""
        return self.start + self.centre * self.step


@dataclass(frozen=True)
class Reach:
    """What one layer sees of the image.

    Attributes
    ----------
    layer : str
    rows, columns : Axis or None
        None unless `kind` is ``"window"``.
    kind : {"window", "whole", "unknown"}
        A window of the image, the whole image, or not known: a layer of its own kind.
    through_statistics : bool
        Whether a normalization over the map's places makes each pixel count a little beside.
    """

    layer: str
    rows: Axis | None
    columns: Axis | None
    kind: Literal["window", "whole", "unknown"]
    through_statistics: bool = False

    @property
    def words(self) -> str:
        """As people name a size: ``"10 x 10"``, columns first."""
        if self.rows is None or self.columns is None:
            return {"whole": "whole image"}.get(self.kind, "not known")
        return f"{self.columns.size} x {self.rows.size}"

    def bounds(self, rows: int, columns: int) -> tuple[float, float, float, float]:
        """First and last row, first and last column, of image and window together.

        Parameters
        ----------
        rows, columns : int
            Of the image.
        """
        low, high, left, right = 0, rows, 0, columns
        if self.rows is not None and self.columns is not None:
            low, high = min(low, self.rows.first), max(high, self.rows.first + self.rows.size)
            left = min(left, self.columns.first)
            right = max(right, self.columns.first + self.columns.size)
        return low, high, left, right

    @property
    def uniform_sigma(self) -> float:
        """The spread that the field would have, in pixels, if all weights were alike.

        sqrt(8 n / 12) after n layers of 3x3 kernels at stride 1 (Luo et al., 2016). Not a number
        unless the field is a window.
        """
        if self.rows is None or self.columns is None:
            return math.nan
        return math.sqrt((self.rows.uniform_variance + self.columns.uniform_variance) / 2)

    @property
    def uniform_sum(self) -> str:
        """How :attr:`uniform_sigma` is made up, as ``"sqrt(8/12 + 3/12 + 4 * 8/12)"``.

        Empty unless the field is a window and something widens it.
        """
        if self.rows is None or self.columns is None:
            return ""
        down, across = (
            " + ".join(window.term for window in axis.windows) or "0"
            for axis in (self.rows, self.columns)
        )
        if down == across:
            return "" if down == "0" else f"sqrt({down})"
        return f"sqrt((({down}) + ({across})) / 2)"


@dataclass(frozen=True, eq=False)
class EffectiveField:
    """How a layer's units in the middle of the map depend on the image.

    Attributes
    ----------
    layer : str
    shares : ndarray of shape (H, W)
        The absolute gradient at each pixel, averaged over images, filters and colours, as a share
        of its sum; zeros if no unit moves at all.
    centre : pair of float
        Row and column of its centre of mass; not a number if no unit moves.
    sigmas : pair of float
        Its spread down and across, in pixels: the root of the second moment about the centre.
    images : int
        On how many images it was averaged.
    filters, of_filters : int
        On how many of how many filters.
    """

    layer: str
    shares: Doubles
    centre: tuple[float, float]
    sigmas: tuple[float, float]
    images: int
    filters: int
    of_filters: int

    @property
    def sigma(self) -> float:
        """The spread in pixels, rows and columns together: the root of their mean square."""
        return math.sqrt((self.sigmas[0] ** 2 + self.sigmas[1] ** 2) / 2)

    def ellipse(self, times: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Upper left and lower right corner around so many sigmas, as (row, column)."""
        (row, column), (down, across) = self.centre, self.sigmas
        return (
            (row - times * down, column - times * across),
            (row + times * down, column + times * across),
        )

    @property
    def moves(self) -> bool:
        """Whether any of these units depends on the image at all."""
        return bool(self.shares.any())


@dataclass(frozen=True)
class LayerTime:
    """How long a batch takes through one layer, in seconds.

    Attributes
    ----------
    layer : str
    median, shortest, longest : float
        Of `passes` passes.
    images, passes : int
    """

    layer: str
    median: float
    shortest: float
    longest: float
    images: int
    passes: int


@dataclass(frozen=True)
class CostShares:
    """Which share of the whole network's cost each layer has, in [0, 1].

    Attributes
    ----------
    layers : tuple of str
    multiply_adds, weights, times : tuple of float
        Each sums to 1, or is 0 throughout.
    """

    layers: tuple[str, ...]
    multiply_adds: tuple[float, ...]
    weights: tuple[float, ...]
    times: tuple[float, ...]
