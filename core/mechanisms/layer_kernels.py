"""The kernels of a network with the price on each, what they cost, and a copy to change."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from core.errors import LearnscopeError
from core.inside.layers import chain
from core.keras_state import KERAS_LOCK
from core.mechanisms.weight_records import LayerKernel, PenaltyTerm


def layer_kernels(model: keras.Model) -> tuple[LayerKernel, ...]:
    """The kernels of a network, first layer to last, each with the strengths of its penalty.

    Raises
    ------
    LearnscopeError
        If a weight is not a finite number, as after a training that diverged.
    """
    found = []
    for layer in kernel_layers(model):
        values = np.asarray(layer.kernel, dtype=np.float32)
        wrong = int(values.size - np.isfinite(values).sum())
        if wrong:
            raise LearnscopeError(
                f"Expected finite weights. Received: {wrong:,} in {layer.name} that are not, for "
                "the training diverged. Choose the run's best weights, or another run."
            )
        price = layer.kernel_regularizer
        l1, l2 = (float(getattr(price, name, 0.0)) for name in ("l1", "l2"))
        found.append(LayerKernel(str(layer.name), type(layer).__name__, values, l1, l2))
    return tuple(found)


def kernel_layers(model: keras.Model) -> list[keras.Layer]:
    """The layers with a kernel, that is convolution and dense layers, in order."""
    return [layer for layer in chain(model) if getattr(layer, "kernel", None) is not None]


def copy_of(model: keras.Model) -> keras.Model:
    """The same network with the same weights, which may be changed: the given one is shared."""
    with KERAS_LOCK:
        copy = keras.models.clone_model(model)
        copy.set_weights(model.get_weights())
    return copy


def penalty_terms(kernels: Sequence[LayerKernel]) -> tuple[PenaltyTerm, ...]:
    """What each kernel costs: the strength of L1 times the sum of all absolute weights, and that
    of L2 times the sum of all squared weights, in nats.

    Parameters
    ----------
    kernels : sequence of LayerKernel
    """
    terms = []
    for kernel in kernels:
        values = kernel.values.astype(np.float64)
        absolute, square = float(np.abs(values).sum()), float(np.square(values).sum())
        terms.append(
            PenaltyTerm(
                kernel.layer,
                values.size,
                absolute,
                square,
                kernel.l1 * absolute,
                kernel.l2 * square,
            )
        )
    return tuple(terms)
