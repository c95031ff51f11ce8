"""One network with all its units against the average of many thinned ones, on the same images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.arrays import Labels

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

SIZES = (1, 5, 10, 50)
"""How many masks are averaged over."""
_LEAST = 1e-7
"""The smallest probability that a loss is taken of, as in Keras."""


@dataclass(frozen=True, eq=False)
class Average:
    """How good averages over so many masks are; one number for each of G averages.

    Attributes
    ----------
    masks : int
        0 for the whole network, dropout off: weight scaling.
    errors : ndarray of shape (G,)
        Share of images whose most probable class is not the true one.
    disagreements : ndarray of shape (G,)
        Share of images whose most probable class is not that of the whole network.
    losses : ndarray of shape (G,)
        Mean cross-entropy in nats.
    """

    masks: int
    errors: Doubles
    disagreements: Doubles
    losses: Doubles

    @property
    def count(self) -> int:
        """G: how many averages there are, of masks that no two share."""
        return len(self.errors)


def in_words(values: Doubles, form: str = ".1%") -> str:
    """Mean and standard deviation of the averages, ``"3.1% ± 0.4%"``; of one, the number alone."""
    mean = format(float(values.mean()), form)
    return mean if len(values) == 1 else f"{mean} ± {float(values.std(ddof=1)):{form}}"


def averages(answers: Floats, whole: Floats, labels: Labels) -> tuple[Average, ...]:
    """Score averages over 1, 5, 10 and 50 masks (Srivastava et al., 2014, section 7.5).

    The masks are shared out: of 50, there are fifty averages of 1, ten of 5, five of 10 and one
    of 50.

    Parameters
    ----------
    answers : ndarray of shape (M, N, K)
        Probabilities by mask, image and class.
    whole : ndarray of shape (N, K)
        Of the whole network, dropout off.
    labels : ndarray of shape (N,)
        The true classes.

    Returns
    -------
    tuple of Average
        The whole network first.
    """
    rival = whole.argmax(axis=1)
    found = [_scored(0, whole[np.newaxis], rival, labels)]
    for size in SIZES:
        groups = len(answers) // size
        if groups:
            parts = answers[: groups * size].reshape(groups, size, *answers.shape[1:])
            found.append(_scored(size, parts.mean(axis=1), rival, labels))
    return tuple(found)


def _scored(masks: int, means: Floats, rival: NDArray[np.int64], labels: Labels) -> Average:
    given = means.argmax(axis=2)
    of_truth = np.take_along_axis(means, labels[np.newaxis, :, np.newaxis], axis=2)[:, :, 0]
    return Average(
        masks=masks,
        errors=(given != labels).mean(axis=1),
        disagreements=(given != rival).mean(axis=1),
        losses=-np.log(np.maximum(of_truth.astype(np.float64), _LEAST)).mean(axis=1),
    )
