"""Moving averages in closed form, against Keras's own layer."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.mechanisms.moving_statistics import FEW, first_values_left, follow, lag

MOMENTA = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)


@pytest.mark.parametrize("momentum", [0.5, 0.9, 0.99])
def test_what_is_left_of_the_first_values_is_what_keras_has_left_of_them(
    momentum: float, warm: None
):
    layer = keras.layers.BatchNormalization(momentum=momentum)
    batch = np.array([[3.0], [5.0]], np.float32)  # mean 4, variance 1; Keras begins with mean 0
    for _ in range(20):
        layer(batch, training=True)
    left = 1 - float(layer.moving_mean[0]) / 4
    assert left == pytest.approx(momentum**20, abs=1e-6)
    assert lag(momentum, 20).first_values == pytest.approx(left, abs=1e-6)


def test_a_moving_average_that_follows_batches_is_that_of_keras(warm: None):
    batches = np.random.default_rng(2).normal(1, 2, (5, 64, 1)).astype(np.float32)
    layer = keras.layers.BatchNormalization(momentum=0.8)
    theirs = [1.0]
    for step in range(12):
        layer(batches[step % 5], training=True)
        theirs.append(float(layer.moving_variance[0]))
    ours = follow(batches.var(axis=(1, 2)).astype(np.float64), 0.8, 12, first=1.0)
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_what_is_left_after_each_step_is_the_momentum_to_its_power():
    steps = np.array([0, 1, 2, 44])
    assert first_values_left(0.9, steps) == pytest.approx([1, 0.9, 0.81, 0.9**44])


@pytest.mark.parametrize("momentum", MOMENTA)
def test_the_first_values_are_forgotten_at_the_first_step_that_leaves_less(momentum: float):
    step = next(n for n in range(10_000) if momentum**n < FEW)
    assert lag(momentum, 1).forgotten == step


@pytest.mark.parametrize("momentum", MOMENTA)
def test_the_mean_age_is_that_of_the_weights_of_the_batches(momentum: float):
    ages = np.arange(60_000)
    weights = (1 - momentum) * momentum**ages
    assert lag(momentum, 1).age == pytest.approx((weights * ages).sum(), rel=1e-6)


def test_half_is_replaced_after_the_half_life():
    found = lag(0.9, 100)
    assert 0.9**found.half == pytest.approx(0.5)


def test_without_momentum_nothing_of_the_past_is_left():
    found = lag(0.0, 1)
    assert (found.first_values, found.age, found.half, found.forgotten) == (0, 0, 0, 1)
    assert follow(np.array([7.0]), 0.0, 2, first=1.0).tolist() == [1, 7, 7]
