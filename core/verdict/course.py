"""The course of a loss under its noise: its turning point, its rise since, its fall of late."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from core.verdict.loss_noise import (
    USUAL_JITTER,
    degrees_of_freedom,
    jitter,
    learnt,
    paired_spread,
    sampling_spread,
)

Floats = npt.NDArray[np.float64]

FALSE_ALARM = 0.01
"""Chance, for each question asked of a curve, of taking noise for a change."""
_LASTING = 2.0
"""Of the variance of a mean over neighbouring epochs, what noise that lasts over them adds."""


@dataclass(frozen=True, eq=False)
class Course:
    """A loss curve, smoothed, with what noise can do to it. Changes are those of the logarithm.

    Attributes
    ----------
    losses : ndarray of shape (T,)
        One an epoch, above 0.
    smooth : ndarray of shape (T - W + 1,)
        Logarithm of the loss, mean over windows of W epochs.
    window : int
        W: a sixth of the curve, odd, at most 15.
    turning : int
        Index into `smooth` of its lowest.
    shaking : float
        Standard deviation from epoch to epoch, relative to the loss.
    spread : float
        Standard deviation of a difference between two windows: shaking and sampling together.
    """

    losses: Floats
    smooth: Floats
    window: int
    turning: int
    shaking: float
    spread: float

    @property
    def low(self) -> float:
        """The loss at the turning point."""
        return math.exp(self.smooth[self.turning])

    @property
    def end(self) -> float:
        """The loss over the last window."""
        return math.exp(self.smooth[-1])

    @property
    def rise(self) -> float:
        """From the turning point to the last window; at least 0."""
        return float(self.smooth[-1] - self.smooth[self.turning])

    @property
    def rise_limit(self) -> float:
        """The largest rise that noise gives a flat curve, but in one of a hundred.

        The lowest of several windows was picked, so that it lies low by chance: the level of the
        test is divided by their number (Bonferroni).
        """
        epochs = len(self.losses)
        return _quantile(max(1, epochs // self.window), epochs) * self.spread

    @property
    def fall(self) -> float:
        """From two windows before the last, or the first one, to the last."""
        before = max(0, len(self.smooth) - 1 - 2 * self.window)
        return float(self.smooth[before] - self.smooth[-1])

    @property
    def fall_limit(self) -> float:
        """The largest fall that noise gives a flat curve, but in one of a hundred."""
        return _quantile(1, len(self.losses)) * self.spread

    def middle(self, at: int) -> int:
        """The index of the epoch in the middle of a window."""
        return at + self.window // 2

    def onset(self) -> int:
        """Index of the epoch since which the smooth curve stays above all that noise could do."""
        above = self.smooth - self.smooth[self.turning] > self.rise_limit
        below = np.flatnonzero(~above)
        return self.middle(min(int(below[-1]) + 1, len(self.smooth) - 1))


def window_of(epochs: int) -> int:
    """How many epochs a window has in a curve of so many: odd; 1 below six."""
    if epochs < 6:
        return 1
    return min(max(3, epochs // 6 - 1 | 1), 15)


def course_of(losses: Floats, accuracies: Floats, images: int, classes: int) -> Course:
    """Smooth a loss curve and say what noise can do to it.

    Parameters
    ----------
    losses, accuracies : ndarray of shape (T,)
        One an epoch, T at least 1; the losses above 0.
    images : int
        How many each was taken over.
    classes : int
    """
    window = window_of(len(losses))
    curve = np.log(losses)
    smooth = _window_means(curve, window)
    turning = int(smooth.argmin())
    low = math.exp(smooth[turning])
    shaking = jitter(losses, USUAL_JITTER * learnt(low, classes))
    accuracy = float(accuracies[turning : turning + window].mean())
    sampling = paired_spread(sampling_spread(low, accuracy, images, classes))
    spread = math.sqrt(2 * _LASTING * shaking**2 / window + sampling**2)
    return Course(losses, smooth, window, turning, shaking, spread)


def _window_means(values: Floats, window: int) -> Floats:
    sums = np.cumsum(np.concatenate([[0.0], values]))
    means: Floats = (sums[window:] - sums[:-window]) / window
    return means


@functools.cache
def _quantile(questions: int, epochs: int) -> float:
    """Of Student's t, for the noise is itself estimated from the curve."""
    return float(student.isf(FALSE_ALARM / questions, degrees_of_freedom(epochs)))
