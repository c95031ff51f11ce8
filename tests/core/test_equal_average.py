"""Stochastic weight averaging: the mean by hand, its own statistics, and steps that go on."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import keras
import numpy as np
import pytest

import core.fitting.fit
from core.fitting.fit import Fit
from core.fitting.steps import StopFlag
from core.library.state_file import TrainingState, read_state, write_state
from core.mechanisms.recalibration import recalibrated_statistics
from core.model import build_network, build_optimizer
from core.settings import Settings, from_mapping
from tests.core.small import parts, small
from tests.core.test_fit import Notes, fitted

SETTINGS = {"normalization": "batch", "l2": 0.01, "dropout_dense": 0.3, "epochs": 5}
AVERAGED = SETTINGS | {"averaging": "swa", "averaging_start": 0.4}
"""Epochs 3, 4 and 5 of five."""


class Steps(Notes):
    """Also writes down all weights and statistics after each step, ahead of any average."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[list[np.ndarray]] = []

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        super().on_train_batch_end(batch, logs)
        self.steps.append(self.model.get_weights())


@pytest.fixture(scope="module")
def runs(warm: None) -> tuple[Steps, Steps]:
    """The same run without an average and with one, one step a call."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)
        plain, averaged = (fitted(small(**s), Steps()) for s in (SETTINGS, AVERAGED))
    return plain, averaged


def network() -> keras.Model:
    return build_network(small(**SETTINGS), (8, 8, 1), 10)


def statistics(model: keras.Model) -> list[np.ndarray]:
    return [
        np.asarray(weight) for weight in model.non_trainable_variables if "moving" in weight.path
    ]


@pytest.mark.parametrize(
    ("share", "epochs", "first"),
    [(0.5, 30, 16), (0.5, 5, 3), (0.0, 3, 1), (0.95, 1, 1), (0.95, 20, 20), (0.29, 100, 30)],
)
def test_the_first_epoch_of_the_average_by_hand(share: float, epochs: int, first: int) -> None:
    """In floating point, 0.29 times 100 is below 29."""
    settings = from_mapping({"averaging": "swa", "averaging_start": share, "epochs": epochs})
    assert settings.optimisation.first_averaged_epoch == first
    after = [settings.optimisation.averages_after(epoch) for epoch in (first - 1, first)]
    assert after == [False, True]


def test_every_step_and_every_moving_statistic_is_as_without_an_average(
    runs: tuple[Steps, Steps],
) -> None:
    """Bit for bit: what is put aside comes back."""
    plain, averaged = runs
    assert averaged.batches == plain.batches
    for ours, theirs in zip(averaged.steps, plain.steps, strict=True):
        assert [array.tobytes() for array in ours] == [array.tobytes() for array in theirs]


def test_ahead_of_the_start_the_weights_themselves_are_scored(runs: tuple[Steps, Steps]) -> None:
    plain, averaged = runs
    for at in (0, 1):
        ours, theirs = averaged.epochs[at], plain.epochs[at]
        assert ours | {"seconds": 0} == theirs | {"seconds": 0}
        for mine, other in zip(averaged.weights[at], plain.weights[at], strict=True):
            np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("epoch", [3, 4, 5])
def test_the_average_is_the_mean_of_the_weights_after_its_epochs(
    runs: tuple[Steps, Steps], epoch: int
) -> None:
    plain, averaged = runs
    ends = [plain.steps[4 * at - 1] for at in range(3, epoch + 1)]
    model = network()
    trainable = {id(weight) for weight in model.trainable_weights}
    assert len(trainable) == 10
    for at, weight in enumerate(model.weights):
        if id(weight) in trainable:
            mean = np.mean([end[at] for end in ends], axis=0, dtype=np.float64)
            np.testing.assert_allclose(averaged.weights[epoch - 1][at], mean, rtol=1e-5, atol=1e-7)


def test_its_statistics_are_those_of_keras_over_the_fair_sample_as_one_batch(
    runs: tuple[Steps, Steps],
) -> None:
    """A batch normalization of momentum 0 keeps those of its last batch; dropout is off in both."""
    _, averaged = runs
    settings = small(**SETTINGS | {"dropout_dense": 0.0, "batch_normalization_momentum": 0.0})
    model, images = build_network(settings, (8, 8, 1), 10), parts(settings).fair_images
    assert len(images) == 100
    for weights in averaged.weights[2:]:
        model.set_weights(weights)
        ours = statistics(model)
        model(images, training=True)
        for mine, theirs in zip(ours, statistics(model), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_they_are_those_of_recalibrate_too(runs: tuple[Steps, Steps]) -> None:
    _, averaged = runs
    model, images = network(), parts(small(**SETTINGS)).fair_images
    model.set_weights(averaged.weights[-1])
    for name, found in recalibrated_statistics(model, images).items():
        layer = model.get_layer(name)
        np.testing.assert_allclose(np.asarray(layer.moving_mean), found.mean, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(np.asarray(layer.moving_variance), found.variance, rtol=1e-4)


def test_what_is_scored_is_the_average(runs: tuple[Steps, Steps]) -> None:
    """By Keras alone, with the weights that were told; its loss has the penalty in it."""
    plain, averaged = runs
    data, copy = parts(small(**SETTINGS)), network()
    copy.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for logs, weights in zip(averaged.epochs[2:], averaged.weights[2:], strict=True):
        copy.set_weights(weights)
        loss, accuracy = copy.evaluate(data.validation_images, data.validation_labels, verbose=0)
        assert logs["penalty"] == pytest.approx(float(sum(copy.losses)), rel=1e-5)
        assert logs["val_loss"] == pytest.approx(loss - logs["penalty"], rel=1e-4)
        assert logs["val_accuracy"] == pytest.approx(accuracy, abs=1e-6)
    assert averaged.epochs[-1]["val_loss"] != pytest.approx(plain.epochs[-1]["val_loss"], rel=0.01)


def test_an_epoch_that_is_cut_short_is_not_in_the_average(
    runs: tuple[Steps, Steps], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the fifth: in the network stay the average and the statistics of the fourth."""
    monkeypatch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)
    stop = StopFlag()
    notes = Notes(lambda number: stop.raise_it() if number == 18 else None)
    model = left_by(small(**AVERAGED), stop, notes)
    assert len(notes.batches) == 18
    for ours, theirs in zip(model.get_weights(), runs[1].weights[3], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def left_by(settings: Settings, stop: StopFlag, notes: Notes) -> keras.Model:
    """The network after a training."""
    model = build_network(settings, (8, 8, 1), 10)
    optimizer = build_optimizer(settings.optimisation)
    Fit(model, optimizer, parts(settings), settings.optimisation, stop).run([notes], lambda: None)
    return model


def test_a_state_of_an_earlier_version_has_nothing_beside(tmp_path: Path) -> None:
    """Its table does not tell how many such arrays there are."""
    arrays = [np.float32([at, at]) for at in range(4)]
    state = TrainingState(3, arrays[:1], arrays[1:2], [0], arrays[2:3], arrays[3:])
    path = tmp_path / "state.bin"
    write_state(state, path)
    again = read_state(path)
    assert [again.best[0].tolist(), again.beside[0].tolist()] == [[2, 2], [3, 3]]
    head, content = path.read_bytes().split(b"\n", 1)
    (length,) = struct.unpack_from("<Q", content)
    table = json.loads(content[8 : 8 + length])
    del table["beside"], table["arrays"][-1]
    text = json.dumps(table).encode()
    old = head + b"\n" + struct.pack("<Q", len(text)) + text + content[8 + length : -8]
    path.write_bytes(old)
    again = read_state(path)
    assert ([array.tolist() for array in again.best], again.beside) == ([[2, 2]], [])
