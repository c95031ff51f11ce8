"""Moving averages: how much of the past they hold, and how far they lag behind.

At each step a moving statistic becomes `momentum` times itself plus ``1 - momentum`` times the
batch's (Ioffe & Szegedy, 2015); Keras begins with mean 0 and variance 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
FEW = 0.01
"""The share of the first values below which they count as forgotten."""


@dataclass(frozen=True)
class Lag:
    """How far a moving average lags behind after a number of steps.

    Attributes
    ----------
    momentum : float
        In [0, 1).
    steps : int
        Steps of training made.
    first_values : float
        The share of the values before the first step that is left in it: ``momentum ** steps``.
    age : float
        How many steps ago, on average, the batches were seen that it consists of, once the first
        values are forgotten: ``momentum / (1 - momentum)``.
    half : float
        After how many steps half of what it held is replaced.
    forgotten : int
        The first step at which less than :data:`FEW` of the first values is left.
    """

    momentum: float
    steps: int
    first_values: float
    age: float
    half: float
    forgotten: int

    @property
    def caught_up(self) -> bool:
        """Whether less than :data:`FEW` of the first values is left."""
        return self.first_values < FEW


def lag(momentum: float, steps: int) -> Lag:
    """The lag in closed form.

    Parameters
    ----------
    momentum : float
        In [0, 1).
    steps : int
        0 or more.
    """
    if momentum == 0:
        return Lag(momentum, steps, float(steps == 0), 0.0, 0.0, 1)
    return Lag(
        momentum,
        steps,
        first_values=momentum**steps,
        age=momentum / (1 - momentum),
        half=math.log(0.5) / math.log(momentum),
        forgotten=math.floor(math.log(FEW) / math.log(momentum)) + 1,
    )


def first_values_left(momentum: float, steps: NDArray[np.integer]) -> Doubles:
    """The share of the first values that is left after each number of steps, in [0, 1]."""
    left: Doubles = np.float64(momentum) ** steps
    return left


def follow(statistics: Doubles, momentum: float, steps: int, first: float) -> Doubles:
    """A moving average that follows these statistics, over and over, for a number of steps.

    Parameters
    ----------
    statistics : ndarray of shape (S,)
        One a batch; after the last comes the first again.
    momentum : float
        In [0, 1).
    steps : int
    first : float
        Its value before the first step.

    Returns
    -------
    ndarray of shape (steps + 1,)
        Its value before the first step, and after each.
    """
    followed = np.empty(steps + 1)
    followed[0] = now = first
    for step in range(steps):
        now = momentum * now + (1 - momentum) * float(statistics[step % len(statistics)])
        followed[step + 1] = now
    return followed
