"""Images on their way through a network, with a say in what its normalizations do.

The networks are shared by all sessions. So no layer is called in a way that changes it: the
normalizations are computed here, and the masks of a dropout are drawn by a copy of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.inside.layer_kinds import IDLE_LAYERS
from core.inside.layers import chain
from core.mechanisms.normalization import (
    Floats,
    NormalizationLayer,
    Statistics,
    batch_statistics,
    together,
)

A_PASS = 500
"""Images that are sent through at a time where batches do not matter."""
AtNormalization = Callable[[NormalizationLayer, Floats], Floats]
"""Called with a layer and what reaches it, (N, ..., C); gives what the layer passes on."""


@dataclass(frozen=True, eq=False)
class Step:
    """One layer of a network.

    Attributes
    ----------
    layer : keras.Layer
    normalization : NormalizationLayer or None
        What it holds, if it is a batch normalization.
    noisy : bool
        Whether its chance is on, as in training.
    """

    layer: keras.Layer
    normalization: NormalizationLayer | None
    noisy: bool = False


def steps_of(model: keras.Model) -> tuple[Step, ...]:
    """The layers of a network in one line, in order."""
    return tuple(Step(layer, _read(layer)) for layer in chain(model))


def normalization_layers(model: keras.Model) -> tuple[NormalizationLayer, ...]:
    """All batch normalizations of a network, in order; none if it has none."""
    return tuple(step.normalization for step in steps_of(model) if step.normalization)


def _read(layer: keras.Layer) -> NormalizationLayer | None:
    if not isinstance(layer, keras.layers.BatchNormalization):
        return None
    mean, variance = (
        np.asarray(weight, dtype=np.float64)
        for weight in (layer.moving_mean, layer.moving_variance)
    )
    return NormalizationLayer(
        name=str(layer.name),
        gamma=np.asarray(layer.gamma, dtype=np.float64) if layer.scale else np.ones_like(mean),
        beta=np.asarray(layer.beta, dtype=np.float64) if layer.center else np.zeros_like(mean),
        moving=Statistics(mean, variance),
        momentum=float(layer.momentum),
        epsilon=float(layer.epsilon),
    )


def send(
    steps: Sequence[Step], images: NDArray[np.floating], at_normalization: AtNormalization
) -> Floats:
    """Send images through these layers, with a say in what each normalization does.

    Parameters
    ----------
    steps : sequence of Step
        Some or all of :func:`steps_of`, or of :func:`with_noise`.
    images : ndarray of shape (N, H, W, I), values in [0, 1]
    at_normalization : callable

    Returns
    -------
    ndarray of shape (N, ...)
        What comes out at the end.
    """
    now: Floats = np.asarray(images, dtype=np.float32)
    for step in steps:
        if step.normalization is not None:
            now = at_normalization(step.normalization, now)
        else:
            now = np.asarray(step.layer(tf.convert_to_tensor(now), training=step.noisy))
    return now


def with_noise(steps: Sequence[Step], seed: int) -> tuple[Step, ...]:
    """The same layers, those with chance in them as in training, from seeds of their own."""
    noisy = []
    for place, step in enumerate(steps):
        if isinstance(step.layer, IDLE_LAYERS):
            config = step.layer.get_config() | {"seed": seed + place}
            noisy.append(Step(type(step.layer).from_config(config), None, noisy=True))
        else:
            noisy.append(step)
    return tuple(noisy)


def has_noise(steps: Sequence[Step]) -> bool:
    """Whether training draws by chance in one of these layers."""
    return any(isinstance(step.layer, IDLE_LAYERS) for step in steps)


def normalize_by_batch(layer: NormalizationLayer, values: Floats) -> Floats:
    """What a batch normalization does in training."""
    return layer.normalize(values, batch_statistics(values))


def normalize_as_moved(layer: NormalizationLayer, values: Floats) -> Floats:
    """What a batch normalization does after training."""
    return layer.normalize(values, layer.moving)


def pieces(images: NDArray[np.floating], size: int) -> Iterator[NDArray[np.floating]]:
    """The images in order, `size` at a time; the last piece takes what is left."""
    for begin in range(0, len(images), size):
        yield images[begin : begin + size]


def statistics_at(
    steps: Sequence[Step],
    name: str,
    images: NDArray[np.floating],
    at_normalization: AtNormalization = normalize_as_moved,
) -> Statistics:
    """Mean and variance of what reaches a normalization, over all of these images, noise off.

    Parameters
    ----------
    steps : sequence of Step
        A whole network.
    name : str
        The normalization's.
    images : ndarray of shape (N, H, W, I), values in [0, 1]
    at_normalization : callable
        What the normalizations ahead of it do; without it, what they do after training.
    """
    place = next(at for at, step in enumerate(steps) if step.layer.name == name)
    parts = []
    for piece in pieces(images, A_PASS):
        arrived = send(steps[:place], piece, at_normalization)
        parts.append((arrived.size // arrived.shape[-1], batch_statistics(arrived)))
    return together(parts)


def images_within(
    model: keras.Model, images: NDArray[np.floating], numbers: int = 40_000_000
) -> NDArray[np.floating]:
    """As many of the first images as the normalizations' inputs can be kept of in memory.

    Parameters
    ----------
    model : keras.Model
    images : ndarray of shape (N, H, W, I)
    numbers : int
        The most that all of these inputs may hold together.
    """
    one = sum(
        math.prod(step.layer.output.shape[1:])
        for step in steps_of(model)
        if step.normalization is not None
    )
    return images[: max(2, numbers // max(one, 1))]
