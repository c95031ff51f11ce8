"""Kernels whose tuning is known beforehand, for anybody to check the curves by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.classic_kernels import gabor
from core.inside.gratings import ANGLES
from core.inside.tuning import preference, tune_kernels

Doubles = NDArray[np.float64]
SOBEL: Doubles = np.outer([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0])
COARSE = 0.02
"""Cycles per pixel: so coarse that a kernel of three pixels sees nothing but the slope."""


@dataclass(frozen=True, eq=False)
class Check:
    """A known kernel, its tuning curve and what theory says of it.

    Attributes
    ----------
    name, law : str
        What it is called, and what its curve has to be.
    kernel : ndarray of shape (R, C)
    frequency : float
        In cycles per pixel.
    curve, expected : ndarray of shape (T,)
        By angle, as shares of the peak.
    """

    name: str
    law: str
    kernel: Doubles
    frequency: float
    curve: Doubles
    expected: Doubles

    @property
    def difference(self) -> float:
        """The largest difference between both, as a share of the peak."""
        return float(np.abs(self.curve - self.expected).max())


def known_tunings() -> tuple[Check, ...]:
    """Sobel, a Gabor turned by 30 degrees, and the Laplacian of a Gaussian."""
    turned = np.deg2rad(ANGLES)
    frequency, spread = 0.15, 3.0
    apart = 2 * np.pi * frequency * (2 * np.sin(np.deg2rad(ANGLES - 30) / 2)) * spread
    other = 2 * np.pi * frequency * (2 * np.cos(np.deg2rad(ANGLES - 30) / 2)) * spread
    # A bell around the wave's own frequency, and its mirror image at the opposite one.
    bell = np.exp(-(apart**2) / 2) + np.exp(-(other**2) / 2)
    spot = spot_kernel(11, 1.4)
    found = preference(tune_kernels(spot[:, :, None, None]), 0).frequency
    return (
        _check("Sobel", "follows |cos θ|", SOBEL, COARSE, np.abs(np.cos(turned))),
        _check(
            "Gabor at 30°",
            "answers most at its own angle, by a bell",
            gabor((25, 25), frequency, 30.0, 90.0, spread),
            frequency,
            bell / bell.max(),
        ),
        _check(
            "Laplacian of a Gaussian",
            "has no preference",
            spot,
            found,
            np.ones_like(ANGLES),
        ),
    )


def spot_kernel(side: int, spread: float) -> Doubles:
    """The Laplacian of a Gaussian (Marr & Hildreth, 1980): alike in all directions, of sum 0."""
    axis = np.arange(side) - (side - 1) / 2
    square = axis[:, None] ** 2 + axis[None, :] ** 2
    spot = (square / spread**2 - 2) * np.exp(-square / (2 * spread**2))
    return np.asarray(spot - spot.mean())


def _check(name: str, law: str, kernel: Doubles, frequency: float, expected: Doubles) -> Check:
    tuning = tune_kernels(kernel[:, :, None, None], np.array([frequency]))
    curve = tuning.amplitudes[0, 0]
    return Check(name, law, kernel, frequency, curve / curve.max(), expected)
