"""Saliency and integrated gradients: attribution by the gradient of a score."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.attribution.scores import Floats, ScoredNetwork

STEPS = (8, 32, 128, 512)
"""How finely the way from the baseline to the image may be cut."""


def saliency(network: ScoredNetwork, image: NDArray[np.floating], target: int) -> Floats:
    """How strongly the score of a class answers to each pixel (Simonyan et al., 2014).

    Parameters
    ----------
    network : ScoredNetwork
    image : ndarray of shape (H, W, C), values in [0, 1]
    target : int
        Number of the class.

    Returns
    -------
    ndarray of shape (H, W), values from 0
        The absolute gradient, of several channels the largest.
    """
    gradient = network.gradients(network.checked(image)[None], target)[0]
    strongest: Floats = np.abs(gradient).max(axis=2)
    return strongest


@dataclass(frozen=True, eq=False)
class Integrated:
    """Integrated gradients of an image, and whether they are complete.

    Attributes
    ----------
    shares : ndarray of shape (H, W, C)
        How much of the difference is put down to each number of the image.
    image_score, baseline_score : float
        The class's score of the image and of the baseline.
    steps : int
        Gradients that the integral is made of.
    """

    shares: Floats
    image_score: float
    baseline_score: float
    steps: int

    @property
    def map(self) -> Floats:
        """Shape (H, W): the sum over channels, so that nothing is lost of the total."""
        total: Floats = self.shares.sum(axis=2)
        return total

    @property
    def total(self) -> float:
        """All shares together."""
        return float(self.shares.sum(dtype=np.float64))

    @property
    def difference(self) -> float:
        """What they should add up to."""
        return self.image_score - self.baseline_score

    @property
    def gap(self) -> float:
        """By how much they miss it: the error of summing instead of integrating."""
        return self.total - self.difference

    @property
    def relative_gap(self) -> float:
        """The size of that gap over the size of the difference; infinite where there is none."""
        return abs(self.gap) / abs(self.difference) if self.difference else math.inf

    @property
    def is_coarse(self) -> bool:
        """Whether they miss it by more than a hundredth."""
        return abs(self.gap) > 0.01 * abs(self.difference)


def integrated_gradients(
    network: ScoredNetwork,
    image: NDArray[np.floating],
    baseline: NDArray[np.floating],
    target: int,
    steps: int,
) -> Integrated:
    """Integrated gradients of a class's score (Sundararajan et al., 2017).

    The integral along the straight line from the baseline to the image is a sum over the middles
    of equal parts (midpoint rule). Completeness says that all shares together are the difference
    between the scores of image and baseline; the more steps, the closer.

    Parameters
    ----------
    network : ScoredNetwork
    image, baseline : ndarray of shape (H, W, C), values in [0, 1]
    target : int
        Number of the class.
    steps : int
        At least 1.
    """
    pixels, ground = network.checked(image), network.checked(baseline)
    way = pixels - ground
    places = (np.arange(steps, dtype=np.float32) + np.float32(0.5)) / np.float32(steps)
    slopes = np.zeros(pixels.shape, np.float64)
    for some in np.array_split(places, -(-steps // 128)):
        between = ground + some[:, None, None, None] * way
        slopes += network.gradients(between, target).sum(axis=0, dtype=np.float64)
    ends = network.scores(np.stack([pixels, ground]))[:, target]
    shares = np.asarray(way * slopes / steps, np.float32)
    return Integrated(shares, float(ends[0]), float(ends[1]), steps)
