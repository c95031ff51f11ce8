"""What a verdict says, and what it does at the edges; how often it is right is told elsewhere."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from core.diagnosis import Kind, Verdict, diagnose
from core.library.records import Epoch
from core.settings import CONTROLS, Settings, checked, from_mapping, value_of

NAN = math.nan


def epochs_with(
    validation: list[float] | np.ndarray,
    fair: list[float] | np.ndarray,
    validation_accuracy: float = 0.9,
    fair_accuracy: list[float] | np.ndarray | float = 0.95,
) -> list[Epoch]:
    agreed = np.broadcast_to(fair_accuracy, len(fair))
    return [
        Epoch(at + 1, at + 1, 1.0, fair[at], 0.9, fair[at], float(agreed[at]), validation[at],
              validation_accuracy, 0.0, 0.001)
        for at in range(len(fair))
    ]  # fmt: skip


def said(
    epochs: list[Epoch],
    wrong_labels: float = 0.0,
    images: int = 1000,
    settings: Settings | None = None,
) -> Verdict:
    return diagnose(
        epochs,
        validation_images=images,
        wrong_labels=wrong_labels,
        classes=10,
        settings=settings,
    )


FALLING = np.geomspace(2.0, 0.002, 30)
TURNED = np.concatenate([np.geomspace(2, 0.3, 10), np.geomspace(0.3, 0.9, 20)])
"""Lowest at epoch 10, three times as high at epoch 30."""


def test_a_run_without_an_epoch_says_that_there_is_nothing_to_judge() -> None:
    verdict = said([])
    assert (verdict.kind, verdict.evidence) == (Kind.TOO_NOISY, ())
    assert verdict.sentence == "No epoch has ended yet, so there is nothing to judge."


def test_one_epoch_is_too_few() -> None:
    verdict = said(epochs_with([0.5], [0.5]))
    assert verdict.kind is Kind.TOO_NOISY
    assert "only one epoch has ended" in verdict.sentence
    assert [advice.control for advice in verdict.advice] == ["epochs"]


def test_few_epochs_without_a_clear_fall_are_too_few() -> None:
    verdict = said(epochs_with([0.5, 0.51, 0.5, 0.5], [0.5] * 4))
    assert verdict.kind is Kind.TOO_NOISY
    assert "only 4 epochs have ended" in verdict.sentence


@pytest.mark.parametrize("field", ["running_loss", "fair_loss", "validation_loss"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_divergence_since_that_epoch(field: str, value: float) -> None:
    epochs = epochs_with(FALLING, FALLING)
    epochs[7] = dataclasses.replace(epochs[7], **{field: value})
    verdict = said(epochs)
    assert (verdict.kind, verdict.onset) == (Kind.DIVERGED, 8)
    assert verdict.sentence.startswith("Diverged in epoch 8:")
    best = verdict.found("best epoch")
    assert best is not None
    assert best.first_epoch == 7


def test_divergence_in_the_first_epoch_has_an_onset_and_advice() -> None:
    verdict = said(epochs_with([NAN], [NAN]))
    assert (verdict.kind, verdict.onset) == (Kind.DIVERGED, 1)
    assert verdict.advice[0].control == "learning_rate"
    assert [item.name for item in verdict.evidence] == ["onset"]


def test_a_last_epoch_that_was_cut_short_is_no_divergence() -> None:
    epochs = epochs_with(FALLING, FALLING)
    epochs[-1] = dataclasses.replace(
        epochs[-1],
        fair_loss=NAN,
        fair_accuracy=NAN,
        validation_loss=NAN,
        validation_accuracy=NAN,
        penalty=NAN,
    )
    assert said(epochs) == said(epochs[:-1])


def test_a_training_loss_far_above_guessing_is_divergence() -> None:
    verdict = said(epochs_with(np.full(10, 50.0), np.full(10, 50.0)))
    assert (verdict.kind, verdict.onset) == (Kind.DIVERGED, 1)
    assert "plain guessing would give 2.3" in verdict.sentence


def test_a_training_loss_that_falls_back_to_guessing_is_divergence_since_then() -> None:
    back = np.array([2.2, 1.0, 0.5, 0.4, 0.3, 0.3, 2.3, 2.3, 2.3, 2.3])
    verdict = said(epochs_with(back, back))
    assert (verdict.kind, verdict.onset) == (Kind.DIVERGED, 7)
    assert "had come down to 0.3 and is back at 2.3" in verdict.sentence


def test_overfitting_names_its_onset_its_turning_point_and_the_rise() -> None:
    verdict = said(epochs_with(TURNED, FALLING))
    assert verdict.kind is Kind.OVERFITTING
    assert verdict.onset is not None
    assert 11 <= verdict.onset <= 17
    assert verdict.sentence.startswith(f"Overfitting since epoch {verdict.onset}: ")
    best, turning = verdict.found("best epoch"), verdict.found("turning point")
    assert best is not None
    assert turning is not None
    assert (best.first_epoch, best.last_epoch) == (10, 10)
    assert best.number == pytest.approx(0.3)
    assert turning.first_epoch <= 10 <= turning.last_epoch
    onset, loss = verdict.found("onset"), verdict.found("generalization loss")
    assert onset is not None
    assert onset.number == verdict.onset
    assert loss is not None
    assert loss.number == pytest.approx(200)


def test_a_rise_of_both_losses_is_not_called_overfitting() -> None:
    assert said(epochs_with(TURNED, TURNED / 2)).kind is not Kind.OVERFITTING


def test_the_same_rise_seen_on_few_images_is_not_sure() -> None:
    rise = np.concatenate([np.geomspace(2, 0.3, 10), np.geomspace(0.3, 0.4, 20)])
    assert said(epochs_with(rise, FALLING), images=10_000).kind is Kind.OVERFITTING
    unsure = said(epochs_with(rise, FALLING), images=50)
    assert unsure.kind is Kind.CONVERGED
    assert "above its lowest" in unsure.sentence


def test_memorising_counts_the_wrong_labels_known_by_heart() -> None:
    agreed = np.concatenate([np.full(12, 0.7), np.full(18, 0.94)])
    verdict = said(epochs_with(TURNED, FALLING, fair_accuracy=agreed), wrong_labels=0.3)
    assert verdict.kind is Kind.MEMORISING
    # Of the 30 % wrong ones, 24 points: four fifths.
    assert "at least 80% of the wrong ones" in verdict.sentence
    share = verdict.found("memorised")
    assert share is not None
    assert share.number == pytest.approx(0.8)
    # Means over windows of five pass a tenth with the first window that holds one such epoch.
    assert verdict.onset in (11, 12, 13)


def test_labels_that_are_right_cannot_be_memorised() -> None:
    assert said(epochs_with(TURNED, FALLING, fair_accuracy=1.0)).kind is Kind.OVERFITTING


def test_underfitting_is_told_by_the_way_from_guessing_to_the_best() -> None:
    flat = np.full(20, math.log(10) / 2)
    verdict = said(epochs_with(flat, flat))
    assert verdict.kind is Kind.UNDERFITTING
    assert "gone 50% of the way" in verdict.sentence


def test_with_wrong_labels_the_best_that_can_be_understood_is_their_entropy() -> None:
    # -0.7 ln 0.7 - 0.3 ln (0.3 / 9) = 1.270: a training loss of 1.3 is nearly all there is.
    flat = np.full(20, 1.3)
    verdict = said(epochs_with(flat, flat, fair_accuracy=0.69), wrong_labels=0.3)
    assert verdict.kind is Kind.CONVERGED
    understood = verdict.found("understood")
    assert understood is not None
    assert understood.number == pytest.approx((math.log(10) - 1.3) / (math.log(10) - 1.270), 1e-3)


def test_the_gap_is_that_of_the_last_window() -> None:
    validation = np.full(30, 0.5)
    fair = np.concatenate([np.full(25, 0.4), np.full(5, 0.1)])
    gap = said(epochs_with(validation, fair)).found("gap")
    assert gap is not None
    assert gap.number == pytest.approx(0.4)
    assert (gap.first_epoch, gap.last_epoch) == (26, 30)


def test_a_network_without_any_mistake_has_converged() -> None:
    tiny = np.full(20, 1e-9)
    verdict = said(epochs_with(tiny, tiny, validation_accuracy=1.0, fair_accuracy=1.0))
    assert verdict.kind is Kind.CONVERGED


KINDS = {
    "overfitting": epochs_with(TURNED, FALLING),
    "memorising": epochs_with(TURNED, FALLING, fair_accuracy=1.0),
    "still learning": epochs_with(FALLING, FALLING),
    "underfitting": epochs_with(np.full(20, 2.3), np.full(20, 2.3)),
    "converged": epochs_with(np.full(20, 0.3), np.full(20, 0.1)),
    "diverged": epochs_with([NAN], [NAN]),
    "too noisy": epochs_with([0.3, 2.0] * 10, np.full(20, 0.1)),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        from_mapping({"dropout_dense": 0.9, "early_stopping": True, "l1": 0.1, "l2": 1.0}),
        from_mapping({"learning_rate": 1e-7, "batch_size": 512, "training_images": 3000}),
        from_mapping({"learning_rate": 1000, "epochs": 1000, "filters": 256, "dense_units": 2048}),
        from_mapping({"dataset": "digits", "training_images": 1150, "dense_units": 4, "seed": 0}),
    ],
)
def test_advice_names_controls_and_values_that_they_can_take_and_do_not_have(
    name: str, settings: Settings
) -> None:
    wrong = 0.3 if name == "memorising" else 0.0
    verdict = said(KINDS[name], wrong_labels=wrong, settings=settings)
    assert verdict.kind.startswith(name)
    assert len(verdict.advice) <= 4
    for advice in verdict.advice:
        assert advice.value is not None
        assert checked(CONTROLS[advice.control], advice.value) == advice.value
        if advice.control != "wrong_labels":
            assert advice.value != value_of(settings, advice.control)


def test_every_piece_of_evidence_lies_within_the_run_and_has_a_finite_number() -> None:
    for epochs in KINDS.values():
        for item in said(epochs).evidence:
            assert math.isfinite(item.number)
            assert item.words
            assert 1 <= item.first_epoch <= item.last_epoch <= len(epochs)


def test_no_curve_of_positive_losses_is_beyond_judgement() -> None:
    """Of any length and size: no error, no warning, always a sentence."""
    rng = np.random.default_rng(1)
    for _ in range(300):
        length = int(rng.integers(1, 80))
        columns = 10 ** rng.uniform(-12, rng.uniform(-6, 30), (3, length))
        accuracies = rng.random((3, length)).round(rng.integers(0, 4))
        epochs = [
            Epoch(at + 1, at + 1, 1.0, columns[0, at], accuracies[0, at], columns[1, at],
                  accuracies[1, at], columns[2, at], accuracies[2, at], 0.0, 0.001)
            for at in range(length)
        ]  # fmt: skip
        verdict = diagnose(
            epochs,
            validation_images=int(rng.integers(1, 10_000)),
            wrong_labels=float(rng.choice([0.0, 0.05, 0.9])),
            classes=int(rng.choice([2, 10, 100])),
        )
        assert verdict.sentence.endswith(".")
