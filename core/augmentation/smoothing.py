"""Label smoothing in closed form: the labels it makes, and the logits that they ask for."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


def smoothed_label(label: int, classes: int, smoothing: float) -> Doubles:
    """The label of a class once `smoothing` of it is spread evenly over all classes.

    Parameters
    ----------
    label : int
        0 to K - 1.
    classes : int
        K.
    smoothing : float
        e in [0, 1): the right class keeps 1 - e + e / K, every other one gets e / K (Szegedy et
        al., 2016; Müller et al., 2019).

    Returns
    -------
    ndarray of shape (K,)
        Sums to 1.
    """
    shares = np.full(classes, smoothing / classes)
    shares[label] += 1 - smoothing
    return shares


def logit_gap(smoothing: float, classes: int) -> float:
    """How far the right class's logit shall stand above all others, where the loss is least.

    The softmax meets the smoothed label exactly where the gap is the logarithm of the ratio of its
    two shares, log((1 - e + e / K) / (e / K)): infinite without smoothing, which no weights reach.
    """
    if smoothing == 0:
        return math.inf
    return math.log((1 - smoothing + smoothing / classes) / (smoothing / classes))


def curve_of_gaps(classes: int) -> tuple[list[float], list[float]]:
    """Smoothings up to 0.5, and the gap that each asks for."""
    smoothings = np.geomspace(1e-3, 0.5, 120).tolist()
    return smoothings, [logit_gap(smoothing, classes) for smoothing in smoothings]
