"""Many thinned networks answer the same images: Monte-Carlo dropout (Gal & Ghahramani, 2016)."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.mechanisms.dropout import draw_mask, drop
from core.mechanisms.places import CutNetwork, Rates

Floats = NDArray[np.float32]

MASKS = 50
"""Masks that every Monte-Carlo figure is made of."""
_BATCH = 250
_NUMBERS = 2_000_000
"""Of so many, masks go through the rest of the network together: fewer and larger products."""


def through(layers: Sequence[keras.Layer], values: Floats) -> Floats:
    """Send a batch through layers as after training: moving statistics, no noise.

    Parameters
    ----------
    layers : sequence of keras.Layer
    values : ndarray of shape (N, ...)
    """
    if not layers:
        return values
    parts = []
    for begin in range(0, len(values), _batch_for(layers)):
        now = tf.convert_to_tensor(values[begin : begin + _batch_for(layers)])
        for layer in layers:
            now = layer(now, training=False)
        parts.append(np.asarray(now, np.float32))
    return np.concatenate(parts)


def _batch_for(layers: Sequence[keras.Layer]) -> int:
    """All at once where only dense layers come, whose outputs are small."""
    return _BATCH if any(len(layer.output.shape) == 4 for layer in layers) else 10_000


def features_at(cut: CutNetwork, place: int, images: Floats) -> Floats:
    """What reaches a place of dropout, with nothing silenced before it.

    Parameters
    ----------
    cut : CutNetwork
    place : int
        Number of the place.
    images : ndarray of shape (N, H, W, C), values in [0, 1]

    Returns
    -------
    ndarray of shape (N, U) or (N, H', W', C')
    """
    return through([layer for part in cut.stretches[: place + 1] for layer in part], images)


def answers_without_dropout(cut: CutNetwork, place: int, features: Floats) -> Floats:
    """The answers of the whole network, dropout off: the weight-scaling rule.

    Inverted dropout scales while it trains, so that nothing is left to scale afterwards.

    Parameters
    ----------
    cut, place
        As in :func:`features_at`.
    features : ndarray of shape (N, ...)
        From :func:`features_at`.

    Returns
    -------
    ndarray of shape (N, K)
        Probabilities.
    """
    return through([layer for part in cut.stretches[place + 1 :] for layer in part], features)


def answers_of_masks(
    cut: CutNetwork, rates: Rates, place: int, features: Floats, masks: range, seed: int
) -> Floats:
    """The answers of thinned networks; each image has masks of its own, as in training.

    Parameters
    ----------
    cut : CutNetwork
    rates : Rates
    place : int
        The first place where something falls silent.
    features : ndarray of shape (N, ...)
        From :func:`features_at`.
    masks : range
        Numbers of the masks. The same number and seed give the same random numbers, at every rate
        and in whatever portions the masks are asked for.
    seed : int

    Returns
    -------
    ndarray of shape (M, N, K), float32
        Probabilities by mask, image and class.
    """
    answers = []
    at_once = max(1, _NUMBERS // features.size)
    for begin in range(0, len(masks), at_once):
        some = masks[begin : begin + at_once]
        now = np.broadcast_to(features, (len(some), *features.shape))
        for number in range(place, len(cut.places)):
            silenced = [
                _silenced(cut, rates, number, values, np.random.default_rng([seed, mask, number]))
                for mask, values in zip(some, now, strict=True)
            ]
            passed = through(cut.stretches[number + 1], np.concatenate(silenced))
            now = passed.reshape(len(some), len(features), *passed.shape[1:])
        answers.append(now)
    return np.concatenate(answers)


def _silenced(
    cut: CutNetwork, rates: Rates, number: int, values: Floats, rng: np.random.Generator
) -> Floats:
    place = cut.places[number]
    rate = rates.at(place)
    if rate == 0:
        return values
    return drop(values, draw_mask(rng, (len(values), *place.mask_shape), rate), rate)


def answers_alone(cut: CutNetwork, image: Floats) -> Floats:
    """What the whole network says of one image, dropout off.

    Parameters
    ----------
    cut : CutNetwork
    image : ndarray of shape (H, W, C), values in [0, 1]

    Returns
    -------
    ndarray of shape (K,)
        Probabilities.
    """
    answer: Floats = through([layer for part in cut.stretches for layer in part], image[None])[0]
    return answer
