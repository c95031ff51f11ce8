"""L2 in the loss against decoupled decay, each against Keras's own optimizers."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.mechanisms.decay import alternating_gradients, decay_paths, path
from core.mechanisms.decay_on_network import Batches, first_batches, measure_shrinkage
from core.model import build_network
from tests.core.small import parts, small

RATE, STRENGTH, STEPS = 0.01, 0.1, 60
START = np.array([1.0, -0.5, 2.0])


def gradients() -> np.ndarray:
    return np.random.default_rng(1).normal(0, [0.1, 1.0, 10.0], (STEPS, 3))


def by_keras(
    optimizer: keras.optimizers.Optimizer, penalty: Callable[[tf.Variable], tf.Tensor] | None
) -> np.ndarray:
    """The path that Keras takes, with the gradient of its own penalty added to the given one."""
    weights = keras.Variable(START.astype(np.float32))
    optimizer.build([weights])
    kept = [START]
    for given in gradients().astype(np.float32):
        gradient = tf.constant(given)
        if penalty is not None:
            with tf.GradientTape() as tape:
                price = penalty(weights.value)
            gradient += tape.gradient(price, weights.value)
        optimizer.apply([gradient], [weights])
        kept.append(np.asarray(weights))
    return np.stack(kept)


@pytest.mark.usefixtures("warm")
def test_decoupled_steps_are_those_of_keras_adamw() -> None:
    keras_own = by_keras(keras.optimizers.AdamW(RATE, weight_decay=STRENGTH), None)
    ours = path(START, gradients(), RATE, STRENGTH, decoupled=True)
    np.testing.assert_allclose(ours, keras_own, rtol=2e-4, atol=2e-5)


@pytest.mark.usefixtures("warm")
def test_coupled_steps_are_those_of_keras_adam_with_keras_l2() -> None:
    keras_own = by_keras(keras.optimizers.Adam(RATE), keras.regularizers.L2(STRENGTH / 2))
    ours = path(START, gradients(), RATE, STRENGTH, decoupled=False)
    np.testing.assert_allclose(ours, keras_own, rtol=2e-4, atol=2e-5)


@pytest.mark.usefixtures("warm")
def test_plain_steps_are_those_of_keras_sgd_with_either() -> None:
    l2 = by_keras(keras.optimizers.SGD(RATE), keras.regularizers.L2(STRENGTH / 2))
    decay = by_keras(keras.optimizers.SGD(RATE, weight_decay=STRENGTH), None)
    for decoupled, keras_own in ((False, l2), (True, decay)):
        ours = path(START, gradients(), RATE, STRENGTH, decoupled, "sgd")
        np.testing.assert_allclose(ours, keras_own, rtol=2e-4, atol=2e-5)


def test_under_plain_gradient_descent_both_are_the_same() -> None:
    found = decay_paths((1.0, 10.0), 200, RATE, STRENGTH, "sgd")
    np.testing.assert_allclose(found.coupled, found.decoupled, rtol=1e-12)


def test_decoupled_decay_leaves_of_every_weight_what_the_closed_form_says() -> None:
    none = path(START, np.zeros((STEPS, 3)), RATE, STRENGTH, decoupled=True)
    np.testing.assert_allclose(none[-1], START * (1 - RATE * STRENGTH) ** STEPS, rtol=1e-12)
    found = decay_paths((0.5, 5.0), 500, RATE, STRENGTH)
    assert found.closed == pytest.approx(0.999**500)
    # The first steps of Adam, before its averages have settled, go less than two rates one way.
    np.testing.assert_allclose(found.decoupled[-1], found.closed, atol=2 * RATE)


def test_under_adam_l2_decays_a_weight_the_less_the_larger_its_gradient() -> None:
    found = decay_paths((0.5, 1.0, 10.0, 100.0), 500, RATE, STRENGTH)
    assert found.coupled[-1].tolist() == sorted(found.coupled[-1].tolist())
    # With small steps, exp(-steps * rate * strength / size).
    expected = np.exp(-500 * RATE * STRENGTH / np.array([10.0, 100.0]))
    np.testing.assert_allclose(found.coupled[-1][2:], expected, atol=2 * RATE)


def test_without_a_strength_nothing_decays() -> None:
    found = decay_paths((1.0, 10.0), 100, RATE, 0.0)
    np.testing.assert_array_equal(found.coupled, found.decoupled)
    assert found.closed == 1


def test_alternating_gradients_have_the_asked_sizes_and_pull_nowhere() -> None:
    given = alternating_gradients((1.0, 3.0), 4)
    np.testing.assert_array_equal(given, [[1, 3], [-1, -3], [1, 3], [-1, -3]])


def test_batches_are_the_first_of_the_runs_own_order() -> None:
    images, labels = np.arange(10.0)[:, np.newaxis], np.arange(10)
    found = first_batches(images, labels, 4, 3, 20)
    order = np.random.default_rng([3, 1]).permutation(10)
    assert [batch.tolist() for batch in found.labels] == [
        order[:4].tolist(),
        order[4:8].tolist(),
    ]
    assert len(first_batches(images, labels, 64, 3, 20).labels) == 1


@pytest.mark.usefixtures("warm")
def test_on_a_network_adamw_takes_the_same_off_all_and_l2_least_where_gradients_are_large() -> None:
    settings = small(normalization="batch")
    data = parts(settings)
    model = build_network(settings, (8, 8, 1), 10)
    before = model.get_weights()
    batches: Batches = first_batches(data.training_images, data.training_labels, 32, 1, 3)
    found = measure_shrinkage(model, batches, 0.001, 0.5)
    assert found.steps == 3 and found.batch_size == 32
    assert found.closed == pytest.approx(1 - 0.9995**3)
    # Single precision, and the gradients of moved weights, are in it.
    np.testing.assert_allclose(found.decoupled.middle, found.closed, rtol=0.1)
    assert found.coupled.middle[0] > 2 * found.coupled.middle[-1]
    assert (np.diff(found.gradients) > 0).all()
    assert (found.coupled.low <= found.coupled.high).all()
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
