"""How far a kernel came in an epoch."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


def movement(before: FloatArray, now: FloatArray) -> tuple[float, float]:
    """The Euclidean norm of a kernel, and that of its change relative to it.

    Parameters
    ----------
    before, now : ndarray of one shape, float32
        The kernel at the beginning and at the end of an epoch.

    Returns
    -------
    norm, change : float
        The length of `now` as a vector; the length of ``now - before``, divided by it. The change
        is 0 if nothing moved, infinite if the kernel moved to 0, and NaN if it is not finite.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        norm, way = _length(now), _length(now - before)
    if norm > 0 or way == 0:
        return norm, way / norm if way else 0.0
    return norm, np.inf if norm == 0 else np.nan


def _length(values: FloatArray) -> float:
    # Not numpy.linalg.norm: the threads of its BLAS, once they have been woken for a large kernel,
    # keep a core busy for a while after it, and the training wants that core.
    return math.sqrt(np.square(values, dtype=np.float64).sum())
