"""The sentences of a verdict."""

from __future__ import annotations

import math

import numpy as np

from core.verdict.reading import Floats, Reading

_WIDE = 0.1
"""Nats of a gap between two losses that is worth a word."""
NOTHING_YET = "No epoch has ended yet, so there is nothing to judge."


def broken(epoch: int) -> str:
    """A loss that is no number."""
    return f"Diverged in epoch {epoch}: a loss was no longer a finite number."


def worse_than_guessing(onset: int, end: float, chance: float) -> str:
    """A training loss that shot up and stayed."""
    return (
        f"Diverged since epoch {onset}: the training loss shot up, and is now {end:.3g}, where "
        f"plain guessing would give {chance:.3g}."
    )


def collapsed(onset: int, running: Floats, best: int, last: int) -> str:
    """A training loss that had been low."""
    end = float(np.median(running[-last:]))
    return (
        f"Diverged since epoch {onset}: the training loss had come down to {running[best]:.3g} "
        f"and is back at {end:.3g}, so most of what was learnt is lost."
    )


def memorising(reading: Reading, onset: int, share: float) -> str:
    """Wrong labels learnt by heart."""
    course = reading.validation
    agreed = float(np.mean([epoch.fair_accuracy for epoch in reading.epochs[-course.window :]]))
    sentence = (
        f"Memorising wrong labels since epoch {onset}: the network agrees with {agreed:.1%} of the "
        f"training labels, of which only {1 - reading.wrong:.0%} are right, so it knows "
        f"{_at_least(share)} of the wrong ones by heart."
    )
    if course.rise > course.rise_limit:
        return (
            f"{sentence} The validation loss has risen from {course.low:.3g} around epoch "
            f"{reading.turning_epoch} to {course.end:.3g}."
        )
    return f"{sentence} The validation loss has not risen beyond noise."


def overfitting(reading: Reading, onset: int) -> str:
    """A rise beyond noise."""
    course = reading.validation
    risen, noise = math.expm1(course.rise), math.expm1(course.rise_limit)
    sentence = (
        f"Overfitting since epoch {onset}: the validation loss was lowest around epoch "
        f"{reading.turning_epoch} ({course.low:.3g}), and from epoch {onset} on, smoothed, it lies "
        f"higher than noise explains. It is now {course.end:.3g}, {risen:.0%} higher, where noise "
        f"gives {noise:.0%} at most. The training loss is {reading.fair.end:.2g}."
    )
    if _accuracy_kept(reading):
        # Guo et al., "On calibration of modern neural networks", 2017.
        return (
            f"{sentence} The validation accuracy has not fallen with it: the network mostly grows "
            "surer of its mistakes."
        )
    return sentence


def still_learning(reading: Reading, validation: bool) -> str:
    """A fall beyond noise."""
    course = reading.validation if validation else reading.fair
    name = "validation loss" if validation else "training loss (dropout off)"
    before = max(0, len(course.smooth) - 1 - 2 * course.window)
    start = math.exp(course.smooth[before])
    since = reading.epochs[course.middle(before)].epoch
    few = (
        " It is too early to say more."
        if len(reading.epochs) < 6
        else " More epochs would lower it further."
    )
    return (
        f"Still learning: the {name} fell from {start:.3g} around epoch {since} to "
        f"{course.end:.3g}, more than noise could do.{few}{_of_a_wide_gap(reading)}"
    )


def too_few(epochs: int) -> str:
    """Not enough epochs to know the noise."""
    count = "one epoch has" if epochs == 1 else f"{epochs} epochs have"
    return f"Too noisy to tell: only {count} ended, and no clear fall shows. Train for longer."


def too_noisy(reading: Reading) -> str:
    """Noise that could hide anything."""
    course = reading.validation
    return (
        f"Too noisy to tell: the validation loss shakes by {course.shaking:.0%} from epoch to "
        f"epoch and was taken over {reading.images:,} images, so that even a rise of "
        f"{math.expm1(course.rise_limit):.0%} could be chance."
    )


def underfitting(reading: Reading) -> str:
    """A training part that was never understood."""
    loss, explained = reading.fair.end, reading.explained(reading.fair.end)
    if explained < 0.05:
        return (
            f"Underfitting: the training loss stands at {loss:.3g}, hardly better than "
            f"guessing ({reading.chance:.3g}). The network has learnt next to nothing."
        )
    return (
        f"Underfitting: the training loss no longer falls and stands at {loss:.3g}. Between "
        f"guessing ({reading.chance:.3g}) and the best that can be understood, the network has "
        f"gone {explained:.0%} of the way."
    )


def converged(reading: Reading) -> str:
    """Nothing else."""
    course = reading.validation
    noise = math.expm1(course.rise_limit)
    sentence = (
        f"Converged: the validation loss has settled at {course.end:.3g} and neither falls nor "
        "rises beyond noise."
    )
    if course.rise > 0.05:
        sentence += (
            f" It lies {math.expm1(course.rise):.0%} above its lowest, around epoch "
            f"{reading.turning_epoch}; noise gives up to {noise:.0%}."
        )
    return sentence + _of_a_wide_gap(reading)


def _of_a_wide_gap(reading: Reading) -> str:
    """That a network knows its training part far better than others, if it does."""
    if reading.gap <= max(2 * reading.fair.end, _WIDE):
        return ""
    return (
        f" All the same it knows its training images far better than others: their loss is "
        f"{reading.fair.end:.2g}, a gap of {reading.gap:.2g}."
    )


def _at_least(share: float) -> str:
    return "nearly all" if share > 0.985 else f"at least {share:.0%}"


def _accuracy_kept(reading: Reading) -> bool:
    """Whether the validation accuracy has fallen by less than two standard errors."""
    course = reading.validation
    accuracies = np.array([epoch.validation_accuracy for epoch in reading.epochs])
    before = accuracies[course.turning : course.turning + course.window].mean()
    end = accuracies[-course.window :].mean()
    return bool(before - end < 2 * math.sqrt(before * (1 - before) / reading.images))
