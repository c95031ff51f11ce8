"""What the penalty is of the loss, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.library.records import Epoch, Movement
from core.mechanisms.weight_records import Doubles, Integers


@dataclass(frozen=True, eq=False)
class ByEpoch:
    """A figure at the end of each epoch.

    Attributes
    ----------
    epochs : ndarray of shape (E,)
        1 for the first.
    values : ndarray of shape (E,)
    """

    epochs: Integers
    values: Doubles


def penalty_shares(epochs: Sequence[Epoch]) -> ByEpoch:
    """The penalty over the loss with it, at the end of each epoch, in [0, 1].

    The loss is the fair training loss, which is taken on the very weights that the penalty is
    taken on, dropout off. NaN where one of them is no number.
    """
    penalty = np.array([epoch.penalty for epoch in epochs], np.float64)
    loss = np.array([epoch.fair_loss for epoch in epochs], np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(penalty == 0, 0.0, penalty / (penalty + loss))
    return ByEpoch(np.array([epoch.epoch for epoch in epochs], np.int64), shares)


def prices(movements: Sequence[Movement], strength: float) -> ByEpoch:
    """What L2 of a strength would charge for the kernels at the end of each epoch, in nats.

    The sum of all squared weights is that of the squared norms of all kernels.

    Parameters
    ----------
    movements : sequence of Movement
        Those of all layers.
    strength : float
    """
    squares: dict[int, float] = {}
    for movement in movements:
        squares[movement.epoch] = squares.get(movement.epoch, 0.0) + movement.norm**2
    values = strength * np.array([*squares.values()], np.float64)
    return ByEpoch(np.array([*squares], np.int64), values)
