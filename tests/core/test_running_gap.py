"""Why the running and the fair training loss differ: the parts by hand, and the words."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from core.learning.running_gap import RunningGap, running_gaps, why_they_differ
from core.library.records import Epoch
from core.settings import Settings, Value, from_mapping


def epoch(number: int, running: float, fair: float, accuracy: float = 0.5) -> Epoch:
    return Epoch(number, number, number, running, 0.5, fair, accuracy, 1.0, 0.5, 0.0, 0.001)


def settings(**changes: Value) -> Settings:
    return from_mapping({"training_images": 1000, **changes})


FALLING = (epoch(1, 2.0, 1.0), epoch(2, 0.9, 0.6), epoch(3, 0.65, 0.5))
SMALL_SAMPLE = {"training_images": 3000}
"""Of which MNIST-5k's 1,000 validation images let 1,000 be in the fair sample."""


def test_the_difference_is_taken_apart_by_hand() -> None:
    """Halfway between 0.6 and 0.5 is 0.55: 0.05 of the 0.15 is from averaging, 0.10 is left."""
    first, second, third = running_gaps(FALLING, 1000, 1000, 10)
    assert first == RunningGap(1, 2.0, 1.0, None, 0.0)
    assert (second.difference, second.averaging) == pytest.approx((0.3, 0.2))
    assert (third.difference, third.averaging, third.rest) == pytest.approx((0.15, 0.05, 0.1))


def test_a_loss_that_falls_evenly_leaves_nothing_over() -> None:
    """Steps of 0.01 down from 1: the mean over an epoch of ten batches, each before its step."""
    fair = 1 - 0.01 * np.arange(0, 41, 10)
    epochs = [
        epoch(at, float(np.mean([(begin + end) / 2])), float(end))
        for at, (begin, end) in enumerate(pairwise(fair), 1)
    ]
    for gap in running_gaps(epochs, 1000, 1000, 10)[1:]:
        assert gap.rest == pytest.approx(0.0, abs=1e-12)
        assert gap.averaging == pytest.approx(0.05)


def test_the_error_of_sampling_is_nothing_for_a_whole_and_shrinks_as_it_nears_it() -> None:
    """Half the images wrong at a loss of 1: 1 - 1 / ln 10 of it is learnt, and 1 / 0.5 - 1 is 1."""
    spread = (1 - 1 / math.log(10)) / math.sqrt(1000)
    for images, share in ((1000, 0.0), (2000, math.sqrt(1000 / 1999)), (3000, math.sqrt(2 / 3))):
        (gap,) = running_gaps([epoch(1, 2.0, 1.0)], images, 1000, 10)
        assert gap.chance == pytest.approx(spread * share, rel=1e-3)


def test_epochs_without_numbers_are_passed_over_and_nothing_is_bridged() -> None:
    epochs = [epoch(1, 2.0, 1.0), epoch(2, 0.9, math.nan), epoch(3, 0.6, 0.5)]
    gaps = running_gaps(epochs, 1000, 1000, 10)
    assert [gap.epoch for gap in gaps] == [1, 3]
    assert gaps[1].halfway is None


def test_without_dropout_on_the_same_images_it_is_neither_sampling_nor_dropout() -> None:
    assert why_they_differ(FALLING, settings()) == (
        "In epoch 3, the newest, the running training loss is 0.650 and the fair one 0.500: a "
        "difference of +0.150. Of it, +0.050 is from averaging over an epoch in which the weights "
        "moved (halfway through, the fair loss was about 0.550) and +0.100 is left. That is not "
        "sampling, for both are taken on all 1,000 training images, nor dropout or batch "
        "normalization, which are off. It comes of what a straight line between two epochs misses, "
        "for each batch is scored just before the network learns from it. The difference was "
        "largest in epoch 1: 2.00 against 1.00. The accuracies of epoch 3 differ for the same "
        "reasons: 50.0 % running, 50.0 % fair, +0.0 points."
    )


def test_with_dropout_the_rest_comes_of_it_and_of_the_straight_line() -> None:
    words = why_they_differ(FALLING, settings(dropout_dense=0.5, batch_normalization=True))
    assert (
        "That is not sampling, for both are taken on all 1,000 training images. It comes of "
        "dropout 0.5 (dense) being on and batch normalization going by each batch's own "
        "statistics, and of what a straight line between two epochs misses."
    ) in words


def test_without_dropout_a_small_rest_of_a_small_sample_is_sampling() -> None:
    epochs = [epoch(1, 2.0, 1.0), epoch(2, 1.01, 1.0)]
    words = why_they_differ(epochs, settings(**SMALL_SAMPLE))
    assert (
        "and +0.01 is left. That is sampling, as far as can be told: the fair loss is taken on "
        "1,000 of the 3,000 training images, whose choice alone gives a standard error of 0.0146, "
        "and neither dropout nor batch normalization is on."
    ) in words


def test_with_dropout_a_small_rest_of_a_small_sample_shows_nothing_of_dropout() -> None:
    epochs = [epoch(1, 2.0, 1.0), epoch(2, 1.01, 1.0)]
    words = why_they_differ(epochs, settings(dropout_convolution=0.25, **SMALL_SAMPLE))
    assert "That is no more than sampling does" in words
    assert "So these numbers do not show what dropout 0.25 (convolution) being on adds." in words
    assert "comes of" not in words


@pytest.mark.parametrize(("rate", "said"), [(0.5, True), (0.0, False)])
def test_a_large_rest_of_a_small_sample_is_more_than_sampling(rate: float, said: bool) -> None:
    epochs = [epoch(1, 2.0, 1.0), epoch(2, 1.4, 1.0)]
    words = why_they_differ(epochs, settings(dropout_dense=rate, **SMALL_SAMPLE))
    assert "That is more than sampling does: the fair loss is taken on 1,000 of the 3,000" in words
    assert ("dropout 0.5 (dense) being on" in words) is said


def test_a_difference_below_zero_keeps_its_signs() -> None:
    words = why_they_differ([epoch(1, 1.0, 0.4), epoch(2, 0.5, 0.6)], settings())
    assert "a difference of -0.100. Of it, -0.100 is from averaging" in words
    assert "+0.000 is left" in words or "-0.000 is left" in words


def test_one_epoch_is_not_taken_apart_and_none_says_nothing() -> None:
    assert why_they_differ([], settings()) == ""
    words = why_they_differ(FALLING[:1], settings(dropout_dense=0.5))
    assert words == (
        "In epoch 1, the newest, the running training loss is 2.00 and the fair one 1.00: a "
        "difference of +1.00. What it comes from can be told once there is a fair loss before and "
        "after an epoch. The accuracies of epoch 1 differ for the same reasons: 50.0 % running, "
        "50.0 % fair, +0.0 points."
    )


def test_the_newest_may_be_the_largest() -> None:
    words = why_they_differ([epoch(1, 1.0, 0.9), epoch(2, 2.0, 0.8)], settings())
    assert "In no epoch was the difference larger." in words


def test_the_accuracies_of_the_newest_epoch_are_told_with_their_difference() -> None:
    words = why_they_differ([epoch(1, 1.0, 0.9), epoch(2, 2.0, 0.8, accuracy=0.625)], settings())
    assert words.endswith("50.0 % running, 62.5 % fair, -12.5 points.")
