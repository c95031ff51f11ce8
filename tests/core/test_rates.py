"""The learning rate of each epoch, against the formula of its schedule and against Keras."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from core.fitting.fit import Fit
from core.fitting.rates import Plateau, rate_callbacks, rate_of_epoch
from core.fitting.steps import StopFlag
from core.model import build_network, build_optimizer
from core.settings import Settings
from tests.core.small import parts, small

pytestmark = pytest.mark.usefixtures("warm")


class Rates(keras.callbacks.Callback):
    """Writes down the rate and the validation loss of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.rates: list[float] = []
        self.losses: list[float] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.rates.append((logs or {})["learning_rate"])
        self.losses.append((logs or {})["val_loss"])


def rates_of_run(settings: Settings) -> Rates:
    """What a run records."""
    rates = Rates()
    model, optimizer = (
        build_network(settings, (8, 8, 1), 10),
        build_optimizer(settings.optimisation),
    )
    fit = Fit(model, optimizer, parts(settings), settings.optimisation, StopFlag())
    fit.run([rates, *rate_callbacks(settings.optimisation, ())], lambda: None)
    return rates


def test_a_constant_rate_stays_and_needs_no_callback() -> None:
    assert rate_callbacks(small().optimisation, ()) == []
    assert rates_of_run(small(learning_rate=0.004)).rates == pytest.approx([0.004] * 3)


def test_the_steps_of_a_schedule_by_hand() -> None:
    settings = small(
        schedule="step", schedule_factor=0.1, schedule_epochs=2, epochs=5, learning_rate=0.01
    )
    by_hand = [0.01, 0.01, 0.001, 0.001, 0.0001]
    assert rates_of_run(settings).rates == pytest.approx(by_hand, rel=1e-6)


def test_half_a_cosine_goes_from_the_rate_to_nearly_nothing() -> None:
    settings = small(schedule="cosine", epochs=4, learning_rate=0.01)
    by_hand = [0.01, 0.01 * (1 + math.sqrt(0.5)) / 2, 0.005, 0.01 * (1 - math.sqrt(0.5)) / 2]
    assert rates_of_run(settings).rates == pytest.approx(by_hand, rel=1e-6)


def test_the_cosine_is_that_of_keras_at_the_beginning_of_each_epoch() -> None:
    settings = small(schedule="cosine", epochs=30, learning_rate=0.003).optimisation
    theirs = keras.optimizers.schedules.CosineDecay(0.003, decay_steps=30 * 4)
    for epoch in range(30):
        assert rate_of_epoch(settings, epoch) == pytest.approx(float(theirs(4 * epoch)), rel=1e-5)


def test_the_steps_are_those_of_keras_staircase() -> None:
    settings = small(schedule="step", schedule_factor=0.3, schedule_epochs=7).optimisation
    theirs = keras.optimizers.schedules.ExponentialDecay(
        0.01, decay_steps=7 * 4, decay_rate=0.3, staircase=True
    )
    for epoch in range(30):
        assert rate_of_epoch(settings, epoch) == pytest.approx(float(theirs(4 * epoch)), rel=1e-5)


def test_a_plateau_lowers_the_rate_once_the_loss_has_not_fallen_for_as_long_as_it_waits() -> None:
    settings = small(
        schedule="plateau", schedule_patience=2, schedule_factor=0.5, epochs=14, learning_rate=0.2
    )
    noted = rates_of_run(settings)
    rate, lowest, waited, by_hand = 0.2, math.inf, 0, []
    for loss in noted.losses:
        by_hand.append(rate)
        if loss < lowest - 1e-4:
            lowest, waited = loss, 0
        else:
            waited += 1
        if waited == 2:
            rate, waited = rate / 2, 0
    assert noted.rates == pytest.approx(by_hand, rel=1e-6)
    assert len(set(noted.rates)) > 1


def test_a_plateau_that_is_taken_up_again_waits_only_for_what_is_left() -> None:
    """And leaves the rate as it is in the optimizer's state, whatever the losses before."""
    losses = [1.0, 0.9, 0.95, 0.96, 0.97, 0.98, 0.99]
    settings = small(schedule="plateau", schedule_patience=2, learning_rate=0.01).optimisation
    after = []
    for known in range(len(losses) + 1):
        model = build_network(small(), (8, 8, 1), 10)
        model.optimizer = build_optimizer(settings)
        # Two reductions: after the fourth loss and after the sixth.
        model.optimizer.learning_rate = 0.01 * 0.5 ** sum(known >= at for at in (4, 6))
        plateau = Plateau(settings, losses[:known])
        plateau.set_model(model)
        plateau.on_train_begin()
        for epoch, loss in enumerate(losses[known:], known):
            plateau.on_epoch_end(epoch, {"val_loss": loss})
        after.append(float(model.optimizer.learning_rate))
    np.testing.assert_allclose(after, 0.0025, rtol=1e-6)
