"""Curves that grow while they are read, and their small form."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

from core.learning.curves import GrowingCurves, best_epoch, thinned
from core.library.records import Epoch


def epoch(number: int, validation_loss: float) -> Epoch:
    return Epoch(number, 4 * number, 1.0, 2.0, 0.25, 1.75, 0.5, validation_loss, 0.5, 0.0, 0.001)


def test_a_snapshot_holds_what_was_added_and_does_not_grow() -> None:
    curves = GrowingCurves(steps_per_epoch=2)
    for loss in (3.0, 2.0, 1.0):
        curves.add_batch(loss, loss / 4, loss / 8)
    curves.add_epoch(epoch(1, 0.5))
    snapshot = curves.snapshot()
    curves.add_batch(9.0, 1.0)
    curves.add_epoch(epoch(2, 0.25))
    np.testing.assert_array_equal(snapshot.batches.losses, np.float32([3, 2, 1]))
    np.testing.assert_array_equal(snapshot.batches.accuracies, np.float32([0.75, 0.5, 0.25]))
    np.testing.assert_array_equal(snapshot.batches.penalties, np.float32([0.375, 0.25, 0.125]))
    assert snapshot.epochs == (epoch(1, 0.5),)
    assert snapshot.batches.epoch_ends == (4,)
    assert curves.steps == 4


def test_only_what_came_since_a_step_can_be_had() -> None:
    curves = GrowingCurves(steps_per_epoch=2)
    for loss in (3.0, 2.0, 1.0):
        curves.add_batch(loss, 0.0)
    np.testing.assert_array_equal(curves.since(1)[0], np.float32([2, 1]))
    assert curves.since(3)[0].shape == (0,)


def test_a_reader_never_sees_a_half_written_batch_while_the_buffer_grows() -> None:
    curves = GrowingCurves(steps_per_epoch=10)
    done = threading.Event()

    def write() -> None:
        for number in range(20_000):
            curves.add_batch(number, number)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        batches = curves.snapshot().batches
        expected = np.arange(len(batches.losses), dtype=np.float32)
        np.testing.assert_array_equal(batches.losses, expected)
        np.testing.assert_array_equal(batches.accuracies, expected)
    writer.join()
    assert curves.steps == 20_000


def test_few_batches_are_all_shown_at_their_places_in_epochs() -> None:
    shown = thinned(np.float32([5, 4, 3, 2]), steps_per_epoch=2, most=4)
    np.testing.assert_array_equal(shown.at, [0.5, 1.0, 1.5, 2.0])
    np.testing.assert_array_equal(shown.values, np.float32([5, 4, 3, 2]))
    assert shown.group == 1


def test_each_group_is_shown_by_its_extremes_in_the_order_in_which_they_came() -> None:
    values = np.float32([1, 9, 2, 3, 4, 0, 5, 6])
    shown = thinned(values, steps_per_epoch=8, most=4)
    assert shown.group == 4
    np.testing.assert_array_equal(shown.values, np.float32([1, 9, 0, 6]))
    np.testing.assert_array_equal(shown.steps, [1, 2, 6, 8])
    np.testing.assert_array_equal(shown.at, np.array([1, 2, 6, 8]) / 8)


@pytest.mark.parametrize("most", [2, 3, 5, 100, 101, 1200])
@pytest.mark.parametrize("steps", [1, 6, 11, 1199, 1201, 5000])
def test_there_are_never_more_points_than_allowed_and_the_extremes_stay(
    most: int, steps: int
) -> None:
    values = np.random.default_rng(steps).normal(size=steps).astype(np.float32)
    shown = thinned(values, 10, most)
    assert len(shown.values) == len(shown.at) <= most
    assert shown.values.min() == values.min()
    assert shown.values.max() == values.max()
    assert (np.diff(shown.at) > 0).all()
    np.testing.assert_array_equal(shown.values, values[np.rint(shown.at * 10).astype(int) - 1])


def test_what_is_no_number_hides_no_peak_and_stays_where_there_is_nothing_else() -> None:
    values = np.float32([1, math.nan, 7, 2, math.nan, math.nan, math.nan, math.nan])
    shown = thinned(values, steps_per_epoch=8, most=4)
    np.testing.assert_array_equal(shown.values, np.float32([1, 7, math.nan]))


def test_no_batches_at_all_are_no_points() -> None:
    assert thinned(np.empty(0, np.float32), 10, 100).values.shape == (0,)


def test_the_best_epoch_has_the_lowest_validation_loss_and_nan_is_never_best() -> None:
    losses = [math.nan, 0.5, 0.25, math.nan, 0.25, math.inf]
    best = best_epoch([epoch(number, loss) for number, loss in enumerate(losses, 1)])
    assert best is not None
    assert best.epoch == 3
    assert best_epoch([epoch(1, math.nan)]) is None
    assert best_epoch([]) is None
