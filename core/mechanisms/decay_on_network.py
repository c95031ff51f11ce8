"""L2 in the loss against decoupled decay on a network: which weights shrink, by their gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.data.arrays import Labels
from core.fitting.steps import order_of_epoch
from core.keras_state import KERAS_LOCK
from core.mechanisms.decay_records import Quartiles, Shrinkage
from core.mechanisms.layer_kernels import copy_of, kernel_layers
from core.mechanisms.training_pass import mean_loss, send_by_batch_statistics
from core.mechanisms.weight_records import Doubles

GROUPS = 10
_TINY = 0.1
"""Weights below this share of their mean absolute value are left out: of next to nothing, any step
is a large share."""


@dataclass(frozen=True, eq=False)
class Batches:
    """The batches that all three trainings go through, in this order.

    Attributes
    ----------
    images : sequence of ndarray of shape (N, H, W, C), values in [0, 1]
    labels : sequence of ndarray of shape (N,)
    """

    images: Sequence[NDArray[np.floating]]
    labels: Sequence[Labels]


def first_batches(
    images: NDArray[np.floating], labels: Labels, size: int, seed: int, most: int
) -> Batches:
    """The first whole batches of a run, `most` at the most, in the order of its first epoch."""
    order = order_of_epoch(seed, 1, len(images))
    count = max(1, min(most, len(images) // size))
    chosen = [order[number * size : (number + 1) * size] for number in range(count)]
    return Batches([images[places] for places in chosen], [labels[places] for places in chosen])


def measure_shrinkage(
    model: keras.Model, batches: Batches, rate: float, strength: float
) -> Shrinkage:
    """Train copies of a network for a few steps: with Adam, with Adam and L2, and with AdamW.

    All three are Keras's own, begin at the network's weights with a fresh optimizer, and see the
    same batches; dropout is off, batch normalization uses the statistics of the batch. Only
    kernels decay. What a decay has done to a weight is how much nearer to 0 it is than without,
    relative to where it began.

    Parameters
    ----------
    model : keras.Model
        It stays as it is.
    batches : Batches
    rate : float
        Learning rate.
    strength : float
        The lambda of Loshchilov & Hutter, as in :func:`core.mechanisms.decay.path`.
    """
    start = _kernels(copy_of(model))
    plain, squares = _train(model, batches, keras.optimizers.Adam(rate), 0.0)
    coupled, _ = _train(model, batches, keras.optimizers.Adam(rate), strength)
    apart = keras.optimizers.AdamW(rate, weight_decay=strength)
    decoupled, _ = _train(model, batches, apart, 0.0)
    size = np.sqrt(squares / len(batches.images))
    large = np.abs(start) > _TINY * np.abs(start).mean()
    shrunk = _Shrunk(
        size[large],
        (plain - coupled)[large] / start[large],
        (plain - decoupled)[large] / start[large],
    )
    return _by_gradient(shrunk, 1 - (1 - rate * strength) ** len(batches.images), batches)


def _train(
    model: keras.Model, batches: Batches, optimizer: keras.optimizers.Optimizer, strength: float
) -> tuple[Doubles, Doubles]:
    """The kernels afterwards, and the sum over the steps of their squared gradients."""
    with KERAS_LOCK:
        copy = copy_of(model)
        kernels = [layer.kernel for layer in kernel_layers(copy)]
        weights = copy.trainable_variables
        places = [[id(weight) for weight in weights].index(id(kernel)) for kernel in kernels]
        if optimizer.weight_decay:
            others = [weight for at, weight in enumerate(weights) if at not in places]
            optimizer.exclude_from_weight_decay(var_list=others)
        optimizer.build(weights)
        price = keras.regularizers.L2(strength / 2)
    squares = np.zeros(sum(int(np.prod(kernel.shape)) for kernel in kernels))
    for images, labels in zip(batches.images, batches.labels, strict=True):
        with tf.GradientTape() as tape:
            loss = mean_loss(labels, send_by_batch_statistics(copy, tf.constant(images)))
            total = tf.add_n([loss, *(price(kernel) for kernel in kernels if strength)])
        gradients = tape.gradient(total, weights)
        squares += np.square(_flat([gradients[place] for place in places]))
        optimizer.apply(gradients, weights)
    return _kernels(copy), squares


def _kernels(model: keras.Model) -> Doubles:
    return _flat([layer.kernel for layer in kernel_layers(model)])


def _flat(tensors: Sequence[tf.Tensor]) -> Doubles:
    return np.concatenate([np.asarray(tensor, np.float64).ravel() for tensor in tensors])


@dataclass(frozen=True, eq=False)
class _Shrunk:
    """By weight the size of its gradient, and what each decay took off it."""

    size: Doubles
    coupled: Doubles
    decoupled: Doubles


def _by_gradient(shrunk: _Shrunk, closed: float, batches: Batches) -> Shrinkage:
    """Sort the weights into groups of equal number by the size of their gradient."""
    size = shrunk.size
    pulled, still = np.flatnonzero(size > 0), np.flatnonzero(size == 0)
    groups = np.array_split(pulled[np.argsort(size[pulled], kind="stable")], GROUPS)
    groups = [group for group in groups if len(group)]
    return Shrinkage(
        gradients=np.array([np.median(size[group]) for group in groups]),
        coupled=_quartiles(shrunk.coupled, groups),
        decoupled=_quartiles(shrunk.decoupled, groups),
        still=len(still),
        still_coupled=float(np.median(shrunk.coupled[still])) if len(still) else 0.0,
        still_decoupled=float(np.median(shrunk.decoupled[still])) if len(still) else 0.0,
        closed=closed,
        weights=len(size),
        steps=len(batches.images),
        batch_size=len(batches.images[0]),
    )


def _quartiles(shrunk: Doubles, groups: Sequence[NDArray[np.intp]]) -> Quartiles:
    low, middle, high = (
        np.array([np.quantile(shrunk[group], level) for group in groups])
        for level in (0.25, 0.5, 0.75)
    )
    return Quartiles(low, middle, high)
