"""What a kernel is, in numbers: size, sum, symmetry, separability, frequency, orientation.

A kernel here is one plane of R x C weights: that of one filter on one input channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
ORIENTATIONS = np.arange(0.0, 180.0, 10.0)
"""Of the gratings, in degrees: the direction in which their brightness changes, counted from the
right towards the top. A grating of 0 degrees has upright stripes."""
FREQUENCIES = np.linspace(0.05, 0.5, 10)
"""Of the gratings, in cycles per pixel; finer than 0.5 no image can be."""
_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Measures:
    """The numbers of K kernels; each an ndarray of shape (K,), NaN for a kernel of zeros.

    Attributes
    ----------
    norms : ndarray
        Root of the sum of squares.
    sums : ndarray
        Of all weights: the answer to flat gray of brightness 1.
    separability : ndarray, values in (0, 1]
        The share of the energy that the first singular value holds. At 1 the kernel is a column
        times a row.
    quarter_turn, half_turn, sideways, upright : ndarray, values in [-1, 1]
        Cosine between the kernel and itself turned by 90 and 180 degrees, and with left and right,
        top and bottom exchanged: 1 symmetric, -1 antisymmetric. A quarter turn of a kernel that is
        not square is NaN.
    orientation : ndarray, values in [0, 180)
        Preferred orientation in degrees, as in :data:`ORIENTATIONS`: half the angle of the sum of
        all answers as vectors at twice their orientation.
    variance : ndarray, values in [0, 1]
        Circular variance of the answers over the orientations (Ringach et al., 2002): 0 answers to
        one orientation only, 1 to all alike. The answer at an orientation is the amplitude at the
        frequency where it is largest.
    frequency : ndarray
        That of the grating with the strongest answer, in cycles per pixel.
    """

    norms: Doubles
    sums: Doubles
    separability: Doubles
    quarter_turn: Doubles
    half_turn: Doubles
    sideways: Doubles
    upright: Doubles
    orientation: Doubles
    variance: Doubles
    frequency: Doubles


def measure(kernels: NDArray[np.floating]) -> Measures:
    """Measure kernels.

    Parameters
    ----------
    kernels : ndarray of shape (K, R, C)
        Finite numbers.
    """
    kernels = np.asarray(kernels, np.float64)
    norms = np.linalg.norm(kernels, axis=(1, 2))
    # Scaled to length 1, so that kernels of any size are told from zeros alike.
    units = np.divide(
        kernels,
        norms[:, None, None],
        out=np.full_like(kernels, np.nan),
        where=norms[:, None, None] > 0,
    )
    orientation, variance, frequency = _tuning(units)
    square = kernels.shape[1] == kernels.shape[2]
    turned = np.rot90(units, axes=(1, 2)) if square else np.full_like(units, np.nan)
    return Measures(
        norms=norms,
        sums=kernels.sum(axis=(1, 2)),
        separability=separability(units),
        quarter_turn=_cosines(units, turned),
        half_turn=_cosines(units, units[:, ::-1, ::-1]),
        sideways=_cosines(units, units[:, :, ::-1]),
        upright=_cosines(units, units[:, ::-1]),
        orientation=orientation,
        variance=variance,
        frequency=frequency,
    )


def planes(kernels: NDArray[np.floating]) -> Floats:
    """The kernels of a layer one after another, filter by filter, channel by channel.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)

    Returns
    -------
    ndarray of shape (O * I, R, C)
    """
    rows, columns = kernels.shape[:2]
    moved = np.ascontiguousarray(np.transpose(kernels, (3, 2, 0, 1)), np.float32)
    return moved.reshape(-1, rows, columns)


def _cosines(units: Doubles, others: Doubles) -> Doubles:
    return np.asarray(np.clip((units * others).sum(axis=(1, 2)), -1.0, 1.0))


def separability(units: Doubles) -> Doubles:
    """The share of rank one in each kernel's energy; NaN where there is none.

    Parameters
    ----------
    units : ndarray of shape (K, R, C)
    """
    found = np.full(len(units), np.nan)
    whole = np.isfinite(units).all(axis=(1, 2))
    energies = np.linalg.svd(units[whole], compute_uv=False) ** 2
    found[whole] = energies[:, 0] / energies.sum(axis=1)
    return found


def gratings(rows: int, columns: int) -> NDArray[np.complex128]:
    """Waves of every orientation and frequency, the middle of the kernel at phase 0.

    Returns
    -------
    ndarray of shape (R, C, T, F)
    """
    up = (rows - 1) / 2 - np.arange(rows)
    right = np.arange(columns) - (columns - 1) / 2
    angles = np.deg2rad(ORIENTATIONS)
    along = np.multiply.outer(np.ones(rows), np.multiply.outer(right, np.cos(angles)))
    along = along + np.multiply.outer(up, np.multiply.outer(np.ones(columns), np.sin(angles)))
    waves: NDArray[np.complex128] = np.exp(-2j * np.pi * np.multiply.outer(along, FREQUENCIES))
    return waves


def _tuning(units: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Preferred orientation, circular variance and preferred frequency of each kernel."""
    count, rows, columns = units.shape
    waves = gratings(rows, columns).reshape(rows * columns, -1)
    even, odd = waves.real.astype(np.float32), waves.imag.astype(np.float32)
    at_twice = np.exp(2j * np.deg2rad(ORIENTATIONS))
    sums, totals = np.zeros(count, np.complex128), np.zeros(count)
    frequency = np.full(count, np.nan)
    for begin in range(0, count, _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        flat = units[part].reshape(-1, rows * columns).astype(np.float32)
        powers = np.square(flat @ even)
        powers += np.square(flat @ odd)
        powers = powers.reshape(len(flat), len(ORIENTATIONS), -1)
        answers = np.sqrt(powers.max(axis=2)).astype(np.float64)
        sums[part], totals[part] = answers @ at_twice, answers.sum(axis=1)
        frequency[part] = FREQUENCIES[powers.max(axis=1).argmax(axis=1)]
    frequency[~np.isfinite(totals)] = np.nan
    variance = np.clip(1 - np.abs(sums) / totals, 0.0, 1.0)
    # Rounded, for a hair below 0 would be 180.
    return np.round(np.rad2deg(np.angle(sums)) / 2, 4) % 180, variance, frequency


@dataclass(frozen=True, eq=False)
class Spectrum:
    """How strongly a kernel answers to waves of each frequency.

    Attributes
    ----------
    magnitudes : ndarray of shape (N, N)
        Absolute Fourier transform; rows from -0.5 (below) to 0.5 (above) cycles per pixel upwards,
        columns alike to the right.
    frequencies : ndarray of shape (N,)
        Of rows and columns, in cycles per pixel.
    peak, angle : float
        Where it is largest: cycles per pixel, and the direction in degrees in [0, 180); the angle
        is NaN if flat gray is answered to most.
    """

    magnitudes: Doubles
    frequencies: Doubles
    peak: float
    angle: float


def spectrum(kernel: NDArray[np.floating], size: int = 64) -> Spectrum:
    """The frequency response of a kernel, by a Fourier transform padded with zeros.

    Parameters
    ----------
    kernel : ndarray of shape (R, C)
    size : int
        N, even and at least as large as the kernel.
    """
    transform = np.fft.fftshift(np.fft.fft2(np.asarray(kernel, np.float64), s=(size, size)))
    # Rows of an image go down; frequencies are to go up. -0.5 and 0.5 are the same wave.
    closed = np.pad(np.abs(transform), ((0, 1), (0, 1)), mode="wrap")[::-1]
    axis = np.linspace(-0.5, 0.5, size + 1)
    # Both halves say the same; the upper one has its angles in [0, 180).
    half = closed[size // 2 :]
    row, column = np.unravel_index(int(half.argmax()), half.shape)
    up, right = axis[size // 2 + row], axis[column]
    peak = float(np.hypot(up, right))
    angle = float(np.round(np.rad2deg(np.arctan2(up, right)), 4) % 180) if peak else float("nan")
    return Spectrum(closed, axis, peak, angle)
