"""A run's curves -> a verdict, with its evidence and what to try next."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from core.data.facts import facts
from core.library.records import Epoch
from core.settings import Settings
from core.verdict import words as words
from core.verdict.advice import advice_for
from core.verdict.evidence import evidence_of, onset_evidence
from core.verdict.reading import Floats, Reading, first_broken, read, scored_epochs
from core.verdict.records import Advice, Evidence, Kind, Verdict

__all__ = ["Advice", "Evidence", "Kind", "Verdict", "diagnose", "diagnose_run"]

_MATERIAL = 0.05
"""A change that matters: 5 % of the loss (Prechelt's GL_5), or of a nat where a loss is high."""
_UNDERSTOOD = 0.75
"""Of what can be understood in the training part, what has to be, or the run underfits."""
_MEMORISED = 0.1
"""Of the wrong labels, what has to be known by heart before it is called memorising."""
_FEWEST = 6
"""Epochs below which only a clear fall is judged."""
_HIDDEN = math.log(2)
"""The rise that noise must not be able to hide: a loss that doubles."""

Finding = tuple[Kind, str, int | None]


def diagnose(
    epochs: Sequence[Epoch],
    *,
    validation_images: int,
    wrong_labels: float,
    classes: int,
    settings: Settings | None = None,
) -> Verdict:
    """Say what a run's curves say.

    The curves are smoothed by means over windows of a sixth of the run, on the scale of the
    logarithm. A rise from the lowest window to the last, or a fall over the last third, counts if
    it is larger than noise gives in one of a hundred flat curves and at least 5 %. Noise is what
    the curve itself shows from epoch to epoch (:func:`core.verdict.loss_noise.jitter`) together
    with what the choice of the validation images can do to a difference between two epochs
    (:func:`core.verdict.loss_noise.paired_spread`). The first of these that holds is the verdict:

    diverged
        A loss is no number; or the training loss is worse than guessing, or shot up and never
        came back, or lost more than half of what had been learnt.
    memorising wrong labels
        The network agrees with more training labels than are right: at least a tenth of the wrong
        ones, and more than the choice of the sample could feign (Zhang et al., "Understanding deep
        learning requires rethinking generalization", 2017; Arpit et al., "A closer look at
        memorization in deep networks", 2017).
    overfitting
        The validation loss has risen, and the training loss has not risen with it.
    still learning
        The validation loss, or the training loss of a network that has understood little, falls.
    too noisy to tell
        Fewer than six epochs; or noise could hide a loss that doubles.
    underfitting
        Neither falls, and less than three quarters of the training part is understood.
    converged
        None of these.

    Parameters
    ----------
    epochs : sequence of Epoch
        From the first on; all losses are data losses without penalty. A last epoch that was cut
        short before it was scored is left out.
    validation_images : int
        How many images the validation losses were taken over, at least 1.
    wrong_labels : float
        Share of the training labels that were replaced by a wrong class, in [0, 1).
    classes : int
        At least 2.
    settings : Settings, optional
        Of the run; without them, advice does not know what is on already.

    Returns
    -------
    Verdict
    """
    fair_images = validation_images
    if settings is not None:
        fair_images = min(validation_images, settings.data.training_images)
    scored = scored_epochs(epochs)
    broken = first_broken(scored)
    usable = scored if broken is None else scored[: scored.index(broken)]
    if not usable:
        return _without_numbers(broken, settings)
    reading = read(usable, validation_images, fair_images, wrong_labels, classes)
    if broken is None:
        kind, sentence, onset = next(
            finding for rule in _RULES if (finding := rule(reading)) is not None
        )
    else:
        kind, sentence, onset = Kind.DIVERGED, words.broken(broken.epoch), broken.epoch
    evidence = evidence_of(reading, kind, onset)
    return Verdict(kind, sentence, onset, evidence, advice_for(kind, reading, settings))


def diagnose_run(epochs: Sequence[Epoch], settings: Settings) -> Verdict:
    """As :func:`diagnose`, with all that a run's settings tell of its images."""
    known = facts(settings.data.dataset)
    return diagnose(
        epochs,
        validation_images=known.validation_images,
        wrong_labels=settings.data.wrong_labels,
        classes=len(known.class_names),
        settings=settings,
    )


def _without_numbers(broken: Epoch | None, settings: Settings | None) -> Verdict:
    """The verdict on a run that has no epoch, or none before the one that broke."""
    if broken is None:
        return Verdict(Kind.TOO_NOISY, words.NOTHING_YET)
    return Verdict(
        Kind.DIVERGED,
        words.broken(broken.epoch),
        broken.epoch,
        (onset_evidence(Kind.DIVERGED, broken.epoch),),
        advice_for(Kind.DIVERGED, None, settings),
    )


def _worse_than_guessing(reading: Reading) -> Finding | None:
    """The training loss is high above guessing, or shot up there and then learnt nothing."""
    high = reading.running > 4 * reading.chance
    last = reading.validation.window
    end = float(np.median(reading.running[-last:]))
    lost = high.any() and end > 0.95 * reading.chance
    if not lost and end <= 1.25 * reading.chance:
        return None
    first = int((high if high.any() else reading.running > 1.25 * reading.chance).argmax())
    onset = reading.epochs[first].epoch
    return Kind.DIVERGED, words.worse_than_guessing(onset, end, reading.chance), onset


def _collapsed(reading: Reading) -> Finding | None:
    """The running training loss has lost more than half of what it had gained."""
    gained = reading.chance - reading.running
    best = int(gained.argmax())
    lost = gained < gained[best] / 2
    last = max(reading.validation.window, 2)
    if gained[best] < 0.3 * reading.chance or len(lost) <= last or not lost[-last:].all():
        return None
    onset = reading.epochs[int(np.flatnonzero(~lost)[-1]) + 1].epoch
    return Kind.DIVERGED, words.collapsed(onset, reading.running, best, last), onset


def _memorising(reading: Reading) -> Finding | None:
    if reading.wrong <= 0:
        return None
    window = reading.fair.window
    limit = max(_MEMORISED, reading.memorised_limit())
    shares: Floats = np.convolve(reading.memorised(), np.full(window, 1 / window), "valid")
    if shares[-1] <= limit:
        return None
    below = np.flatnonzero(shares <= limit)
    first = int(below[-1]) + 1 if len(below) else 0
    onset = reading.epochs[reading.fair.middle(first)].epoch
    return Kind.MEMORISING, words.memorising(reading, onset, float(shares[-1])), onset


def _overfitting(reading: Reading) -> Finding | None:
    course = reading.validation
    if len(reading.epochs) < _FEWEST or course.rise <= max(course.rise_limit, _MATERIAL):
        return None
    if reading.fair.smooth[-1] - reading.fair.smooth[course.turning] > course.rise / 2:
        return None
    onset = reading.epochs[course.onset()].epoch
    return Kind.OVERFITTING, words.overfitting(reading, onset), onset


def _still_learning(reading: Reading) -> Finding | None:
    validation, fair = reading.validation, reading.fair
    courses = [validation, fair] if reading.explained(fair.end) < _UNDERSTOOD else [validation]
    for course in courses:
        if len(course.losses) < _FEWEST and course.losses[-1] > course.losses.min():
            continue
        matters = course.fall > min(_MATERIAL, _MATERIAL / course.end)
        if matters and course.fall > course.fall_limit:
            sentence = words.still_learning(reading, course is validation)
            return Kind.STILL_LEARNING, sentence, None
    return None


def _too_few(reading: Reading) -> Finding | None:
    if len(reading.epochs) >= _FEWEST:
        return None
    return Kind.TOO_NOISY, words.too_few(len(reading.epochs)), None


def _too_noisy(reading: Reading) -> Finding | None:
    course = reading.validation
    hidden = course.low * math.expm1(course.rise_limit)
    # Nobody minds what is hidden below a twentieth of a nat.
    if course.rise_limit <= _HIDDEN or hidden <= _MATERIAL:
        return None
    return Kind.TOO_NOISY, words.too_noisy(reading), None


def _underfitting(reading: Reading) -> Finding | None:
    at_best = reading.fair.end * math.exp(-reading.fair.fall_limit)
    if reading.explained(at_best) >= _UNDERSTOOD:
        return None
    return Kind.UNDERFITTING, words.underfitting(reading), None


def _converged(reading: Reading) -> Finding | None:
    return Kind.CONVERGED, words.converged(reading), None


_RULES: tuple[Callable[[Reading], Finding | None], ...] = (
    _worse_than_guessing,
    _collapsed,
    _memorising,
    _overfitting,
    _still_learning,
    _too_few,
    _too_noisy,
    _underfitting,
    _converged,
)
