"""The same settings over several seeds: only so is chance told from effect."""

from __future__ import annotations

import dataclasses

from core.errors import LearnscopeError
from core.settings import CONTROLS, Settings

MOST_REPEATS = 20
"""Runs that one press of a button may queue."""

DRAWN_BY_SEED = (
    "the split of the data, the first weights, the order of the images and the dropout masks"
)


def over_seeds(settings: Settings, times: int) -> list[Settings]:
    """The settings again and again, each time with the next seed.

    Parameters
    ----------
    settings : Settings
        Their own seed is the first.
    times : int
        How many, in [1, MOST_REPEATS].

    Returns
    -------
    list of Settings
        With the seeds s, s + 1, ..., s + times - 1.

    Raises
    ------
    LearnscopeError
        If that is too many, or the last seed is larger than a seed may be.
    """
    if not 1 <= times <= MOST_REPEATS:
        raise LearnscopeError(
            f"Times: expected a whole number in [1, {MOST_REPEATS}]. Received: {times}. "
            "Press Train again for more."
        )
    first = settings.optimisation.seed
    highest = int(CONTROLS["seed"].high or 0)
    if first + times - 1 > highest:
        raise LearnscopeError(
            f"Seed: expected {times} seeds in a row, of which the last is at most {highest}. "
            f"Received: seed={first}. Take a smaller seed, or train fewer times."
        )
    return [with_seed(settings, seed) for seed in range(first, first + times)]


def with_seed(settings: Settings, seed: int) -> Settings:
    """The same settings, with another seed."""
    return dataclasses.replace(
        settings, optimisation=dataclasses.replace(settings.optimisation, seed=seed)
    )
