"""Tuning curves: how strongly a kernel answers to gratings of every orientation and frequency.

As vision science has described cells since Hubel & Wiesel (1962). The answer does not depend on
where the stripes happen to lie: it is the root of the squared answers to a grating and to the same
one a quarter of a period on (a quadrature pair), in closed form the absolute value of the kernel's
Fourier transform. For layers behind the first see :mod:`core.inside.tuned_layer`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.gratings import ANGLES, CONTRAST, FREQUENCIES, waves
from core.inside.kernels import checked_kernels

Doubles = NDArray[np.float64]
NO_PREFERENCE = 0.1
"""Below this modulation a kernel counts as having no preferred orientation."""


@dataclass(frozen=True, eq=False)
class Tuning:
    """What the filters of a layer answer to gratings.

    Attributes
    ----------
    amplitudes : ndarray of shape (O, F, T)
        At least 0: how far above its answer to gray a grating from black to white lifts each.
    frequencies : ndarray of shape (F,)
        In cycles per pixel.
    angles : ndarray of shape (T,)
        In degrees, as in :func:`core.inside.gratings.gratings`.
    exact : bool
        Whether they are in closed form, of the kernel alone; else measured through the network.
    """

    amplitudes: Doubles
    frequencies: Doubles
    angles: Doubles
    exact: bool


@dataclass(frozen=True, eq=False)
class Preference:
    """What one filter prefers.

    Attributes
    ----------
    frequency : float
        Of the strongest answer, in cycles per pixel.
    angle : float
        In degrees, to the nearest of the angles tried.
    curve : ndarray of shape (T,)
        The answers at that frequency.
    half_width : float
        By how many degrees a grating has to turn, on the average of both sides, until half of the
        strongest answer is left; NaN if it never is.
    modulation : float
        (largest - smallest) / (largest + smallest) of the curve: 0 no preference, 1 total.
    vertical, horizontal : float
        The answers to vertical and horizontal stripes at that frequency.
    """

    frequency: float
    angle: float
    curve: Doubles
    half_width: float
    modulation: float
    vertical: float
    horizontal: float

    @property
    def peak(self) -> float:
        """The strongest answer."""
        return float(self.curve.max())

    @property
    def oriented(self) -> bool:
        """Whether there is a preferred orientation to speak of."""
        return self.modulation >= NO_PREFERENCE


def tune_kernels(
    kernels: NDArray[np.floating],
    frequencies: Doubles = FREQUENCIES,
    angles: Doubles = ANGLES,
    dilation: tuple[int, int] = (1, 1),
) -> Tuning:
    """Tuning of all kernels of a first layer at once, in closed form.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
        All input channels get the same grating, so that their kernels add up.
    frequencies : ndarray of shape (F,)
    angles : ndarray of shape (T,)
    dilation : pair of int
        Distance in pixels between two numbers of a kernel, down and across.
    """
    array = checked_kernels(kernels)
    rows, columns, _, filters = array.shape
    summed = array.sum(axis=2, dtype=np.float64).reshape(rows * columns, filters)
    steps = waves(frequencies, angles).reshape(-1, 2)
    across = np.arange(columns) * dilation[1]
    up = -np.arange(rows) * dilation[0]
    advance = steps[:, 1, None, None] * up[:, None] + steps[:, 0, None, None] * across
    pairs = np.exp(1j * advance.reshape(len(steps), -1))
    amplitudes = CONTRAST * np.abs(pairs @ summed)
    shape = (filters, len(frequencies), len(angles))
    return Tuning(np.ascontiguousarray(amplitudes.T).reshape(shape), frequencies, angles, True)


def preference(tuning: Tuning, filter_number: int) -> Preference:
    """What one filter prefers.

    Parameters
    ----------
    tuning : Tuning
    filter_number : int
    """
    grid = tuning.amplitudes[filter_number]
    row, column = np.unravel_index(int(grid.argmax()), grid.shape)
    curve = grid[row]
    high, low = float(curve.max()), float(curve.min())
    return Preference(
        frequency=float(tuning.frequencies[row]),
        angle=float(tuning.angles[column]),
        curve=curve,
        half_width=half_width(tuning.angles, curve),
        modulation=(high - low) / (high + low) if high > 0 else 0.0,
        vertical=float(curve[np.abs(tuning.angles).argmin()]),
        horizontal=float(curve[np.abs(tuning.angles - 90).argmin()]),
    )


def half_width(angles: Doubles, curve: Doubles) -> float:
    """Half width at half height: degrees from the peak to half of it, mean of both sides.

    Parameters
    ----------
    angles : ndarray of shape (T,)
        Evenly spread over 180 degrees, which the curve repeats after.
    curve : ndarray of shape (T,)

    Returns
    -------
    float
        NaN if the curve is 0, or stays above half of its peak on either side.
    """
    step, peak = 180 / len(angles), int(curve.argmax())
    widths = []
    for side in (1, -1):
        turned = np.roll(curve[::side], -(peak if side == 1 else len(curve) - 1 - peak))
        turned = turned[: len(curve) // 2 + 1]
        below = np.flatnonzero(turned < turned[0] / 2)
        if not below.size:
            return float("nan")
        last = int(below[0]) - 1
        fall = (turned[last] - turned[0] / 2) / (turned[last] - turned[last + 1])
        widths.append(step * (last + float(fall)))
    return sum(widths) / 2


@dataclass(frozen=True, eq=False)
class LayerTuning:
    """All filters of a layer beside one another.

    Attributes
    ----------
    order : ndarray of shape (O,)
        Filter numbers: by preferred angle, those without a preference last.
    shares : ndarray of shape (O, T)
        In that order, each at its own frequency, as shares of its peak; zeros if it has none.
    modulations : ndarray of shape (O,)
        In that order.
    oriented, nearer_vertical, nearer_horizontal : int
        How many have a preferred orientation, and of these how many within 22.5 degrees of
        vertical and of horizontal edges.
    """

    order: NDArray[np.int64]
    shares: Doubles
    modulations: Doubles
    oriented: int
    nearer_vertical: int
    nearer_horizontal: int


def layer_tuning(tuning: Tuning) -> LayerTuning:
    """What all filters prefer, in a row each."""
    every = [preference(tuning, number) for number in range(len(tuning.amplitudes))]
    order = sorted(
        range(len(every)), key=lambda one: (not every[one].oriented, every[one].angle, one)
    )
    angles = np.array([one.angle for one in every if one.oriented])
    return LayerTuning(
        np.array(order),
        np.array([every[one].curve / (every[one].peak or 1.0) for one in order]),
        np.array([every[one].modulation for one in order]),
        len(angles),
        int(np.sum(np.minimum(angles, 180 - angles) < 22.5)),
        int(np.sum(np.abs(angles - 90) < 22.5)),
    )
