"""The training loop: what it records is what Keras measures, and the same seed gives the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import keras
import numpy as np
import pytest

import core.fitting.fit
from core.fitting.callbacks import NotANumber
from core.fitting.fit import Fit
from core.fitting.steps import StopFlag
from core.keras_state import KERAS_LOCK
from core.model import build_network, build_optimizer
from core.settings import Settings
from tests.core.small import parts, small

Weights = list[np.ndarray]


class Notes(keras.callbacks.Callback):
    """Writes down all that it is told."""

    def __init__(self, on_batch: Callable[[int], None] | None = None) -> None:
        super().__init__()
        self.batches: list[dict[str, float]] = []
        self.epochs: list[dict[str, float]] = []
        self.weights: list[Weights] = []
        self._on_batch = on_batch or (lambda number: None)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.batches.append(dict(logs or {}))
        self._on_batch(len(self.batches))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epochs.append(dict(logs or {}))
        self.weights.append(self.model.get_weights())


def fitted(
    settings: Settings,
    notes: Notes | None = None,
    more: Sequence[keras.callbacks.Callback] = (),
    stop: StopFlag | None = None,
    made: Callable[[], None] = lambda: None,
) -> Notes:
    """Fit a network with these settings and return what was noted."""
    notes = notes or Notes()
    model = build_network(settings, (8, 8, 1), 10)
    optimizer = build_optimizer(settings.optimisation)
    fit = Fit(model, optimizer, parts(settings), settings.optimisation, stop or StopFlag())
    fit.run([notes, *more], made)
    return notes


@pytest.fixture(scope="module")
def regularized(warm: None) -> tuple[Settings, Notes]:
    settings = small(batch_normalization=True, dropout_dense=0.5, l2=0.01, wrong_labels=0.2)
    return settings, fitted(settings)


def test_figures_of_an_epoch_are_what_keras_evaluates(
    regularized: tuple[Settings, Notes],
) -> None:
    """A compiled copy with the weights of that epoch; Keras's loss has the penalty in it."""
    settings, notes = regularized
    data, copy = parts(settings), build_network(settings, (8, 8, 1), 10)
    copy.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    assert len(notes.epochs) == 3
    for logs, weights in zip(notes.epochs, notes.weights, strict=True):
        copy.set_weights(weights)
        penalty = float(sum(copy.losses))
        assert logs["penalty"] == pytest.approx(penalty, rel=1e-5)
        for name, images, labels in (
            ("fair_", data.fair_images, data.fair_labels),
            ("val_", data.validation_images, data.validation_labels),
        ):
            loss, accuracy = copy.evaluate(images, labels, verbose=0)
            assert logs[f"{name}loss"] == pytest.approx(loss - penalty, rel=1e-4)
            assert logs[f"{name}accuracy"] == pytest.approx(accuracy, abs=1e-6)


def test_running_figures_are_means_over_the_images_not_over_the_batches(
    regularized: tuple[Settings, Notes],
) -> None:
    _, notes = regularized
    for epoch, logs in enumerate(notes.epochs):
        batches = notes.batches[4 * epoch : 4 * epoch + 4]
        for name in ("loss", "accuracy"):
            a, b, c, d = (batch[name] for batch in batches)
            assert logs[name] == pytest.approx((32 * (a + b + c) + 4 * d) / 100, rel=1e-5)


