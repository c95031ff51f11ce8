"""The best epoch against the last, in words."""

from __future__ import annotations

import math

from core.learning.best_and_last import best_against_last
from core.library.records import Epoch


def epoch(number: int, fair: float, validation: float, accuracy: float) -> Epoch:
    return Epoch(number, number, number, 1.0, 0.5, fair, 0.5, validation, accuracy, 0.0, 0.001)


def test_both_epochs_with_their_gaps_and_the_price_of_going_on() -> None:
    """0.6 is 0.2, or half, above 0.4; the gaps are 0.4 - 0.3 and 0.6 - 0.05."""
    epochs = [epoch(1, 0.9, 0.8, 0.7), epoch(2, 0.3, 0.4, 0.875), epoch(3, 0.05, 0.6, 0.85)]
    assert best_against_last(epochs, 1000) == (
        "Best: epoch 2, validation loss 0.4 (accuracy 87.5%), 0.1 above the fair training loss. "
        "Last: epoch 3, validation loss 0.6 (accuracy 85.0%), 0.55 above the fair training loss. "
        "The last validation loss is 0.2 (50%) higher. "
        "On 1,000 validation images, dropout off, without penalty."
    )


def test_a_validation_loss_may_lie_below_and_the_newest_be_the_best() -> None:
    assert best_against_last([epoch(1, 0.9, 0.8, 0.7), epoch(2, 0.5, 0.4, 0.9)], 300) == (
        "The newest epoch, 2, is the best so far: validation loss 0.4 (accuracy 90.0%), 0.1 below "
        "the fair training loss. On 300 validation images, dropout off, without penalty."
    )


def test_a_last_epoch_that_was_not_scored_is_left_out() -> None:
    unscored = epoch(3, math.nan, math.nan, math.nan)
    words = best_against_last([epoch(1, 0.9, 0.8, 0.7), epoch(2, 0.5, 0.4, 0.9), unscored], 300)
    assert words.startswith("The newest epoch, 2,")


def test_a_loss_that_is_no_number_is_told_and_never_compared() -> None:
    words = best_against_last([epoch(1, 0.5, 0.4, 0.7), epoch(2, 0.5, math.inf, 0.1)], 300)
    assert "In the last, epoch 2, a loss is no finite number." in words
    assert "higher" not in words
    assert best_against_last([epoch(1, 0.5, math.nan, 0.7)], 300) == ""
    assert best_against_last([], 300) == ""
