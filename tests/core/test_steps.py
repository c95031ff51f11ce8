"""Steps and scores, against plain Keras from the same weights on the same batches."""

from __future__ import annotations

import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from core.fitting.steps import Evaluation, StopFlag, TrainingSteps, order_of_epoch
from core.model import build_network, build_optimizer
from core.settings import Settings
from tests.core.small import parts, small, until

REGULARIZED = {"batch_normalization": True, "l1": 0.001, "l2": 0.01}


def network(settings: Settings) -> keras.Model:
    return build_network(settings, (8, 8, 1), 10)


def plain_keras(settings: Settings) -> keras.Model:
    """The network of REGULARIZED, as a person would write and compile it, with the same weights."""
    penalty = keras.regularizers.L1L2(l1=0.001, l2=0.01)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, padding="same", kernel_regularizer=penalty),
            layers.BatchNormalization(momentum=0.9),
            layers.Activation("relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(16, kernel_regularizer=penalty),
            layers.BatchNormalization(momentum=0.9),
            layers.Activation("relu"),
            layers.Dense(10, activation="softmax", kernel_regularizer=penalty),
        ]
    )
    optimizer = {
        "adamw": keras.optimizers.AdamW(0.01, weight_decay=0.004),
        "sgd": keras.optimizers.SGD(0.01, momentum=0.9),
    }[settings.optimisation.optimizer]
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.set_weights(network(settings).get_weights())
    return model


def steps_of(settings: Settings, stop: StopFlag | None = None) -> tuple[keras.Model, TrainingSteps]:
    data, model = parts(settings), network(settings)
    return model, TrainingSteps(
        model,
        build_optimizer(settings.optimisation),
        data.training_images,
        data.training_labels,
        settings.optimisation.batch_size,
        stop or StopFlag(),
    )


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_losses_of_batches_and_weights_are_those_of_keras_own_loop(optimizer: str) -> None:
    """Three epochs with penalties and normalization; ``train_on_batch`` is Keras's own step."""
    settings = small(optimizer=optimizer, **REGULARIZED)
    data = parts(settings)
    model, steps = steps_of(settings)
    reference = plain_keras(settings)
    for epoch in (1, 2, 3):
        order = np.random.default_rng([settings.optimisation.seed, epoch]).permutation(100)
        losses, accuracies, penalties = steps.run(order, 0, 4)
        for number, batch in enumerate(np.split(order, [32, 64, 96])):
            penalty = float(sum(reference.losses))
            reference.reset_metrics()
            expected = reference.train_on_batch(
                data.training_images[batch], data.training_labels[batch], return_dict=True
            )
            assert losses[number] == pytest.approx(expected["loss"] - penalty, rel=2e-4, abs=2e-5)
            assert penalties[number] == pytest.approx(penalty, rel=1e-4)
            assert accuracies[number] == pytest.approx(expected["accuracy"], abs=1e-6)
    for ours, theirs in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_steps_in_one_call_are_the_steps_in_four_calls() -> None:
    settings = small()
    order = order_of_epoch(1, 1, 100)
    (one, all_at_once), (other, one_by_one) = steps_of(settings), steps_of(settings)
    together = all_at_once.run(order, 0, 4)[0]
    apart = [one_by_one.run(order, step, 1)[0] for step in range(4)]
    np.testing.assert_array_equal(together, np.concatenate(apart))
    for ours, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_dropout_is_on_in_steps_and_off_in_scores() -> None:
    settings = small(dropout_dense=0.9, optimizer="sgd", learning_rate=1e-7)
    model, steps = steps_of(settings)
    evaluation, data = Evaluation(model), parts(settings)
    order = np.arange(100)
    # Hardly any learning: what parts the four losses of the same batch are the masks.
    losses = [steps.run(order, 0, 1)[0][0] for _ in range(4)]
    assert np.ptp(losses) > 1e-2
    images, labels = tf.constant(data.fair_images), tf.constant(data.fair_labels)
    assert evaluation.score(images, labels) == evaluation.score(images, labels)


def test_each_image_is_seen_once_an_epoch_and_no_two_orders_are_alike() -> None:
    orders = [order_of_epoch(seed, epoch, 100) for seed in (1, 2) for epoch in (1, 2)]
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(100))
    assert len({tuple(order) for order in orders}) == 4
    np.testing.assert_array_equal(orders[0], order_of_epoch(1, 1, 100))


@pytest.mark.parametrize("images", [1, 250, 251])
def test_a_score_is_what_keras_evaluates_apart_from_the_penalty(images: int) -> None:
    settings = small(optimizer="sgd", **REGULARIZED)
    data, reference = parts(settings), plain_keras(settings)
    x, y = data.validation_images[:images], data.validation_labels[:images]
    score = Evaluation(network(settings)).score(tf.constant(x), tf.constant(y))
    loss, accuracy = reference.evaluate(x, y, verbose=0)
    assert score.loss == pytest.approx(loss - float(sum(reference.losses)), abs=1e-5)
    assert score.accuracy == pytest.approx(accuracy, abs=1e-6)
    assert score.images == images


def test_the_penalty_is_the_formula_over_the_kernels() -> None:
    model = network(small(**REGULARIZED))
    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    assert len(kernels) == 3
    by_hand = sum(0.001 * np.abs(k).sum() + 0.01 * np.square(k).sum() for k in kernels)
    assert Evaluation(model).penalty() == pytest.approx(by_hand, rel=1e-5)
    assert Evaluation(network(small())).penalty() == 0.0


def test_a_raised_flag_lets_no_step_begin() -> None:
    stop = StopFlag()
    model, steps = steps_of(small(), stop)
    before = model.get_weights()
    stop.raise_it()
    losses, accuracies, _ = steps.run(order_of_epoch(1, 1, 100), 0, 4)
    assert losses.shape == accuracies.shape == (0,)
    for ours, theirs in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_another_thread_ends_a_long_graph_call_within_one_batch() -> None:
    settings, stop = small(optimizer="sgd"), StopFlag()
    data, optimizer = parts(settings), build_optimizer(small(optimizer="sgd").optimisation)
    steps = TrainingSteps(
        network(settings), optimizer, data.training_images, data.training_labels, 1, stop
    )
    order = np.resize(np.arange(100), 1_000_000)
    steps.run(order, 0, 1)
    seen: list[int] = []

    def raise_it() -> None:
        until(lambda: int(optimizer.iterations) > 20)
        stop.raise_it()
        seen.append(int(optimizer.iterations))

    other = threading.Thread(target=raise_it)
    other.start()
    losses, *_ = steps.run(order, 1, 900_000)
    other.join()
    assert 20 <= len(losses) < 900_000
    # The count may be read in the midst of a step; that one is the last.
    assert len(losses) + 1 <= seen[0] + 1
    assert np.isfinite(losses).all()
