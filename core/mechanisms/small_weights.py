"""How many weights are small: the sparsity of L1 against the shrinkage of L2."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.inside.kernel_history import KernelHistory
from core.mechanisms.weight_records import Doubles, LayerKernel, SmallWeights

_DIGITS = (1, 2, 5)
THRESHOLDS: tuple[float, ...] = tuple(
    float(f"{digit}e{power}") for power in range(-6, 1) for digit in _DIGITS
)[: 6 * len(_DIGITS) + 1]
"""The stops of a slider: 1, 2 and 5 of every power of ten, from a millionth to 1."""
CURVE = np.geomspace(1e-6, 10.0, 141)
"""The thresholds of a curve, twenty a power of ten."""


def small_weights(kernels: Sequence[LayerKernel], threshold: float) -> SmallWeights:
    """Count the weights whose absolute value is below a threshold.

    Parameters
    ----------
    kernels : sequence of LayerKernel
    threshold : float
    """
    small = np.array([(np.abs(kernel.values) < threshold).sum() for kernel in kernels])
    sizes = np.array([kernel.values.size for kernel in kernels])
    return SmallWeights(
        layers=tuple(kernel.layer for kernel in kernels),
        shares=small / sizes,
        total=float(small.sum() / sizes.sum()),
        zeros=sum(int((kernel.values == 0).sum()) for kernel in kernels),
        weights=int(sizes.sum()),
    )


def shares_below(kernels: Sequence[LayerKernel], thresholds: Doubles = CURVE) -> Doubles:
    """The share of all weights whose absolute value is below each of these thresholds, in [0, 1].

    Parameters
    ----------
    kernels : sequence of LayerKernel
    thresholds : ndarray of shape (T,)

    Returns
    -------
    ndarray of shape (T,)
    """
    sizes = np.sort(np.concatenate([np.abs(kernel.values).ravel() for kernel in kernels]))
    # Compared in single precision, as the weights are: 0.1 is not below the nearest to 0.1.
    found = np.searchsorted(sizes, thresholds.astype(np.float32), side="left")
    return np.asarray(found / len(sizes))


def shares_over_epochs(history: KernelHistory, threshold: float) -> Doubles:
    """The share of weights below a threshold after each recorded epoch, all layers together.

    Parameters
    ----------
    history : KernelHistory
        With at least one layer.
    threshold : float

    Returns
    -------
    ndarray of shape (E,)
        In [0, 1].
    """
    small = sum(
        (np.abs(values) < threshold).sum(axis=(1, 2, 3, 4)) for values in history.kernels.values()
    )
    sizes = sum(values[0].size for values in history.kernels.values())
    return np.asarray(small / sizes, np.float64)
