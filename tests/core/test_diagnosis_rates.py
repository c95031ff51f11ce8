"""How often the verdict is right on generated curves of every kind, at 1,000 validation images.

The table at the end of the tests' output: of the curves of each kind, the share that each verdict
was given to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from core.diagnosis import Kind, Verdict, diagnose
from tests.core.generated_curves import (
    CLASSES,
    Truth,
    converged,
    diverged,
    epochs_of,
    memorising,
    overfitting,
    simple,
    still_learning,
    underfitting,
)

SEEDS = 120
ALLOWED = 0.05
Maker = Callable[[np.random.Generator, int], Truth]
Range = tuple[float, float]
USUAL: Range = (0.015, 0.08)
"""Shaking from epoch to epoch, relative to the loss; 0.015 to 0.07 was measured on real runs."""

CASES: dict[Kind, tuple[Maker, Range]] = {
    Kind.STILL_LEARNING: (still_learning, USUAL),
    Kind.CONVERGED: (converged, USUAL),
    Kind.UNDERFITTING: (underfitting, USUAL),
    Kind.OVERFITTING: (overfitting, USUAL),
    Kind.MEMORISING: (memorising, USUAL),
    Kind.DIVERGED: (diverged, USUAL),
    Kind.TOO_NOISY: (converged, (0.5, 1.0)),
}


def judged(maker: Maker, shaking: Range, seed: int) -> tuple[Truth, Verdict]:
    """A curve of 20 to 60 epochs, and what is said of it."""
    rng = np.random.default_rng(seed)
    truth = maker(rng, int(rng.integers(20, 61)))
    epochs = epochs_of(rng, truth, rng.uniform(*shaking))
    return truth, diagnose(
        epochs, validation_images=1000, wrong_labels=truth.wrong_labels, classes=CLASSES
    )


@pytest.fixture(scope="module")
def verdicts() -> dict[Kind, list[tuple[Truth, Verdict]]]:
    return {
        kind: [judged(*case, seed) for seed in range(1000 * at, 1000 * at + SEEDS)]
        for at, (kind, case) in enumerate(CASES.items())
    }


def test_false_alarms_and_misses_are_at_most_five_percent_of_each_kind(
    verdicts: dict[Kind, list[tuple[Truth, Verdict]]], say: Callable[[str], None]
) -> None:
    given = {kind: Counter(said.kind for _, said in verdicts[kind]) for kind in Kind}
    misses = {kind: 1 - given[kind][kind] / SEEDS for kind in Kind}
    # The most that curves of any one other kind were taken for it: the pooled share is less.
    alarms = {
        kind: max(given[other][kind] / SEEDS for other in Kind if other is not kind)
        for kind in Kind
    }
    say(table(given, misses, alarms))
    assert max(misses.values()) <= ALLOWED
    assert max(alarms.values()) <= ALLOWED


def table(
    given: dict[Kind, Counter[Kind]], misses: dict[Kind, float], alarms: dict[Kind, float]
) -> str:
    """Rows are the truth, columns the verdicts in the same order, in percent."""
    lines = [
        f"Verdicts on {SEEDS} generated curves of each kind, 1,000 validation images, in %",
        f"Of each kind {100 * ALLOWED:.0f} % may be missed, and of any other be taken for it.",
        f"{'the curve is':24}{'miss':>6}{'alarm':>7}   given each verdict, in the rows' order",
    ]
    for kind in Kind:
        shares = "".join(f"{100 * given[kind][other] / SEEDS:6.1f}" for other in Kind)
        lines.append(f"{kind:24}{100 * misses[kind]:6.1f}{100 * alarms[kind]:7.1f}   {shares}")
    return "\n".join(lines)


def test_the_onset_of_overfitting_lies_after_the_true_turn_and_within_the_rise(
    verdicts: dict[Kind, list[tuple[Truth, Verdict]]],
) -> None:
    """The validation loss turns at `turning`, counted from 0; the onset is where that is sure."""
    early = late = 0
    for truth, verdict in verdicts[Kind.OVERFITTING]:
        if verdict.onset is None:
            continue
        assert truth.turning is not None
        early += verdict.onset <= truth.turning
        late += verdict.onset > (truth.turning + len(truth.validation)) / 2 + 1
    assert early <= ALLOWED * SEEDS
    # Half of the rise, which may be by 18 % only, is mostly enough.
    assert late <= 0.25 * SEEDS


def test_the_onset_does_not_fire_on_flat_noisy_curves(say: Callable[[str], None]) -> None:
    """From the first epoch on the loss stays where it is; only noise moves it, small or large."""
    fired, curves = 0, 0
    for shaking in (0.015, 0.04, 0.08, 0.2, 0.5):
        for seed in range(100):
            rng = np.random.default_rng([50, seed])
            epochs = int(rng.integers(20, 61))
            level = np.full(epochs, rng.uniform(0.15, 0.6))
            measured = epochs_of(rng, simple(level, 0.8 * level), shaking)
            verdict = diagnose(measured, validation_images=1000, wrong_labels=0.0, classes=CLASSES)
            fired += verdict.onset is not None
            curves += 1
    say(f"An onset was seen in {fired} of {curves} flat noisy curves ({fired / curves:.1%})")
    assert fired <= 0.01 * curves


def test_small_rises_are_found_more_seldom_but_hardly_ever_made_up(
    say: Callable[[str], None],
) -> None:
    """What a validation set of 1,000 can and cannot show."""
    shares = {}
    for factor in (1.0, 1.1, 1.2, 1.4):

        def made(rng: np.random.Generator, epochs: int, factor: float = factor) -> Truth:
            return overfitting(rng, epochs, (factor, factor))

        said = [judged(made, USUAL, 9000 + seed)[1].kind for seed in range(50)]
        shares[factor] = said.count(Kind.OVERFITTING) / len(said)
    words = ", ".join(f"{factor - 1:.0%}: {share:.0%}" for factor, share in shares.items())
    say(f"Overfitting was said of a true rise by {words}")
    assert shares[1.0] <= ALLOWED
    assert shares[1.4] >= 0.8


def test_a_flat_curve_that_is_watched_from_epoch_to_epoch_seldom_ends_in_a_false_alarm() -> None:
    """The onset must not fire by being asked often: at every epoch of a run of 40."""
    fired = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        epochs = epochs_of(rng, converged(rng, 40), 0.05)
        fired += any(
            diagnose(epochs[:upto], validation_images=1000, wrong_labels=0.0, classes=CLASSES).kind
            is Kind.OVERFITTING
            for upto in range(6, 41)
        )
    assert fired <= 0.1 * 30
