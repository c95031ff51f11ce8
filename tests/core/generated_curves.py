"""Learning curves of every kind, drawn from images whose losses and mistakes are simulated.

Each curve has a true course. What is measured of it differs in two ways, as in life: the last
steps before an epoch's end shake it (in part lastingly), and it is taken over so many images, each
of which stays about as hard as it is from epoch to epoch. Nothing here comes from the diagnosis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter
from scipy.stats import norm

from core.library.records import Epoch

CLASSES = 10
CHANCE = math.log(CLASSES)
LASTING = 0.3
"""Share of the shaking's variance that lasts over neighbouring epochs (correlation 0.7)."""
SHARED = 0.96
"""Share of an image's hardness that it has in every epoch; the rest drifts (correlation 0.9)."""


@dataclass(frozen=True)
class Truth:
    """A curve as it is, by epoch (T,): losses in nats, errors as shares of all images."""

    validation: np.ndarray
    validation_error: np.ndarray
    fair: np.ndarray
    fair_error: np.ndarray
    running: np.ndarray
    turning: int | None = None
    wrong_labels: float = 0.0


def drifting(rng: np.random.Generator, correlation: float, shape: tuple[int, ...]) -> np.ndarray:
    """Normal noise of variance 1, each value along the last axis like the one before."""
    fresh = rng.standard_normal(shape, np.float32)
    fresh[..., 1:] *= math.sqrt(1 - correlation**2)
    return lfilter([1.0], [1.0, -correlation], fresh, axis=-1)


