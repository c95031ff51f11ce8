"""The variance shift in closed form, for a normalization right behind dropout."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
KEEPS = (0.9, 0.8, 0.5, 0.3)
"""The shares kept that Li et al. (2019) work out."""


def shift(mean: float, variance: float, keep: float) -> float:
    """Variance after training over variance in training, behind inverted dropout.

    In training a number x is kept with probability `keep` and divided by it, else it is 0. Its
    mean stays, and the mean of its square becomes ``(mean**2 + variance) / keep``.

    Parameters
    ----------
    mean, variance : float
        Of the numbers that reach the dropout.
    keep : float
        In (0, 1].
    """
    return variance / ((mean**2 + variance) / keep - mean**2)


def relu_shift(keep: float) -> float:
    """The same for ReLU of numbers normally distributed around 0 (Li et al., 2019).

    ReLU leaves of a spread s the mean ``s / sqrt(2 pi)`` and the mean square ``s**2 / 2``, so the
    spread cancels: ``keep * (pi - 1) / (pi - keep)``.
    """
    mean = 1 / math.sqrt(2 * math.pi)
    return shift(mean, 0.5 - mean**2, keep)


@dataclass(frozen=True, eq=False)
class ReluTheory:
    """What :func:`relu_shift` says, as a curve and at the shares that the paper names.

    Attributes
    ----------
    keeps, ratios : ndarray of shape (P,)
        Shares kept from 0.05 to 1, and the ratio at each.
    paper_ratios : tuple of float
        The ratio at each of :data:`KEEPS`.
    """

    keeps: Doubles
    ratios: Doubles
    paper_ratios: tuple[float, ...]


def relu_theory(points: int = 96) -> ReluTheory:
    """The theory for ReLU, to be drawn."""
    keeps = np.linspace(0.05, 1, points)
    ratios = np.array([relu_shift(float(keep)) for keep in keeps])
    return ReluTheory(keeps, ratios, tuple(map(relu_shift, KEEPS)))
