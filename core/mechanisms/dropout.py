"""Dropout in numbers: masks, the mean activation and its spread, how many thinned networks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]

RATES: Doubles = np.arange(0, 20) / 20
"""The rates over which the mean activation is drawn: 0 to 0.95."""
_NUMBERS = 600_000
"""How many random numbers the measured spread is drawn from, at most."""
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def draw_mask(rng: np.random.Generator, shape: tuple[int, ...], rate: float) -> Mask:
    """Which units play: each falls silent with the probability `rate`, by itself.

    The same generator gives the same random numbers at every rate, so that a higher rate silences
    those of a lower one and some more.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
    rate : float
        In [0, 1).
    """
    mask: Mask = rng.random(shape, dtype=np.float32) >= rate
    return mask


def drop(values: NDArray[np.floating], mask: Mask, rate: float) -> Floats:
    """Inverted dropout, as Keras has it: silent units are 0, the others divided by 1 - `rate`.

    Parameters
    ----------
    values : ndarray of any shape
    mask : ndarray of bool
        True where a unit plays; spread over `values` by NumPy's rules.
    rate : float
        In [0, 1).
    """
    return np.asarray(values, np.float32) * np.float32(1 / (1 - rate)) * mask


def mean_spread(values: NDArray[np.floating], rate: float, whole_maps: bool = False) -> float:
    """The standard deviation of a layer's mean activation over all masks, in closed form.

    Under inverted dropout a unit x has the mean x and the variance rate / (1 - rate) * x**2
    (Srivastava et al., 2014, section 9; Wager et al., 2013). Units fall silent independently, so
    the variances add up; a map that falls silent as a whole counts as one unit, with its sum.

    Parameters
    ----------
    values : ndarray of shape (U,) or (H, W, C)
        The layer's activations without dropout.
    rate : float
        In [0, 1).
    whole_maps : bool
        Whether the maps C fall silent as a whole.

    Returns
    -------
    float
        In the unit of the activations.
    """
    sums = _unit_sums(values, whole_maps)
    return float(math.sqrt(rate / (1 - rate) * float(np.square(sums).sum())) / values.size)


def _unit_sums(values: NDArray[np.floating], whole_maps: bool) -> Doubles:
    """What each unit that falls silent by itself adds to the layer's sum."""
    exact = np.asarray(values, np.float64)
    return exact.sum(axis=(0, 1)) if whole_maps else exact.ravel()


@dataclass(frozen=True, eq=False)
class MeanActivation:
    """What a layer's mean activation does as the rate grows; all in the unit of activations.

    Attributes
    ----------
    rates : ndarray of shape (R,)
    off : float
        The mean over the layer's numbers without dropout, and the expectation at every rate.
    unscaled : ndarray of shape (R,)
        The expectation if what is left were not divided by 1 - rate.
    spread : ndarray of shape (R,)
        Standard deviation over the masks, in closed form.
    measured_mean, measured_spread : ndarray of shape (R,)
        The same over masks that were drawn.
    masks : int
        How many.
    """

    rates: Doubles
    off: float
    unscaled: Doubles
    spread: Doubles
    measured_mean: Doubles
    measured_spread: Doubles
    masks: int

    @property
    def low(self) -> Doubles:
        """One standard deviation below the mean."""
        return self.off - self.spread

    @property
    def high(self) -> Doubles:
        """One standard deviation above the mean."""
        return self.off + self.spread


def mean_activation(
    values: NDArray[np.floating], seed: int, whole_maps: bool = False, rates: Doubles = RATES
) -> MeanActivation:
    """The mean activation of a layer by rate, in closed form and over masks.

    Parameters
    ----------
    values, whole_maps
        As in :func:`mean_spread`.
    seed : int
    rates : ndarray of shape (R,), in [0, 1)
    """
    drawn = _means_by_rate(values, rates, seed, whole_maps)
    off = float(np.asarray(values, np.float64).mean())
    return MeanActivation(
        rates=rates,
        off=off,
        unscaled=off * (1 - rates),
        spread=np.array([mean_spread(values, float(rate), whole_maps) for rate in rates]),
        measured_mean=drawn.mean(axis=1),
        measured_spread=drawn.std(axis=1, ddof=1),
        masks=drawn.shape[1],
    )


def sampled_means(
    values: NDArray[np.floating], rate: float, seed: int, whole_maps: bool = False
) -> Doubles:
    """The layer's mean activation under one mask after another; the same masks at every rate.

    Parameters
    ----------
    values, rate, whole_maps
        As in :func:`mean_spread`.
    seed : int

    Returns
    -------
    ndarray of shape (M,)
        M is 1,000, fewer for layers of more than 600 units, at least 20.
    """
    means: Doubles = _means_by_rate(values, np.array([rate]), seed, whole_maps)[0]
    return means


def _means_by_rate(
    values: NDArray[np.floating], rates: Doubles, seed: int, whole_maps: bool
) -> Doubles:
    """The mean activation by rate and mask, of shape (R, M)."""
    sums = _unit_sums(values, whole_maps).astype(np.float32)
    masks = max(20, min(1000, _NUMBERS // len(sums)))
    # Drawn once: each rate asks the same numbers whether they are below it, as draw_mask does.
    numbers = np.random.default_rng(seed).random((masks, len(sums)), dtype=np.float32)
    return np.stack(
        [
            np.where(numbers >= rate, sums, 0).sum(axis=1, dtype=np.float64)
            / (values.size * (1 - rate))
            for rate in rates
        ]
    )


def networks_met(epochs: int, images: int) -> int:
    """How many thinned networks a training meets at most: one an image and epoch."""
    return epochs * images


def thinned_networks(units: int) -> str:
    """How many networks there are in one whose `units` units may each play or be silent: 2**units.

    Returns
    -------
    str
        ``"1,024"``, or ``"3.4 · 10³⁸"`` from a million on, with spaces that do not break.
    """
    if 2**units < 1_000_000:
        return f"{2**units:,}"
    exponent = math.floor(units * math.log10(2))
    first = f"{10 ** (units * math.log10(2) - exponent):.1f}"
    if first == "10.0":
        first, exponent = "1.0", exponent + 1
    return f"{first}\u00a0·\u00a010{superscript(exponent)}"


def superscript(number: int) -> str:
    """A number as it stands in a power: ``"¹²⁸"``."""
    return str(number).translate(_SUPERSCRIPT)
