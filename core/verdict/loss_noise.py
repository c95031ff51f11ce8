"""How far chance alone moves a loss: from epoch to epoch, and from one choice of images to another.

All is told relative to the loss, that is on the scale of its logarithm: the last steps before an
epoch's end shake a small loss as much, in percent, as a large one.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_NORMAL = 1.4826
"""Median of absolute deviations -> standard deviation, for normal noise."""
USUAL_JITTER = 0.05
"""Of short curves, until they tell their own: 0.015 to 0.1 was measured on the built-in sets."""
_FEWEST = 6
"""Epochs below which a curve does not tell its noise."""
_USUAL_WEIGHT = 2.0
"""Degrees of freedom that the usual jitter counts for."""
_SHARED = 0.95
"""Correlation of an image's loss between two epochs. Measured on the built-in sets, between the
best epoch and the last of eight runs: 0.8 to 0.99, 0.95 in the middle
(benchmarks/loss_noise.py)."""


def jitter(losses: Floats, usual: float = USUAL_JITTER) -> float:
    """How much a curve shakes from epoch to epoch, whatever its course.

    Taken from second differences, in which every straight course cancels out (Gasser, Sroka and
    Jennen-Steinmetz, Biometrika 73, 1986), by the median of their absolute values, which a few
    leaps do not move. Noise that lasts over neighbouring epochs shrinks their differences, so
    those over two epochs are tried too, once the steep beginning is behind, and the larger result
    is kept. A short curve says little
    of its noise: its variance is weighed against a usual one (Smyth, Statistical Applications in
    Genetics and Molecular Biology 3, 2004).

    Parameters
    ----------
    losses : ndarray of shape (T,)
        One an epoch, above 0; T at least 1.
    usual : float
        What is taken for granted before the curve has told anything.

    Returns
    -------
    float
        Standard deviation relative to the loss.
    """
    curve = np.log(losses)
    if len(curve) < _FEWEST:
        # The bend of the first epochs, which fall steeply, would pass for noise.
        return usual
    own = 0.0
    for lag in (1, 2) if len(curve) >= 3 * _FEWEST else (1,):
        second = curve[2 * lag :] - 2 * curve[lag:-lag] + curve[: -2 * lag]
        own = max(own, _NORMAL * float(np.median(np.abs(second))) / math.sqrt(6))
    weight = _weight(len(curve))
    pooled = (_USUAL_WEIGHT * usual**2 + weight * own**2) / (_USUAL_WEIGHT + weight)
    return math.sqrt(pooled)


def degrees_of_freedom(epochs: int) -> float:
    """How well the jitter of a curve of so many epochs is known, for Student's t distribution.

    Infinite for a curve too short to tell its own: what is usual is taken as known.
    """
    return math.inf if epochs < _FEWEST else _USUAL_WEIGHT + _weight(epochs)


def _weight(epochs: int) -> float:
    """Neighbouring second differences overlap, and a median uses a third of what is there."""
    return (epochs - 2) / 3


def sampling_spread(loss: float, accuracy: float, images: int, classes: int) -> float:
    """How far the mean loss of so many images lies from that of all the images there could be.

    A trained network owes nearly all of its loss to few images. If twice as many as are wrong
    carry it, and it is spread among them as waiting times are (exponentially), the variance over
    images is loss² (1 / error - 1). A network that still guesses loses the same on each image, so
    the spread shrinks as the loss nears ln K. Measured on every epoch of eight runs of the built-in
    sets, the spread of the real losses was about this in the middle, and 0.34 to 1.74 times
    this in 96 % (benchmarks/loss_noise.py).

    Parameters
    ----------
    loss : float
        Mean data loss, in nats, above 0.
    accuracy : float
        In [0, 1].
    images : int
        How many were scored.
    classes : int
        K.

    Returns
    -------
    float
        Standard error relative to the loss.
    """
    # No image wrong of so many still leaves room for about half a one.
    error = min(max(1 - accuracy, 0.5 / images), 1 - 0.5 / images)
    return learnt(loss, classes) * math.sqrt((1 / error - 1) / images)


def learnt(loss: float, classes: int) -> float:
    """How far a loss has come down from guessing, in [0.05, 1]; noise grows with it."""
    return min(max(1 - loss / math.log(classes), 0.05), 1.0)


def paired_spread(spread: float) -> float:
    """The sampling error of a difference between two epochs that were scored on the same images.

    What makes the images at hand easier or harder than others does so in both epochs, and drops
    out; only the share that the epochs do not have in common is left.
    """
    return spread * math.sqrt(2 * (1 - _SHARED))
