"""How many weights of a kernel lie where: what is kept of kernels too large to be kept themselves.

All runs and epochs share one grid, so that their counts can be laid side by side, and be put
together to wider bins without a weight in the wrong one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
WIDTH = 2.0**-11
"""Width of a bin; bin number 0 has 0 in its middle. The first weights of a dense layer with 200,000
go from -0.06 to 0.06, that is over 245 bins: enough for the sixty or so of a chart, of which each
takes an odd number of these, with room for a layer ten times as large. Half the width would double
the file and show nothing more. A power of two, so that no weight is rounded on its way to its bin.
Another width needs another name in the file."""
FARTHEST = 4096
"""Number of the outermost bin on either side, around -2 and 2: what lies beyond is counted there.
So there are at most 8,193."""
END = FARTHEST * WIDTH
_BLOCK = 2**15
"""So many weights at a time stay in the processor's cache, and need no new pages of memory."""


@dataclass(frozen=True, eq=False)
class Counts:
    """One kernel at one moment.

    Attributes
    ----------
    first : int
        Number of the lowest bin, from -:data:`FARTHEST` on.
    counts : ndarray of shape (B,), integers
        Weights in each bin from there on; a bin has its lower edge and not its upper one. Weights
        that are not finite are in none.
    spread : float
        Standard deviation of the weights themselves; NaN if one of them is not finite.
    weights : int
        Numbers in the kernel.
    """

    first: int
    counts: npt.NDArray[np.integer]
    spread: float
    weights: int


@dataclass(frozen=True, eq=False)
class CountsByEpoch:
    """One kernel at the moments of a history.

    Attributes
    ----------
    first : int
    counts : ndarray of shape (E, B), unsigned integers
        As in :class:`Counts`, from the lowest bin to the highest that is ever used.
    spreads : ndarray of shape (E,), float64
    weights : int
    """

    first: int
    counts: npt.NDArray[np.integer]
    spreads: npt.NDArray[np.float64]
    weights: int

    @property
    def last(self) -> int:
        """Number of the highest bin."""
        return self.first + int(self.counts.shape[1]) - 1

    @property
    def widest(self) -> int:
        """Number of the bin that is farthest from 0, without its sign."""
        return max(-self.first, self.last, 0)

    def moments(self) -> list[Counts]:
        """Each moment by itself."""
        return [
            Counts(self.first, row, float(spread), self.weights)
            for row, spread in zip(self.counts, self.spreads, strict=True)
        ]


def counted(kernel: FloatArray) -> Counts:
    """Count the weights of a kernel on the grid, and measure how far they spread.

    Parameters
    ----------
    kernel : ndarray of any shape with at least one number, float32
    """
    values = kernel.ravel()
    spread = _spread(values)
    lowest, highest = values.min(), values.max()
    if not (lowest >= -END and highest <= END):
        values = np.clip(values[np.isfinite(values)], -END, END)
        if not values.size:
            return Counts(0, np.zeros(0, np.int64), spread, kernel.size)
        lowest, highest = values.min(), values.max()
    first, last = _bin(lowest), _bin(highest)
    # Half bins have their edges at whole numbers, and rounding a weight down to one is exact, which
    # adding half a bin to it is not. The bins are pairs of them.
    halves = np.zeros(2 * (last - first + 1), np.int64)
    for start in range(0, values.size, _BLOCK):
        places = np.floor(values[start : start + _BLOCK] * (2 / WIDTH))
        places -= 2 * first - 1
        halves += np.bincount(places.astype(np.int32), minlength=halves.size)
    return Counts(first, halves.reshape(-1, 2).sum(axis=1), spread, kernel.size)


def _bin(weight: np.float32) -> int:
    return (math.floor(float(weight) * (2 / WIDTH)) + 1) // 2


def _spread(values: FloatArray) -> float:
    # numpy.std does the same in half as much time again, for it makes one more copy.
    far = values.astype(np.float64)
    mean = float(np.add.reduce(far)) / far.size
    if not math.isfinite(mean):
        return math.nan
    far -= mean
    np.square(far, out=far)
    return math.sqrt(float(np.add.reduce(far)) / far.size)


def by_epoch(moments: Sequence[Counts]) -> CountsByEpoch:
    """The moments of one kernel in one array, no wider than they need and in small numbers."""
    used = [moment for moment in moments if moment.counts.size]
    first = min((moment.first for moment in used), default=0)
    end = max((moment.first + moment.counts.size for moment in used), default=first)
    counts = np.zeros((len(moments), end - first), np.int64)
    for row, moment in zip(counts, moments, strict=True):
        row[moment.first - first :][: moment.counts.size] = moment.counts
    columns = np.flatnonzero(counts.any(axis=0))
    low, high = (int(columns[0]), int(columns[-1]) + 1) if columns.size else (0, 0)
    counts = counts[:, low:high]
    return CountsByEpoch(
        first + low if columns.size else 0,
        counts.astype(np.min_scalar_type(counts.max(initial=0))),
        np.array([moment.spread for moment in moments], np.float64),
        moments[0].weights if moments else 0,
    )


_COUNTS, _SPREADS, _GRID = "counts of ", "spreads of ", "grid of "


def to_arrays(counts: Mapping[str, CountsByEpoch]) -> dict[str, npt.NDArray[Any]]:
    """Named arrays for a file, from which :func:`from_arrays` makes the counts again."""
    named: dict[str, npt.NDArray[Any]] = {}
    for layer, one in counts.items():
        named[_COUNTS + layer] = one.counts
        named[_SPREADS + layer] = one.spreads
        named[_GRID + layer] = np.array([one.first, one.weights], np.int64)
    return named


def from_arrays(file: Mapping[str, npt.NDArray[Any]], moments: int) -> dict[str, CountsByEpoch]:
    """The counts in a file by layer; none if an earlier version wrote it.

    Parameters
    ----------
    file : mapping of str to ndarray
        Also with arrays of other names.
    moments : int
        How many there have to be.

    Raises
    ------
    ValueError, KeyError
        If they are not whole.
    """
    found = {}
    for name in file:
        if not name.startswith(_COUNTS):
            continue
        layer = name.removeprefix(_COUNTS)
        first, weights = (int(number) for number in file[_GRID + layer])
        one = CountsByEpoch(first, file[name], file[_SPREADS + layer], weights)
        right = one.counts.ndim == 2 and one.counts.dtype.kind == "u" and weights > 0
        if not right or not len(one.counts) == len(one.spreads) == moments:
            raise ValueError(f"The counts of {layer} are no counts of {moments} moments.")
        if one.spreads.ndim != 1 or one.first < -FARTHEST or one.last > FARTHEST:
            raise ValueError(f"The counts of {layer} are not on the grid.")
        found[layer] = one
    return found
