"""Deletion and insertion: does a map find the pixels that the answer hangs on?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.attribution.maps import Question
from core.attribution.records import Course, Courses, Maps
from core.attribution.scores import ScoredNetwork

Integers = NDArray[np.intp]

KINDS: Mapping[str, str] = {"deletion": "Deletion", "insertion": "Insertion"}
STEPS = 28
"""Into so many equal parts the pixels are divided."""
RANDOM_ORDERS = 10
"""How many random orders stand beside the maps."""


def order_of(values: NDArray[np.floating], seed: Sequence[int]) -> Integers:
    """The pixels by their values, the largest first; equal ones by chance.

    Parameters
    ----------
    values : ndarray of shape (H, W)
    seed : sequence of int

    Returns
    -------
    ndarray of shape (H * W,)
    """
    chance = np.random.default_rng(seed).permutation(values.size)
    return np.lexsort((chance, -values.ravel()))


def random_order(pixels: int, seed: Sequence[int]) -> Integers:
    """So many pixels in an order by chance alone."""
    return np.random.default_rng(seed).permutation(pixels)


def course_of(network: ScoredNetwork, question: Question, order: Integers, kind: str) -> Course:
    """The course of the class's probability in an order of pixels (Petsiuk et al., 2018).

    Parameters
    ----------
    network : ScoredNetwork
    question : Question
        Its image, baseline and class.
    order : ndarray of shape (H * W,)
        Pixels, the first to go or come first.
    kind : {"deletion", "insertion"}
        Put the baseline's pixels into the image, or the image's into the baseline.
    """
    begin, end = question.image, question.baseline
    if kind == "insertion":
        begin, end = end, begin
    counts = np.rint(np.linspace(0, len(order), min(STEPS, len(order)) + 1)).astype(np.intp)
    channels = begin.shape[2]
    now = np.repeat(begin.reshape(1, -1, channels), len(counts), axis=0)
    other = end.reshape(-1, channels)
    for one, count in zip(now, counts, strict=True):
        one[order[:count]] = other[order[:count]]
    answers = network.probabilities(now.reshape(-1, *begin.shape))[:, question.target]
    return Course(counts / len(order), answers.astype(np.float64))


def courses_of(
    network: ScoredNetwork, question: Question, maps: Maps, kind: str, seed: int
) -> Courses:
    """The courses of all maps, and of random orders beside them.

    Parameters
    ----------
    network : ScoredNetwork
    question : Question
    maps : dict of ndarray of shape (H, W)
    kind : {"deletion", "insertion"}
    seed : int
        For the random orders, and for the order of equal pixels.
    """
    by_method = {
        method: course_of(network, question, order_of(values, [seed, 0]), kind)
        for method, values in maps.items()
    }
    pixels = question.image.shape[0] * question.image.shape[1]
    at_random = tuple(
        course_of(network, question, random_order(pixels, [seed, 1, number]), kind)
        for number in range(RANDOM_ORDERS)
    )
    return Courses(kind, by_method, at_random)
