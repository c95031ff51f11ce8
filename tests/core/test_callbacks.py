"""The callbacks, told made-up epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from core.fitting.callbacks import Best, BestWeights, CurveRecorder, NotANumber, Patience
from core.learning.curves import GrowingCurves
from core.library.records import Epoch


def network() -> SimpleNamespace:
    """As much of a network as a callback asks for; its one weight counts the epochs."""
    weights = [np.zeros(1)]
    return SimpleNamespace(
        stop_training=False, weights=weights, get_weights=lambda: [w.copy() for w in weights]
    )


def told(callback: keras.callbacks.Callback, validation_losses: Sequence[float]) -> int:
    """Tell a callback of epochs until it stops them; how many it was told of."""
    model = network()
    callback.set_model(model)
    for epoch, loss in enumerate(validation_losses):
        model.weights[0] += 1
        callback.on_epoch_end(epoch, {"val_loss": loss, "val_accuracy": 0.5})
        if model.stop_training:
            return epoch + 1
    return len(validation_losses)


@pytest.mark.parametrize(
    ("patience", "losses", "end"),
    [
        (1, [3, 2, 2, 1], 3),
        (2, [3, 2, 2.5, 1, 1.5, 1.2, 0.5], 6),
        (5, [9, 8, 7, 6, 5, 4, 3, 2, 1, 2, 2, 2, 2, 2, 0], 14),
        (3, [1, math.nan, math.nan, math.nan, 0], 4),
        (2, [math.nan, 3, 2, 1], 4),
    ],
)
def test_patience_ends_after_so_many_epochs_without_a_lower_loss(
    patience: int, losses: list[float], end: int
) -> None:
    callback = Patience(patience)
    assert told(callback, losses) == end
    assert callback.ran_out == (end < len(losses))


def test_patience_stops_where_keras_own_early_stopping_does() -> None:
    losses = np.random.default_rng(1).random(200).tolist()
    for patience in range(1, 12):
        keras_own = keras.callbacks.EarlyStopping("val_loss", patience=patience)
        keras_own.on_train_begin()
        assert told(Patience(patience), losses) == told(keras_own, losses)


def test_the_best_weights_are_a_copy_of_those_of_the_lowest_loss() -> None:
    given: list[Best] = []
    callback = BestWeights(given.append)
    told(callback, [3, 1, math.nan, 1, 2])
    assert [(best.epoch, best.validation_loss) for best in given] == [(1, 3), (2, 1)]
    assert callback.best is given[-1]
    np.testing.assert_array_equal(given[-1].weights[0], [2.0])


def test_what_is_no_number_is_never_the_best() -> None:
    callback = BestWeights(lambda best: None)
    told(callback, [math.nan, math.inf, math.nan])
    assert callback.best is None
    told(callback, [math.nan, 5.0])
    assert callback.best is not None
    assert callback.best.epoch == 2


def test_the_first_loss_that_is_no_number_stops_and_its_place_is_kept() -> None:
    callback, model = NotANumber(), network()
    callback.set_model(model)
    for epoch, losses in enumerate([[3, 2], [1, math.inf, math.nan]]):
        callback.on_epoch_begin(epoch)
        for batch, loss in enumerate(losses):
            assert not model.stop_training or loss is math.nan
            callback.on_train_batch_end(batch, {"loss": loss})
    assert model.stop_training
    assert callback.at == (2, 2)


def test_the_recorder_hands_on_each_epoch_with_its_own_batches() -> None:
    kept: list[tuple[Epoch | list[float], ...]] = []
    curves = GrowingCurves(steps_per_epoch=2)
    recorder = CurveRecorder(curves, lambda e, *arrays: kept.append((e, *map(list, arrays))))
    logs = {
        "seconds": 1.5,
        "loss": 2.0,
        "accuracy": 0.25,
        "fair_loss": 1.75,
        "fair_accuracy": 0.5,
        "val_loss": 1.875,
        "val_accuracy": 0.375,
        "penalty": 0.125,
        "learning_rate": 0.001,
    }
    for epoch, losses in enumerate([(4.0, 3.0), (2.0, 1.0)]):
        recorder.on_epoch_begin(epoch)
        for batch, loss in enumerate(losses):
            batch_logs = {"loss": loss, "accuracy": loss / 4, "penalty": loss / 8}
            recorder.on_train_batch_end(batch, batch_logs)
        recorder.on_epoch_end(epoch, logs)
    numbers = (1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.125, 0.001)
    assert kept == [
        (Epoch(1, 2, *numbers), [4.0, 3.0], [1.0, 0.75], [0.5, 0.375]),
        (Epoch(2, 4, *numbers), [2.0, 1.0], [0.5, 0.25], [0.25, 0.125]),
    ]
    assert curves.snapshot().epochs == (kept[0][0], kept[1][0])
