"""How much memory a planned network takes while it is trained, in bytes and in words."""

from __future__ import annotations

import math

from core.network import NetworkPlan
from core.settings import Settings

_FLOAT = 4
"""Bytes of a number in single precision."""
_SLOTS = {"adam": 2, "adamw": 2, "sgd": 1, "rmsprop": 1}
"""How many numbers an optimizer remembers for each weight."""


def memory_of_layers(plan: NetworkPlan, settings: Settings) -> dict[str, int]:
    """Estimate the bytes that each layer takes while the network is trained, by layer name.

    Counted are its weights, their gradient and what the optimizer remembers of them, and its
    output and that output's gradient for one batch. What TensorFlow itself takes is left out.
    """
    # The average that the optimizer may keep is one more for each weight.
    slots = _SLOTS[settings.optimisation.optimizer] + settings.optimisation.weight_averaging
    copies = 2 + slots
    batch = settings.optimisation.batch_size
    return {
        layer.name: _FLOAT * (copies * layer.weights + 2 * batch * math.prod(layer.output_shape))
        for layer in plan.layers
    }


def in_bytes(count: float) -> str:
    """A number of bytes in words, such as "3.4 MB" (steps of 1,000)."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        # From here on it would be written as 1000 of them.
        if count < 999.5 or unit == "TB":
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "bytes" or count >= 99.95 else f"{count:.1f} {unit}"