def test_a_run_without_dropout_ends_at_the_weights_of_a_plain_loop(warm: None) -> None:
    settings = small()
    data, model = parts(settings), build_network(settings, (8, 8, 1), 10)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    for epoch in (1, 2, 3):
        order = np.random.default_rng([1, epoch]).permutation(100)
        for batch in np.split(order, [32, 64, 96]):
            model.train_on_batch(data.training_images[batch], data.training_labels[batch])
    for ours, theirs in zip(fitted(settings).weights[-1], model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def same(one: Notes, other: Notes) -> bool:
    """Whether two runs are alike to the last bit, but for the time that they took."""
    for notes in (one, other):
        for logs in notes.epochs:
            logs["seconds"] = 0.0
    return (
        one.batches == other.batches
        and one.epochs == other.epochs
        and all(
            np.array_equal(ours, theirs)
            for mine, yours in zip(one.weights, other.weights, strict=True)
            for ours, theirs in zip(mine, yours, strict=True)
        )
    )


def test_the_same_seed_gives_the_same_bits_whatever_other_threads_do(
    regularized: tuple[Settings, Notes],
) -> None:
    """Another thread does what Streamlit and other sessions do, and draws from the shared seeds."""
    settings, notes = regularized
    done = threading.Event()

    def meddle() -> None:
        number = 0
        while not done.is_set():
            number += 1
            keras.utils.set_random_seed(number)
            keras.backend.clear_session()
            with KERAS_LOCK:
                other = build_network(small(batch_normalization=True), (8, 8, 1), 10)
            other(np.zeros((1, 8, 8, 1), np.float32))

    meddler = threading.Thread(target=meddle)
    meddler.start()
    try:
        again = fitted(settings)
    finally:
        done.set()
        meddler.join()
    assert same(notes, again)


def test_another_seed_gives_another_curve(regularized: tuple[Settings, Notes]) -> None:
    _, notes = regularized
    other = fitted(
        small(batch_normalization=True, dropout_dense=0.5, l2=0.01, wrong_labels=0.2, seed=2)
    )
    assert notes.epochs[0]["loss"] != other.epochs[0]["loss"]


def test_many_steps_a_call_make_the_same_run_as_single_ones(
    regularized: tuple[Settings, Notes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many steps go into a call depends on the machine's mood; the curve must not."""
    settings, notes = regularized
    monkeypatch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)
    calls: list[None] = []
    single = fitted(settings, made=lambda: calls.append(None))
    assert len(calls) == 12
    assert same(notes, single)


@pytest.mark.parametrize("steps", [1, 5])
def test_a_raised_flag_ends_it_before_the_next_step(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)
    stop = StopFlag()

    def on_batch(number: int) -> None:
        if number == steps:
            stop.raise_it()

    notes = fitted(small(), Notes(on_batch), stop=stop)
    assert len(notes.batches) == steps
    # Cut short in the first epoch it is scored, so that there is a checkpoint; later it is not.
    assert len(notes.epochs) == (1 if steps == 1 else 2)
    assert np.isfinite(notes.epochs[0]["val_loss"])
    assert np.isfinite(notes.epochs[-1]["val_loss"]) == (steps == 1)
    assert notes.epochs[-1]["loss"] == pytest.approx(notes.batches[-1]["loss"], rel=1e-6)


def test_a_flag_raised_before_the_start_makes_no_step_and_no_epoch() -> None:
    stop = StopFlag()
    stop.raise_it()
    notes = fitted(small(), stop=stop)
    assert (notes.batches, notes.epochs) == ([], [])


def test_stop_training_of_a_callback_ends_it_after_the_epoch(warm: None) -> None:
    class Enough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            self.model.stop_training = epoch == 1

    assert len(fitted(small(), more=[Enough()]).batches) == 8


def test_averaged_weights_are_what_is_scored_and_told_and_the_steps_go_on_from_the_others(
    warm: None,
) -> None:
    """The same steps, bit for bit, as without; the average of them by hand, step after step."""
    moving: list[Weights] = []

    class Moving(Notes):
        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            super().on_train_batch_end(batch, logs)
            moving.append([np.asarray(weight) for weight in self.model.trainable_variables])

    with pytest.MonkeyPatch.context() as patch:
        # A step a call, so that the weights can be seen after each.
        patch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)
        averaged = fitted(small(weight_averaging=True, averaging_momentum=0.7), Moving())
    plain = fitted(small())
    assert averaged.batches == plain.batches
    assert averaged.epochs[-1]["val_loss"] != plain.epochs[-1]["val_loss"]
    average = moving[0]
    data, copy = parts(small()), build_network(small(), (8, 8, 1), 10)
    copy.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for step, weights in enumerate(moving[1:], 2):
        average = [0.7 * a + 0.3 * w for a, w in zip(average, weights, strict=True)]
        if step % 4 == 0:
            logs, told = averaged.epochs[step // 4 - 1], averaged.weights[step // 4 - 1]
            for ours, theirs in zip(average, told, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
            copy.set_weights(told)
            loss, _ = copy.evaluate(data.validation_images, data.validation_labels, verbose=0)
            assert logs["val_loss"] == pytest.approx(loss, rel=1e-4)


def test_a_loss_that_grows_without_end_stops_it(warm: None) -> None:
    not_a_number = NotANumber()
    settings = small(optimizer="sgd", learning_rate=1000, l2=0.1, epochs=100)
    notes = fitted(settings, more=[not_a_number])
    assert not_a_number.at is not None
    epoch, step = not_a_number.at
    losses = [batch["loss"] for batch in notes.batches]
    first = next(i for i, loss in enumerate(losses) if not np.isfinite(loss))
    assert (epoch, step) == (first // 4 + 1, first % 4 + 1)
    assert len(losses) <= 4 * epoch
