"""How the kernels of a run's layers moved, layer by layer, in numbers and in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.library.records import Movement

Floats = npt.NDArray[np.float64]

_MOST = 250
"""Epochs shown at most, so that the chart's message stays small."""


@dataclass(frozen=True, eq=False)
class Track:
    """The way of one layer's kernel.

    Attributes
    ----------
    layer : str
    epochs : ndarray of shape (E,), int64
    norms : ndarray of shape (E,)
        Euclidean norm of the kernel at each epoch's end.
    changes : ndarray of shape (E,)
        Euclidean norm of the epoch's change, relative to that.
    """

    layer: str
    epochs: npt.NDArray[np.int64]
    norms: Floats
    changes: Floats


def tracks_of(movements: Sequence[Movement], most: int = _MOST) -> list[Track]:
    """Sort movements by layer, in the order in which the layers first come.

    Of more than `most` epochs every second, third and so on is kept, the newest always.
    """
    tracks = []
    for layer in dict.fromkeys(movement.layer for movement in movements):
        own = [movement for movement in movements if movement.layer == layer]
        every = -(-len(own) // most)
        own = own[::-1][::every][::-1]
        tracks.append(
            Track(
                layer,
                np.array([movement.epoch for movement in own], np.int64),
                np.array([movement.norm for movement in own], np.float64),
                np.array([movement.change for movement in own], np.float64),
            )
        )
    return tracks


def movements_in_words(movements: Sequence[Movement]) -> str:
    """Which layer moved most in the newest epoch, and how each norm has changed since the first."""
    newest = max((movement.epoch for movement in movements), default=0)
    last = [m for m in movements if m.epoch == newest and math.isfinite(m.change)]
    if not last:
        return ""
    most = max(last, key=lambda movement: movement.change)
    sentence = (
        f"In epoch {newest}, {most.layer} moved most: by {most.change:.2%} of its norm, which is "
        f"now {most.norm:.3g}."
    )
    first = {m.layer: m for m in reversed(movements)}
    grown = [
        f"{m.layer} {m.norm / first[m.layer].norm - 1:+.0%}"
        for m in last
        if first[m.layer].epoch < newest and first[m.layer].norm > 0
    ]
    if not grown:
        return sentence
    begin = min(movement.epoch for movement in movements)
    return f"{sentence} Norms since the end of epoch {begin}: {', '.join(grown)}."
