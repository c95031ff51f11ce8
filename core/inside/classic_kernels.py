"""The kernels that people made before networks learned theirs, and how near a kernel comes to each.

An edge detector is an edge detector at any angle, and a Gabor at any angle and phase. So a family
is not one kernel but all mixtures of two (Freeman & Adelson, 1991: steerable filters), and the
likeness of a kernel to it is its cosine with the nearest mixture: the share of its length that lies
in their plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
_GABOR_ANGLES = np.arange(0.0, 180.0, 15.0)
_GABOR_FREQUENCIES = (0.2, 0.3, 0.4)


@dataclass(frozen=True, eq=False)
class Family:
    """A classic kernel, in all its variants.

    Attributes
    ----------
    name, purpose : str
        What it is called, and what it does, as the end of "a kernel that ...".
    bases : ndarray of shape (S, D, R * C)
        S variants; the D rows of each are of length 1 and at right angles to one another, and what
        they span is the variant. With D = 1 only the sign is free.
    edges : bool
        Whether the two rows of the one variant are the slopes to the right and upwards.
    """

    name: str
    purpose: str
    bases: Doubles
    edges: bool = False

    def likeness(self, units: NDArray[np.floating]) -> Doubles:
        """Absolute cosine with the nearest member of the family.

        Parameters
        ----------
        units : ndarray of shape (K, R * C)
            Kernels of length 1.

        Returns
        -------
        ndarray of shape (K,)
            Values in [0, 1].
        """
        variants, rows, cells = self.bases.shape
        shares = units @ self.bases.reshape(-1, cells).T
        squares = np.square(shares).reshape(-1, variants, rows).sum(axis=2)
        return np.asarray(np.sqrt(np.minimum(squares.max(axis=1), 1.0)))

    def nearest(self, kernel: NDArray[np.floating]) -> tuple[Doubles, float]:
        """The member of the family that a kernel is most like, and the angle of its slope.

        Parameters
        ----------
        kernel : ndarray of shape (R, C)

        Returns
        -------
        member : ndarray of shape (R, C)
            As strong as its share in the kernel.
        angle : float
            Degrees in [0, 180), the direction in which brightness changes; NaN without a slope.
        """
        shares = self.bases @ np.asarray(kernel, np.float64).ravel()
        best = int(np.linalg.norm(shares, axis=1).argmax())
        member = (shares[best] @ self.bases[best]).reshape(kernel.shape)
        if not self.edges:
            return member, float("nan")
        angle = np.rad2deg(np.arctan2(shares[best, 1], shares[best, 0]))
        # Rounded, for a hair below 0 would be 180.
        return member, float(np.round(angle, 4) % 180)


@lru_cache(maxsize=16)
def families(rows: int, columns: int) -> tuple[Family, ...]:
    """The classic kernels of a size; those that need more rows or columns are left out.

    Kernels larger than 3x3 are those of 3x3, smoothed by binomial weights; Prewitt's is a slope.
    """
    found: list[Family] = []
    if rows * columns == 1:
        return ()
    if rows % 2 and columns % 2:
        middle = np.zeros((rows, columns))
        middle[rows // 2, columns // 2] = 1
        found.append(Family("Identity", "lets the image through as it is", _bases([[middle]])))
    found.append(
        Family("Blur", "takes the mean of its surroundings", _bases([[np.ones((rows, columns))]]))
    )
    if min(rows, columns) < 3:
        return tuple(found)
    smooth = np.outer(_binomial(rows), _binomial(columns))
    found.append(Family("Gaussian", "blurs softly", _bases([[smooth]])))
    for name in ("Sobel", "Prewitt", "Scharr"):
        pair = [_slope(name, rows, columns), _slope(name, columns, rows).T[::-1]]
        found.append(Family(name, "answers to edges of one direction", _bases([pair]), True))
    found.append(
        Family(
            "Laplacian",
            "answers to spots and to both sides of every edge",
            _bases([[_laplacian(kind, rows, columns)] for kind in (4, 8)]),
        )
    )
    pairs = [
        [gabor((rows, columns), frequency, angle, phase) for phase in (0.0, 90.0)]
        for frequency in _GABOR_FREQUENCIES
        for angle in _GABOR_ANGLES
    ]
    found.append(Family("Gabor", "answers to stripes of one direction", _bases(pairs)))
    return tuple(found)


def gabor(
    shape: tuple[int, int],
    frequency: float,
    angle: float,
    phase: float = 0.0,
    spread: float | None = None,
) -> Doubles:
    """A wave under a bell: what cells in the visual cortex answer to (Daugman, 1985).

    Parameters
    ----------
    shape : tuple of int
        (R, C).
    frequency : float
        Of the wave, in cycles per pixel.
    angle : float
        The direction in which brightness changes, in degrees from the right towards the top.
    phase : float
        In degrees: 0 a stripe in the middle, 90 an edge.
    spread : float, optional
        Standard deviation of the bell in pixels; 0.3 of the shorter side otherwise.

    Returns
    -------
    ndarray of shape (R, C)
        Its sum is 0: as much of the bell is taken away as it answers to flat gray.
    """
    rows, columns = shape
    up = ((rows - 1) / 2 - np.arange(rows))[:, None]
    right = (np.arange(columns) - (columns - 1) / 2)[None, :]
    spread = 0.3 * min(shape) if spread is None else spread
    bell = np.exp(-(up**2 + right**2) / (2 * spread**2))
    along = right * np.cos(np.deg2rad(angle)) + up * np.sin(np.deg2rad(angle))
    wave = bell * np.cos(2 * np.pi * frequency * along - np.deg2rad(phase))
    return np.asarray(wave - bell * wave.sum() / bell.sum())


def _binomial(count: int) -> Doubles:
    """1, then 1 1, then 1 2 1, then 1 3 3 1 ..."""
    weights = np.ones(1)
    for _ in range(count - 1):
        weights = np.convolve(weights, [1.0, 1.0])
    return weights


def _slope(name: str, rows: int, columns: int) -> Doubles:
    """Brightness that grows to the right: smoothed along the columns, a difference along rows."""
    if name == "Prewitt":
        return np.outer(np.ones(rows), np.arange(columns) - (columns - 1) / 2)
    across = np.convolve(_binomial(columns - 2), [-1.0, 0.0, 1.0])
    if name == "Sobel":
        return np.outer(_binomial(rows), across)
    return np.outer(np.convolve(_binomial(rows - 2), [3.0, 10.0, 3.0]), across)


def _laplacian(neighbours: int, rows: int, columns: int) -> Doubles:
    """The sum of both second differences; with 8 neighbours the diagonal ones are in it too."""

    def smoothed(down: list[float], across: list[float]) -> Doubles:
        return np.outer(
            np.convolve(_binomial(rows - 2), down), np.convolve(_binomial(columns - 2), across)
        )

    if neighbours == 8:
        return smoothed([1, 1, 1], [1, 1, 1]) - 9 * smoothed([0, 1, 0], [0, 1, 0])
    return smoothed([1, -2, 1], [0, 1, 0]) + smoothed([0, 1, 0], [1, -2, 1])


def _bases(variants: list[list[Doubles]]) -> Doubles:
    """Each variant's kernels, made of length 1 and at right angles."""
    turned = []
    for kernels in variants:
        rows = np.array([kernel.ravel() for kernel in kernels])
        vectors, factors = np.linalg.qr(rows.T)
        # QR leaves the sign open; the first row is to point as the kernel does.
        turned.append((vectors * np.sign(np.diag(factors))).T)
    return np.array(turned)
