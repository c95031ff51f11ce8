"""What can be read off a run's epochs before anything is judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from core.library.records import Epoch
from core.verdict.course import FALSE_ALARM, Course, course_of

Floats = npt.NDArray[np.float64]

_SMALLEST = 1e-7
"""Losses below it count as it, so that they have a logarithm; Keras clips at the same."""


@dataclass(frozen=True, eq=False)
class Reading:
    """The curves of a run as numbers.

    Attributes
    ----------
    epochs : tuple of Epoch
        Those that were scored, T of them, every loss a finite number.
    validation, fair : Course
        Of the two losses that were taken with dropout off.
    running : ndarray of shape (T,)
        The running training loss.
    images, fair_images : int
        How many images the two were scored on.
    wrong : float
        Share of the training labels that are wrong, in [0, 1).
    classes : int
    """

    epochs: tuple[Epoch, ...]
    validation: Course
    fair: Course
    running: Floats
    images: int
    fair_images: int
    wrong: float
    classes: int

    @property
    def chance(self) -> float:
        """The loss of a network that holds all classes for equally likely: ln K."""
        return math.log(self.classes)

    @property
    def last_window(self) -> tuple[int, int]:
        """First and last epoch of the last window."""
        return self.epochs[-self.validation.window].epoch, self.epochs[-1].epoch

    @property
    def turning_epoch(self) -> int:
        """The epoch around which the smoothed validation loss is lowest."""
        return self.epochs[self.validation.middle(self.validation.turning)].epoch

    @property
    def gap(self) -> float:
        """Validation loss less fair training loss, mean over the last window."""
        last = self.epochs[-self.validation.window :]
        return float(np.mean([epoch.validation_loss - epoch.fair_loss for epoch in last]))

    def explained(self, training_loss: float) -> float:
        """How much of what can be understood in the training part has been.

        0 for guessing, 1 for the lowest loss that can be had without learning any wrong label by
        heart: the entropy of labels of which so many are wrong.
        """
        room = self.chance - _entropy_of_wrong(self.wrong, self.classes)
        return (self.chance - training_loss) / room if room > 0.1 else 1.0

    def memorised(self) -> Floats:
        """Share of the wrong labels that have been learnt by heart, at least, by epoch (T,).

        A network that has understood all and memorised nothing agrees with a share 1 - w of the
        labels; what it gets above that are wrong labels.
        """
        agreed = np.array([epoch.fair_accuracy for epoch in self.epochs])
        return (agreed - (1 - self.wrong)) / self.wrong

    def memorised_limit(self) -> float:
        """The largest such share that the choice of the fair sample can feign."""
        spread = math.sqrt(self.wrong * (1 - self.wrong) / self.fair_images)
        return float(norm.isf(FALSE_ALARM)) * spread / self.wrong


def scored_epochs(epochs: Sequence[Epoch]) -> tuple[Epoch, ...]:
    """The epochs without a last one that was cut short before it was scored."""
    if epochs:
        last = epochs[-1]
        unscored = math.isnan(last.fair_loss) and math.isnan(last.validation_loss)
        if unscored and math.isfinite(last.running_loss):
            return tuple(epochs[:-1])
    return tuple(epochs)


def first_broken(epochs: Sequence[Epoch]) -> Epoch | None:
    """The first epoch with a loss that is no finite number."""
    for epoch in epochs:
        losses = (epoch.running_loss, epoch.fair_loss, epoch.validation_loss)
        if not all(map(math.isfinite, losses)):
            return epoch
    return None


def read(
    epochs: Sequence[Epoch], images: int, fair_images: int, wrong: float, classes: int
) -> Reading:
    """Read the curves of at least one epoch, all of whose losses are finite."""

    def of(name: str) -> Floats:
        return np.array([getattr(epoch, name) for epoch in epochs], np.float64)

    return Reading(
        tuple(epochs),
        course_of(_above(of("validation_loss")), of("validation_accuracy"), images, classes),
        course_of(_above(of("fair_loss")), of("fair_accuracy"), fair_images, classes),
        of("running_loss"),
        images,
        fair_images,
        wrong,
        classes,
    )


def _above(losses: Floats) -> Floats:
    return np.maximum(losses, _SMALLEST)


def _entropy_of_wrong(wrong: float, classes: int) -> float:
    """Entropy of a label that is wrong with that chance, each wrong class equally likely."""
    if wrong <= 0:
        return 0.0
    return -(1 - wrong) * math.log(1 - wrong) - wrong * math.log(wrong / (classes - 1))
