"""The numbers that a verdict rests on."""

from __future__ import annotations

import math

import numpy as np

from core.learning.curves import best_epoch
from core.verdict.reading import Reading
from core.verdict.records import Evidence, Kind
from core.verdict.stopping_criteria import (
    STRIP,
    generalization_loss,
    progress_quotient,
    successive_rises,
)


def evidence_of(reading: Reading, kind: Kind, onset: int | None) -> tuple[Evidence, ...]:
    """All that a chart can draw of the reading.

    Always: "best epoch", "turning point", "shaking", "noise", "rise", "gap", "understood" and
    "generalization loss". If there is one: "onset". From the end of the first strip of five epochs
    on: "successive rises" and, if it is finite, "progress quotient". With wrong labels:
    "memorised".
    """
    return (
        *_turning(reading, kind, onset),
        *_noise(reading),
        *_training(reading),
        *_prechelt(reading),
    )


def onset_evidence(kind: Kind, onset: int) -> Evidence:
    """Since when the verdict holds."""
    return Evidence("onset", f"{kind} since epoch {onset}", onset, onset, onset)


def _turning(reading: Reading, kind: Kind, onset: int | None) -> list[Evidence]:
    found = []
    best = best_epoch(reading.epochs)
    if best is not None:
        text = f"lowest validation loss {best.validation_loss:.3g}, in epoch {best.epoch}"
        found.append(Evidence("best epoch", text, best.validation_loss, best.epoch, best.epoch))
    course, turning = reading.validation, reading.turning_epoch
    text = f"smoothed validation loss lowest, {course.low:.3g}, around epoch {turning}"
    first = reading.epochs[course.turning].epoch
    last = reading.epochs[course.turning + course.window - 1].epoch
    found.append(Evidence("turning point", text, course.low, first, last))
    if onset is not None:
        found.append(onset_evidence(kind, onset))
    return found


def _noise(reading: Reading) -> list[Evidence]:
    course, (first, last) = reading.validation, reading.last_window
    begin, end = reading.epochs[0].epoch, reading.epochs[-1].epoch
    hidden = course.low * math.expm1(course.rise_limit)
    risen = course.end - course.low
    return [
        Evidence(
            "shaking",
            f"the validation loss shakes by {course.shaking:.1%} from epoch to epoch",
            course.shaking,
            begin,
            end,
        ),
        Evidence(
            "noise",
            f"noise can lift the smoothed validation loss by up to {hidden:.2g}",
            hidden,
            begin,
            end,
        ),
        Evidence(
            "rise",
            f"the smoothed validation loss has risen by {risen:.2g} since its lowest",
            risen,
            first,
            last,
        ),
    ]


def _training(reading: Reading) -> list[Evidence]:
    first, last = reading.last_window
    understood = reading.explained(reading.fair.end)
    found = [
        Evidence(
            "gap",
            f"validation loss less training loss, dropout off, is {reading.gap:.3g} at the end",
            reading.gap,
            first,
            last,
        ),
        Evidence(
            "understood",
            "of what can be understood in the training part, "
            f"{min(max(understood, 0.0), 1.0):.0%} is",
            understood,
            first,
            last,
        ),
    ]
    if reading.wrong > 0:
        share = float(np.mean(reading.memorised()[-reading.fair.window :]))
        text = f"at least {min(max(share, 0.0), 1.0):.0%} of the wrong labels known by heart"
        found.append(Evidence("memorised", text, share, first, last))
    return found


def _prechelt(reading: Reading) -> list[Evidence]:
    losses, fair = reading.validation.losses, reading.fair.losses
    last = reading.epochs[-1].epoch
    loss = float(generalization_loss(losses)[-1])
    text = f"generalization loss (Prechelt): {loss:.1f} % above the best epoch"
    found = [Evidence("generalization loss", text, loss, last, last)]
    if len(losses) >= STRIP:
        quotient = float(progress_quotient(losses, fair)[-1])
        if math.isfinite(quotient):
            text = f"progress quotient (Prechelt): {quotient:.2g}"
            found.append(Evidence("progress quotient", text, quotient, last, last))
        rises = int(successive_rises(losses)[-1])
        strips = "strip" if rises == 1 else "strips"
        text = f"successive rises (Prechelt): {rises} {strips} of {STRIP} epochs in a row"
        whole = reading.epochs[len(losses) // STRIP * STRIP - 1].epoch
        found.append(Evidence("successive rises", text, rises, max(1, whole - STRIP + 1), whole))
    return found
