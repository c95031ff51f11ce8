"""Smoothing that never looks ahead."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STRONGEST = 0.95
"""Beyond it, a short run's curve would be but a line through its beginning."""


def smoothed(values: npt.ArrayLike, strength: float) -> Floats:
    """Exponential mean of each value and those before it, without bias to any start.

    The mean gives each value `strength` times the weight of the next, and divides by the sum of
    the weights (Kingma & Ba, "Adam", 2015, section 3), so that the first value stays as it is and
    a constant stays a constant. Later values change nothing.

    Parameters
    ----------
    values : array_like of shape (N,)
        Those that are no finite numbers are left out, and stay NaN.
    strength : float
        In [0, 1): 0 changes nothing, and 0.9 is about the mean of the last 10.

    Returns
    -------
    ndarray of shape (N,), float64
    """
    series = np.asarray(values, np.float64)
    result = np.full(series.shape, np.nan)
    known = np.isfinite(series)
    count = int(known.sum())
    if not count:
        return result
    # Not at the top: the warm-up imports SciPy in a thread of its own.
    from scipy.signal import lfilter

    weighted = lfilter([1 - strength], [1.0, -strength], series[known])
    result[known] = weighted / (1 - np.float64(strength) ** np.arange(1, count + 1))
    return result
