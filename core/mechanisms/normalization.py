"""Normalization as arithmetic: over the batch, with moving statistics, in groups of channels.

NumPy alone; :mod:`core.mechanisms.normalization_passes` sends images through a network with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Statistics:
    """Mean and variance of each channel.

    Attributes
    ----------
    mean, variance : ndarray of shape (..., C), float64
        The variance is that of the numbers at hand, divided by their count, as Keras takes it.
    """

    mean: Doubles
    variance: Doubles

    @property
    def spread(self) -> Doubles:
        """The standard deviation of each channel, (..., C)."""
        spread: Doubles = np.sqrt(self.variance)
        return spread


@dataclass(frozen=True, eq=False)
class NormalizationLayer:
    """What one batch normalization holds.

    Attributes
    ----------
    name : str
    gamma, beta : ndarray of shape (C,), float64
        The spread and the mean that it gives to each channel; 1 and 0 where it has none.
    moving : Statistics
        What it normalizes with after training, (C,).
    momentum : float
        The share of the moving statistics that stays at each step.
    epsilon : float
        Added to each variance before its root is taken.
    """

    name: str
    gamma: Doubles
    beta: Doubles
    moving: Statistics
    momentum: float
    epsilon: float

    @property
    def channels(self) -> int:
        """C."""
        return len(self.gamma)

    def normalize(self, values: NDArray[np.floating], statistics: Statistics) -> Floats:
        """Bring each channel from these statistics to mean beta and spread gamma.

        Parameters
        ----------
        values : ndarray of shape (N, ..., C)
        statistics : Statistics
            Of shape (C,), or one that broadcasts against the values.
        """
        # As one product and one sum: the values can be many millions.
        scale = self.gamma / np.sqrt(statistics.variance + self.epsilon)
        offset = self.beta - statistics.mean * scale
        return values.astype(np.float32, copy=False) * scale.astype(np.float32) + offset.astype(
            np.float32
        )


def batch_statistics(values: NDArray[np.floating]) -> Statistics:
    """Mean and variance of each channel over all images and places (Ioffe & Szegedy, 2015).

    Parameters
    ----------
    values : ndarray of shape (N, ..., C)
    """
    axes = tuple(range(values.ndim - 1))
    mean = values.mean(axis=axes, dtype=np.float64)
    # The difference first: the mean of squares minus the squared mean loses what is small.
    differences = values - mean.astype(values.dtype)
    squares = np.square(differences).mean(axis=axes, dtype=np.float64)
    correction = differences.mean(axis=axes, dtype=np.float64)
    return Statistics(mean, np.maximum(squares - correction**2, 0.0))


def together(parts: list[tuple[int, Statistics]]) -> Statistics:
    """The statistics of several sets of numbers as one (Chan et al., 1979).

    Parameters
    ----------
    parts : list of (int, Statistics)
        How many numbers a channel each set has, and its statistics, (C,); at least one set.
    """
    counts = np.array([count for count, _ in parts], dtype=np.float64)
    shares = (counts / counts.sum())[:, np.newaxis]
    means = np.stack([one.mean for _, one in parts])
    variances = np.stack([one.variance for _, one in parts])
    mean = (shares * means).sum(axis=0)
    return Statistics(mean, (shares * (variances + (means - mean) ** 2)).sum(axis=0))


def groups_for(channels: int) -> int:
    """How many groups to compare with: of 4 channels where that divides, 32 groups at most."""
    most = max(1, min(32, channels // 4))
    return next(groups for groups in range(most, 0, -1) if channels % groups == 0)


def group_normalize(
    values: NDArray[np.floating], groups: int, gamma: Doubles, beta: Doubles, epsilon: float
) -> Floats:
    """Group normalization (Wu & He, 2018): over the places and a group of channels of one image.

    Parameters
    ----------
    values : ndarray of shape (N, ..., C)
    groups : int
        Into how many groups the C channels fall, neighbours together; divides C.
    gamma, beta : ndarray of shape (C,)
        The spread and the mean that each channel is given afterwards.
    epsilon : float
        Added to each variance before its root is taken.
    """
    images, channels = len(values), values.shape[-1]
    grouped = values.reshape(images, -1, groups, channels // groups).astype(np.float64)
    mean = grouped.mean(axis=(1, 3), keepdims=True)
    variance = grouped.var(axis=(1, 3), keepdims=True)
    normal = ((grouped - mean) / np.sqrt(variance + epsilon)).reshape(values.shape)
    return np.asarray(normal * gamma + beta, dtype=np.float32)
