"""What two kinds of decay did to a network's weights, as records without Keras."""

from __future__ import annotations

from dataclasses import dataclass

from core.mechanisms.weight_records import Doubles


@dataclass(frozen=True, eq=False)
class Quartiles:
    """A lower quartile, a median and an upper quartile for each of G groups, of shape (G,)."""

    low: Doubles
    middle: Doubles
    high: Doubles


@dataclass(frozen=True, eq=False)
class Shrinkage:
    """How much two kinds of decay shrank a network's weights in some steps.

    Attributes
    ----------
    gradients : ndarray of shape (G,)
        The weights are sorted into groups of equal number by the size of their gradient, its root
        mean square over the steps: this is the median of each group.
    coupled, decoupled : Quartiles
        By group, how much nearer to 0 a weight is than without decay, as a share of where it began:
        with L2 in the loss of Adam, and with AdamW.
    still : int
        Weights without any gradient in these steps; they are in no group.
    still_coupled, still_decoupled : float
        The median shrinkage of these.
    closed : float
        ``1 - (1 - rate * strength) ** T``: the share that decoupled decay takes off any weight.
    weights : int
        How many were looked at.
    steps, batch_size : int
    """

    gradients: Doubles
    coupled: Quartiles
    decoupled: Quartiles
    still: int
    still_coupled: float
    still_decoupled: float
    closed: float
    weights: int
    steps: int
    batch_size: int
