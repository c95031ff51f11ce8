"""Tuning curves: how strongly a kernel answers to gratings of every orientation and frequency.

As vision science has described cells since Hubel & Wiesel (1962). The answer does not depend on
where the stripes happen to lie. For a first layer it is the root of the squared answers to a
grating and to the same one a quarter of a period on (a quadrature pair), in closed form: the
absolute value of the kernel's Fourier transform. For a deeper layer the grating passes the network
in several phases, and the largest answer counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.errors import LearnscopeError
from core.inside.before_activation import before_activation, is_first, traced
from core.inside.gratings import ANGLES, CONTRAST, FREQUENCIES, gratings, waves
from core.inside.kernels import checked_kernels
from core.inside.layers import input_shape, kernels_of, layer_called
from core.inside.receptive_field import reaches

Doubles = NDArray[np.float64]
PHASES = 16
"""Of a grating through the network; the largest of so many is at most 2% too small for a sine."""
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


def tune_layer(
    model: keras.Model, name: str, tell: Callable[[float], None] = lambda share: None
) -> Tuning:
    """Tuning of all filters of a layer.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    name : str
        A two-dimensional convolution layer of it.
    tell : callable
        Is told the share that is done, in [0, 1].

    Raises
    ------
    LearnscopeError
        If the layer is no convolution, or takes no images of another size.
    """
    if is_first(model, name):
        layer = layer_called(model, name)
        kernels, _ = kernels_of(model, name)
        return tune_kernels(kernels, dilation=tuple(layer.dilation_rate))
    return _tuned_through(model, name, FREQUENCIES[::2], ANGLES, tell)


def _tuned_through(
    model: keras.Model,
    name: str,
    frequencies: Doubles,
    angles: Doubles,
    tell: Callable[[float], None],
) -> Tuning:
    """Measured: the middle unit's answer, on images so large that it sees no border."""
    shape = borderless_shape(model, name)
    answers = before_activation(model, name)

    def middle(images: tf.Tensor) -> tf.Tensor:
        maps = answers(images)
        return maps[:, tf.shape(maps)[1] // 2, tf.shape(maps)[2] // 2]

    graph = traced(middle, shape)
    gray = np.asarray(graph(tf.fill((1, *shape), 0.5)))[0]
    phases = np.arange(PHASES) * 360 / PHASES
    amplitudes = np.zeros((len(gray), len(frequencies), len(angles)))
    for row, frequency in enumerate(frequencies):
        tell(row / len(frequencies))
        for column in range(0, len(angles), 12):
            some = angles[column : column + 12]
            images = np.concatenate([gratings(shape, frequency, one, phases) for one in some])
            found = np.asarray(graph(tf.constant(images)))
            lifted = found.reshape(len(some), PHASES, -1).max(axis=1) - gray
            amplitudes[:, row, column : column + 12] = np.maximum(lifted, 0).T
    return Tuning(amplitudes, frequencies, angles, False)


def borderless_shape(model: keras.Model, name: str) -> tuple[int, int, int]:
    """(H, W, C) of images on which the middle unit of a layer sees nothing of the border."""
    reach = next(one for one in reaches(model) if one.layer == name)
    if reach.rows is None or reach.columns is None:
        raise LearnscopeError(
            "Expected a layer that sees a window of the image. "
            f"Received: {name!r}, behind a layer of its own kind. Choose an earlier layer."
        )
    sides = [
        -(-(axis.size + 4 * axis.step) // axis.step) * axis.step
        for axis in (reach.rows, reach.columns)
    ]
    return sides[0], sides[1], int(input_shape(model)[2] or 1)


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
