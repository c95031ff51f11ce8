"""Prechelt's criteria against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.verdict.stopping_criteria import (
    generalization_loss,
    progress_quotient,
    stopping_epochs,
    successive_rises,
    training_progress,
)


def test_generalization_loss_is_percent_above_the_lowest_so_far() -> None:
    losses = np.array([2.0, 1.0, 1.1, 0.5, 0.75])
    assert generalization_loss(losses) == pytest.approx([0, 0, 10, 0, 50])


def test_training_progress_is_per_thousand_above_the_lowest_of_the_strip() -> None:
    losses = np.array([4.0, 2.0, 3.0, 3.0])
    # Strips of two: mean 3 over lowest 2, then 2.5 over 2, then 3 over 3.
    progress = training_progress(losses, strip=2)
    assert math.isnan(progress[0])
    assert progress[1:] == pytest.approx([500, 250, 0])


def test_a_run_shorter_than_a_strip_has_no_progress_yet() -> None:
    assert np.isnan(training_progress(np.ones(4))).all()


def test_the_quotient_is_loss_over_progress() -> None:
    validation, training = np.array([1.0, 1.2, 1.0]), np.array([4.0, 2.0, 2.0])
    quotient = progress_quotient(validation, training, strip=2)
    assert math.isnan(quotient[0])
    assert quotient[1] == pytest.approx(20 / 500)
    assert quotient[2] == 0  # Nothing lost, though training stands still.


def test_a_loss_without_any_progress_is_an_infinite_quotient() -> None:
    assert progress_quotient(np.array([1.0, 1.2]), np.ones(2), strip=2)[1] == math.inf


def test_rises_are_counted_between_the_ends_of_strips_and_begin_anew_after_a_fall() -> None:
    #             |        |        |        |        |  and one epoch more
    losses = np.array([9, 1.0, 0, 2.0, 9, 3.0, 0, 2.5, 0, 2.6, 7])
    assert successive_rises(losses, strip=2).tolist() == [0, 1, 2, 0, 1]


def test_each_criterion_stops_where_the_paper_says() -> None:
    validation = np.array([1.0, 0.5, 0.52, 0.54, 0.56, 0.58, 0.6, 0.62])
    training = np.array([2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    # GL passes 5 % at the fourth epoch (8 %). With strips of two, training stands still from the
    # strip that ends with the fourth: PQ is infinite. Ends 0.5, 0.54, 0.58: two rises by the sixth.
    stops = stopping_epochs(validation, training, generalization=5, quotient=1, rises=2, strip=2)
    assert stops == {"GL": 4, "PQ": 4, "UP": 6}


def test_a_falling_curve_is_never_stopped() -> None:
    falling = np.geomspace(1, 0.1, 20)
    assert stopping_epochs(falling, falling) == {"GL": None, "PQ": None, "UP": None}