def measured(
    rng: np.random.Generator, loss: np.ndarray, error: np.ndarray, shaking: float, images: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean loss and accuracy over images: hard ones lose much and are wrong.

    An image's loss is lognormal, its coefficient of variation about 4 at small losses and 0 for a
    network that guesses, as was measured of real ones.
    """
    epochs = len(loss)
    hardness = math.sqrt(SHARED) * rng.standard_normal((images, 1), np.float32)
    hardness = hardness + math.sqrt(1 - SHARED) * drifting(rng, 0.9, (images, epochs))
    spread = 1.7 * np.sqrt(np.clip(1 - loss / CHANCE, 0.01, 1))
    of_images = np.exp(spread * hardness - spread**2 / 2)
    shaken = math.sqrt(1 - LASTING) * rng.standard_normal(epochs)
    shaken = shaken + math.sqrt(LASTING) * drifting(rng, 0.7, (epochs,))
    factor = np.exp(shaking * shaken)
    wrong = hardness > norm.isf(np.clip(error * factor, 1e-4, 0.95))
    return loss * factor * of_images.mean(axis=0), 1 - wrong.mean(axis=0)


def epochs_of(
    rng: np.random.Generator, truth: Truth, shaking: float, images: int = 1000
) -> list[Epoch]:
    """The epochs of a run whose two scored parts have so many images each."""
    losses, accuracies = measured(rng, truth.validation, truth.validation_error, shaking, images)
    fair, agreed = measured(rng, truth.fair, truth.fair_error, shaking, images)
    running = truth.running * np.exp(0.02 * rng.standard_normal(len(losses)))
    columns = zip(running, 1 - truth.fair_error, fair, agreed, losses, accuracies, strict=True)
    return [
        Epoch(number, 32 * number, float(number), *map(float, values), 0.0, 0.001)
        for number, values in enumerate(columns, 1)
    ]


def error_at(loss: np.ndarray) -> np.ndarray:
    """About the error of a network with such a loss: 5 % at 0.2, 90 % at guessing."""
    return 0.9 * np.minimum(loss / CHANCE, 1) ** 1.2


def decay(epochs: int, begin: float, end: float, constant: float) -> np.ndarray:
    return end + (begin - end) * np.exp(-np.arange(epochs) / constant)


def simple(validation: np.ndarray, fair: np.ndarray, turning: int | None = None) -> Truth:
    return Truth(validation, error_at(validation), fair, error_at(fair), fair * 1.1, turning)


def converged(rng: np.random.Generator, epochs: int) -> Truth:
    """Falls in the first half, then rests, with a gap of any size up to nearly all of it."""
    end, constant = rng.uniform(0.15, 0.6), epochs * rng.uniform(1 / 20, 1 / 10)
    fair = min(end * rng.uniform(0.1, 0.9), 0.35)
    return simple(decay(epochs, 2.2, end, constant), decay(epochs, 2.2, fair, constant))


def still_learning(rng: np.random.Generator, epochs: int) -> Truth:
    """Falls on: over the last third by a fifth of itself, or by far more."""
    constant = epochs * rng.uniform(0.35, 1.0)
    validation = decay(epochs, 2.2, 0.05, constant)
    return simple(validation, validation * rng.uniform(0.7, 0.98))


def underfitting(rng: np.random.Generator, epochs: int) -> Truth:
    """Rests at a training loss between 0.9 and that of guessing."""
    end, constant = rng.uniform(0.9, CHANCE), epochs * rng.uniform(1 / 20, 1 / 10)
    fair = decay(epochs, CHANCE, end, constant)
    return simple(np.minimum(fair * rng.uniform(1.0, 1.1), CHANCE + 0.02), fair)


def risen(validation: np.ndarray, turning: int, factor: float) -> np.ndarray:
    """Grows from the turning epoch on, by the same share each epoch, to `factor` at the end."""
    after = np.maximum(np.arange(len(validation)) - turning, 0) / (len(validation) - 1 - turning)
    return validation * factor**after


def overfitting(
    rng: np.random.Generator, epochs: int, factors: tuple[float, float] = (1.4, 3.0)
) -> Truth:
    """Turns in the second quarter; the loss grows, the error hardly."""
    turning = int(epochs * rng.uniform(0.25, 0.5))
    low, constant = rng.uniform(0.15, 0.6), epochs * rng.uniform(1 / 25, 1 / 15)
    falling = decay(epochs, 2.2, low, constant)
    fair = decay(epochs, 2.2, 0.002, epochs * rng.uniform(1 / 20, 1 / 8))
    rising = risen(falling, turning, rng.uniform(*factors))
    return Truth(rising, error_at(falling), fair, error_at(fair), fair * 1.1, turning)


def memorising(rng: np.random.Generator, epochs: int) -> Truth:
    """Of 10 to 40 % wrong labels, a third to all are learnt by heart from a turning epoch on."""
    wrong, turning = rng.uniform(0.1, 0.4), int(epochs * rng.uniform(0.25, 0.5))
    share = rng.uniform(0.33, 1.0)
    falling = decay(epochs, 2.2, rng.uniform(0.3, 0.7), epochs / 15)
    floor = -(1 - wrong) * math.log(1 - wrong) - wrong * math.log(wrong / (CLASSES - 1))
    after = np.maximum(np.arange(epochs) - turning, 0) / (epochs - 1 - turning)
    fair = decay(epochs, 2.2, floor, epochs / 15) * (1 - 0.95 * share * after)
    fair_error = np.maximum(wrong + 0.7 * np.exp(-np.arange(epochs) * 15 / epochs), wrong)
    fair_error = fair_error - wrong * share * np.minimum(1.5 * after, 1)
    rising = risen(falling, turning, rng.uniform(1.0, 2.0))
    return Truth(
        rising, error_at(falling), fair, fair_error, fair * 1.1, turning, wrong_labels=wrong
    )


def diverged(rng: np.random.Generator, epochs: int) -> Truth:
    """Meets a NaN or an infinite loss, stays far above guessing, or falls back to it."""
    truth = converged(rng, epochs)
    at, way = int(rng.integers(0, epochs)), rng.integers(4)
    if way < 2:
        running = truth.running.copy()
        running[at:] = (math.nan, math.inf)[way]
        return Truth(
            truth.validation, truth.validation_error, truth.fair, truth.fair_error, running
        )
    if way == 2:
        high = rng.uniform(4, 1000) * np.ones(epochs)
        return simple(high, high)
    back = np.arange(epochs) >= rng.integers(epochs // 3, 2 * epochs // 3)
    return simple(np.where(back, CHANCE, truth.validation), np.where(back, CHANCE, truth.fair))
