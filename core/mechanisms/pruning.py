"""How well a network does as its smallest weights are set to 0."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.data.arrays import Labels
from core.fitting.steps import Evaluation
from core.keras_state import KERAS_LOCK
from core.mechanisms.layer_kernels import copy_of, kernel_layers
from core.mechanisms.weight_records import Floats, Integers, PrunedScore

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 1.0)
"""The shares of the weights that are set to 0; the interesting ones are the last."""
SCOPES: Mapping[str, str] = {"network": "Of the whole network", "layer": "Of each layer alike"}
"""Among which weights the smallest are looked for."""


def pruned(kernels: Sequence[Floats], share: float, scope: str) -> list[Floats]:
    """The kernels with their smallest weights, by absolute value, set to 0.

    Parameters
    ----------
    kernels : sequence of ndarray of any shape
        They stay as they are.
    share : float
        How much of them, in [0, 1], rounded to a whole number of weights. Of equal weights the
        earlier ones go first.
    scope : {"network", "layer"}
        The smallest of all kernels together, or of each kernel by itself.
    """
    return _zeroed(kernels, _orders(kernels, scope), share, scope)


def _orders(kernels: Sequence[Floats], scope: str) -> list[Integers]:
    """The places of the weights, the smallest first: of all together, or of each kernel."""
    flat = [np.abs(kernel).ravel() for kernel in kernels]
    together = [np.concatenate(flat)] if scope == "network" else flat
    return [np.argsort(sizes, kind="stable") for sizes in together]


def _zeroed(
    kernels: Sequence[Floats], orders: Sequence[Integers], share: float, scope: str
) -> list[Floats]:
    flat = [kernel.ravel() for kernel in kernels]
    together = [np.concatenate(flat)] if scope == "network" else [array.copy() for array in flat]
    for array, order in zip(together, orders, strict=True):
        array[order[: round(share * len(order))]] = 0
    if scope == "network":
        together = np.split(together[0], np.cumsum([array.size for array in flat])[:-1])
    return [array.reshape(kernel.shape) for array, kernel in zip(together, kernels, strict=True)]


class PrunableNetwork:
    """A copy of a network whose kernels are pruned again and again, from the whole ones each time.

    Biases and whatever a normalization has learnt stay. May be shared by threads.

    Parameters
    ----------
    model : keras.Model
        It stays as it is.
    """

    def __init__(self, model: keras.Model) -> None:
        self._copy = copy_of(model)
        self._layers = kernel_layers(self._copy)
        self._whole = [np.asarray(layer.kernel, np.float32) for layer in self._layers]
        self._orders = {scope: _orders(self._whole, scope) for scope in SCOPES}
        self._evaluation = Evaluation(self._copy)
        self._using = threading.Lock()
        with KERAS_LOCK:
            # Traced by one blank image, so that the lock need not be held later on.
            blank = tf.zeros((1, *self._copy.input_shape[1:]))
            self._evaluation.predict(blank, tf.zeros(1, tf.int64))

    def score(
        self, share: float, scope: str, images: NDArray[np.floating], labels: Labels
    ) -> tuple[PrunedScore, Floats]:
        """Prune, have the network answer, dropout off, and count the right answers.

        Parameters
        ----------
        share, scope
            As in :func:`pruned`.
        images : ndarray of shape (N, H, W, C), values in [0, 1]
        labels : ndarray of shape (N,)

        Returns
        -------
        score : PrunedScore
        probabilities : ndarray of shape (N, K)
        """
        kernels = _zeroed(self._whole, self._orders[scope], share, scope)
        with self._using:
            for layer, kernel in zip(self._layers, kernels, strict=True):
                layer.kernel.assign(kernel)
            score, answers = self._evaluation.predict(tf.constant(images), tf.constant(labels))
        moved = [np.abs(whole - kernel) for whole, kernel in zip(self._whole, kernels, strict=True)]
        result = PrunedScore(
            share=share,
            removed=sum(round(share * len(order)) for order in self._orders[scope]),
            largest=max(float(way.max()) for way in moved),
            kept=tuple(float(np.count_nonzero(kernel)) / kernel.size for kernel in kernels),
            right=round(score.accuracy * score.images),
            images=score.images,
        )
        return result, answers.numpy()
