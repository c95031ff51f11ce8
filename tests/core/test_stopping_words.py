"""Where the criteria of Prechelt (1998) would have stopped, in words."""

from __future__ import annotations

import math

from core.library.records import Epoch
from core.verdict.stopping_words import PAPER, published_stops


def epochs(validation: list[float], fair: list[float]) -> list[Epoch]:
    return [
        Epoch(number, number, number, 1.0, 0.5, training, 0.5, loss, 0.5, 0.0, 0.001)
        for number, (loss, training) in enumerate(zip(validation, fair, strict=True), 1)
    ]


VALIDATION = [1.0, 0.5, 0.52, 0.53, 0.6, *(0.6 + 0.01 * n for n in range(1, 16))]
"""Lowest in epoch 2; 6 % above it in epoch 4; higher at the end of each strip of five."""


def test_each_criterion_by_hand() -> None:
    """GL passes 5 in epoch 4. Training stands still from epoch 2 on: in the first strip P is
    1000 * (0.6 / 0.5 - 1) = 200 and GL 20, PQ 0.1; in the second P is 0 and PQ without end. Strips
    end at 0.6, 0.65, 0.7 and 0.75: the third rise is in epoch 20."""
    stops = published_stops(epochs(VALIDATION, [1.0] + [0.5] * 19))
    assert [(stop.name[:2], stop.epoch) for stop in stops] == [("GL", 4), ("PQ", 10), ("UP", 20)]
    assert {(stop.best_epoch, stop.best_loss) for stop in stops} == {(2, 0.5)}
    assert stops[0].words == "after epoch 4; best 0.5, epoch 2"
    assert "Prechelt" in PAPER and "1998" in PAPER


def test_the_best_is_that_until_the_stop_and_not_a_later_one() -> None:
    stops = published_stops(epochs([1.0, 0.5, 0.6, 0.4, 0.41], [0.3] * 5))
    assert (stops[0].epoch, stops[0].best_epoch) == (3, 2)
    assert (stops[2].epoch, stops[2].best_epoch) == (None, 4)
    assert stops[2].words == "never; best 0.4, epoch 4"


def test_what_comes_after_a_loss_that_is_no_number_is_not_read() -> None:
    stops = published_stops(epochs([1.0, 0.5, math.nan, 9.0], [0.3] * 4))
    assert [stop.epoch for stop in stops] == [None, None, None]
    assert published_stops(epochs([math.nan], [0.3])) == []
    assert published_stops([]) == []


def test_a_loss_of_nothing_is_no_division_by_it() -> None:
    assert published_stops(epochs([0.0, 0.0], [0.0, 0.0]))[0].epoch is None
