"""Runs that differ in nothing but label smoothing, and what it did to their logits."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from core.augmentation.records import GapCounts, Logits
from core.inside.layers import chain
from core.predictions.quality import Answers, calibration

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

_BATCH = 250
_BARS = 40


def logits_of(model: keras.Model, images: Floats) -> Floats:
    """What the last layer computes before its softmax, dropout off.

    Parameters
    ----------
    model : keras.Model
        A network in one line that ends with a dense layer.
    images : ndarray of shape (N, H, W, C)

    Returns
    -------
    ndarray of shape (N, K), float32
    """
    *layers, last = chain(model)
    kernel, bias = (np.asarray(weight) for weight in last.weights)
    found = []
    for begin in range(0, len(images), _BATCH):
        now = images[begin : begin + _BATCH]
        for layer in layers:
            now = layer(now, training=False)
        found.append(np.asarray(now) @ kernel + bias)
    logits: Floats = np.concatenate(found)
    return logits


def judged(logits: Floats, labels: Labels) -> Logits:
    """Gaps and calibration from logits (N, K) and true classes (N,)."""
    exact = logits.astype(np.float64)
    right = exact[np.arange(len(labels)), labels]
    others = (exact.sum(axis=1) - right) / (exact.shape[1] - 1)
    probabilities = softmax(exact, axis=1).astype(np.float32)
    return Logits(right - others, calibration(Answers(probabilities, labels)))


def gap_counts(networks: Sequence[Logits]) -> GapCounts:
    """Count the gaps of several networks in the same bars."""
    every = np.concatenate([one.gaps for one in networks])
    edges = np.histogram_bin_edges(every, _BARS)
    counts = tuple(np.histogram(one.gaps, edges)[0].astype(np.int64) for one in networks)
    return GapCounts((edges[1:] + edges[:-1]) / 2, counts, float(edges[1] - edges[0]))
