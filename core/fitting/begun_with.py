"""What a run began with, by fingerprint: so that two runs can be shown to have begun alike."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.library.records import Event

if TYPE_CHECKING:
    import keras

    from core.settings import OptimisationSettings

KIND = "begun with"
"""The kind of the event that holds it."""
MOST_EPOCHS = 100
"""Epochs whose orders are in the fingerprint; a long run of many images would wait for more."""
_DIGITS = 16
_WORDS = re.compile(
    rf"First weights ([0-9a-f]{{{_DIGITS}}}), batches ([0-9a-f]{{{_DIGITS}}}) "
    r"\(the first digits of their SHA-256\)\."
)


@dataclass(frozen=True)
class BegunWith:
    """The fingerprints of a run's first weights and of its batches.

    Attributes
    ----------
    weights : str
        The first 16 hexadecimal digits of the SHA-256 of all kernels and biases before the first
        step. Scale, shift and statistics of normalization layers are not in it: they begin at 0
        and 1 everywhere.
    batches : str
        Alike of the batch size and the orders in which the run's epochs, at most
        :data:`MOST_EPOCHS`, go through the training images.
    """

    weights: str
    batches: str

    @property
    def words(self) -> str:
        """What the event says."""
        return (
            f"First weights {self.weights}, batches {self.batches} (the first digits of their "
            "SHA-256)."
        )


def begun_with(model: keras.Model, settings: OptimisationSettings, images: int) -> BegunWith:
    """Take the fingerprints of a run that is about to make its first step.

    Parameters
    ----------
    model : keras.Model
        With its first weights.
    settings : OptimisationSettings
    images : int
        How many training images there are.
    """
    # Imports TensorFlow, which whoever only reads these records need not.
    from core.fitting.steps import order_of_epoch

    weights, batches = hashlib.sha256(), hashlib.sha256(f"{settings.batch_size}".encode())
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            for array in map(np.asarray, (layer.kernel, layer.bias)):
                weights.update(f"{array.dtype} {array.shape}".encode())
                weights.update(np.ascontiguousarray(array).data)
    for epoch in range(1, min(settings.epochs, MOST_EPOCHS) + 1):
        batches.update(order_of_epoch(settings.seed, epoch, images).astype("<i8").data)
    return BegunWith(weights.hexdigest()[:_DIGITS], batches.hexdigest()[:_DIGITS])


def begun_with_of(events: Sequence[Event]) -> BegunWith | None:
    """What the events of a run say it began with; None if they do not, as in earlier versions."""
    told = [_WORDS.fullmatch(event.words) for event in events if event.kind == KIND]
    found = [match for match in told if match is not None]
    return BegunWith(*found[-1].groups()) if found else None
