"""L2 in the loss against decoupled weight decay, on weights whose gradients are given.

Loshchilov & Hutter (2019), algorithms 1 and 2. L2 adds ``strength * w`` to the gradient, so that
whatever the optimizer does to a gradient it does to the price as well; decoupled decay takes
``rate * strength * w`` off the weight itself. For plain gradient descent the two are the same
(their proposition 1); Adam divides each gradient by its size, and L2 with it (proposition 2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.mechanisms.weight_records import Doubles

RULES: Mapping[str, str] = {"adam": "Adam", "sgd": "Plain gradient descent"}
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
"""Those of ``keras.optimizers.Adam``."""


@dataclass(frozen=True, eq=False)
class DecayPaths:
    """The ways of some weights under both kinds of decay.

    Attributes
    ----------
    sizes : tuple of float, W of them
        The absolute value of each weight's gradient.
    coupled, decoupled : ndarray of shape (T + 1, W)
        The weights before the first and after each step: with L2 in the loss, with decoupled decay.
    closed : float
        ``(1 - rate * strength) ** T``: what decoupled decay leaves of any weight.
    """

    sizes: tuple[float, ...]
    coupled: Doubles
    decoupled: Doubles
    closed: float


def alternating_gradients(sizes: Sequence[float], steps: int) -> Doubles:
    """Gradients of these sizes whose sign changes with every step, of shape (T, W).

    They pull a weight nowhere, as those of a batch do to a weight that has learnt what it can: what
    moves it is the decay alone.
    """
    signs = np.where(np.arange(steps) % 2 == 0, 1.0, -1.0)
    return np.outer(signs, np.asarray(sizes, np.float64))


def path(
    start: Doubles,
    gradients: Doubles,
    rate: float,
    strength: float,
    decoupled: bool,
    rule: str = "adam",
) -> Doubles:
    """Follow weights whose gradients are given, step by step.

    Parameters
    ----------
    start : ndarray of shape (W,)
    gradients : ndarray of shape (T, W)
        Of the loss without its penalty.
    rate : float
        Learning rate.
    strength : float
        The lambda of Loshchilov & Hutter. In Keras this is ``L2(strength / 2)``, whose gradient is
        ``strength * w``, or ``AdamW(weight_decay=strength)``.
    decoupled : bool
        Whether the decay stands apart from the gradient.
    rule : {"adam", "sgd"}
        How a gradient becomes a step. Adam is written as Keras has it, with its epsilon beside the
        square root before the correction of the bias.

    Returns
    -------
    ndarray of shape (T + 1, W)
    """
    weights = np.asarray(start, np.float64).copy()
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    kept = [weights]
    for step, given in enumerate(gradients, 1):
        gradient = given if decoupled else given + strength * weights
        if rule == "adam":
            first = BETA_1 * first + (1 - BETA_1) * gradient
            second = BETA_2 * second + (1 - BETA_2) * gradient**2
            correction = np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)
            gradient = correction * first / (np.sqrt(second) + EPSILON)
        weights = weights * (1 - rate * strength * decoupled) - rate * gradient
        kept.append(weights)
    return np.stack(kept)


def decay_paths(
    sizes: Sequence[float], steps: int, rate: float, strength: float, rule: str = "adam"
) -> DecayPaths:
    """Let weights of 1 decay under gradients of these sizes, in both ways.

    Parameters
    ----------
    sizes : sequence of float
    steps : int
    rate, strength, rule
        As in :func:`path`.
    """
    gradients, start = alternating_gradients(sizes, steps), np.ones(len(sizes))
    coupled, decoupled = (
        path(start, gradients, rate, strength, apart, rule) for apart in (False, True)
    )
    return DecayPaths(tuple(sizes), coupled, decoupled, float((1 - rate * strength) ** steps))
