"""The smallest weights set to 0, and what the network still knows."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.mechanisms.layer_kernels import kernel_layers
from core.mechanisms.pruning import SHARES, PrunableNetwork, pruned
from core.model import build_network
from core.settings import Settings
from tests.core.small import parts, small

ONE = np.array([[3.0, -0.1], [0.2, -4.0]], np.float32)
TWO = np.array([0.05, -0.06, 0.07, 5.0], np.float32)


def test_of_the_whole_network_the_smallest_go_wherever_they_are() -> None:
    one, two = pruned([ONE, TWO], 0.5, "network")
    np.testing.assert_array_equal(one, [[3, 0], [np.float32(0.2), -4]])
    np.testing.assert_array_equal(two, [0, 0, 0, 5])


def test_of_each_layer_alike_every_kernel_loses_the_same_share() -> None:
    one, two = pruned([ONE, TWO], 0.5, "layer")
    np.testing.assert_array_equal(one, [[3, 0], [0, -4]])
    np.testing.assert_array_equal(two, [0, 0, np.float32(0.07), 5])


@pytest.mark.parametrize("scope", ["network", "layer"])
def test_nothing_goes_at_0_everything_at_1_and_the_given_kernels_stay(scope: str) -> None:
    before = [ONE.copy(), TWO.copy()]
    for whole, kept in zip(before, pruned([ONE, TWO], 0.0, scope), strict=True):
        np.testing.assert_array_equal(whole, kept)
    assert not any(kernel.any() for kernel in pruned([ONE, TWO], 1.0, scope))
    np.testing.assert_array_equal(ONE, before[0])
    np.testing.assert_array_equal(TWO, before[1])


def test_of_equal_weights_as_many_go_as_are_asked_for() -> None:
    (kept,) = pruned([np.full(10, 2.0, np.float32)], 0.3, "network")
    assert kept.tolist() == [0] * 3 + [2] * 7


@pytest.fixture(scope="module")
def settings() -> Settings:
    return small(normalization="batch", dropout_dense=0.5)


@pytest.fixture(scope="module")
def model(warm: None, settings: Settings) -> keras.Model:
    """A network that has learnt a little, so that its answers are not all the same."""
    data = parts(settings)
    model = build_network(settings, (8, 8, 1), 10)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data.training_images, data.training_labels, epochs=3, verbose=0)
    return model


@pytest.fixture(scope="module")
def prunable(model: keras.Model) -> PrunableNetwork:
    return PrunableNetwork(model)


@pytest.mark.parametrize("scope", ["network", "layer"])
def test_at_0_the_accuracy_is_the_networks_own_by_keras(
    prunable: PrunableNetwork, model: keras.Model, settings: Settings, scope: str
) -> None:
    data = parts(settings)
    images, labels = data.validation_images, data.validation_labels
    score, answers = prunable.score(0.0, scope, images, labels)
    own = model.predict(images, verbose=0)
    np.testing.assert_allclose(answers, own, atol=1e-5)
    assert score.right == int((own.argmax(axis=1) == labels).sum())
    assert (score.removed, score.largest, score.images) == (0, 0, 300)
    assert score.kept == (1, 1, 1)


@pytest.mark.parametrize("scope", ["network", "layer"])
def test_at_1_the_answer_is_the_same_for_every_image(
    prunable: PrunableNetwork, settings: Settings, scope: str
) -> None:
    data = parts(settings)
    labels = data.validation_labels
    score, answers = prunable.score(1.0, scope, data.validation_images, labels)
    np.testing.assert_allclose(answers, np.tile(answers[:1], (300, 1)), atol=1e-7)
    assert score.right == int((labels == answers[0].argmax()).sum())
    assert score.kept == (0, 0, 0)


def test_between_them_the_network_answers_as_one_with_those_kernels(
    prunable: PrunableNetwork, model: keras.Model, settings: Settings
) -> None:
    """After all the others, so that it shows that each pruning begins at the whole kernels."""
    data = parts(settings)
    whole = [np.asarray(layer.kernel) for layer in kernel_layers(model)]
    before = model.get_weights()
    score, answers = prunable.score(0.9, "network", data.validation_images, data.validation_labels)
    for layer, kernel in zip(kernel_layers(model), pruned(whole, 0.9, "network"), strict=True):
        layer.kernel.assign(kernel)
    own = model.predict(data.validation_images, verbose=0)
    model.set_weights(before)
    np.testing.assert_allclose(answers, own, atol=1e-5)
    sizes = np.sort(np.concatenate([np.abs(kernel).ravel() for kernel in whole]))
    assert score.removed == round(0.9 * len(sizes))
    assert score.largest == pytest.approx(sizes[score.removed - 1])


def test_the_curve_has_fifteen_shares_from_none_to_all() -> None:
    assert len(SHARES) == 15 and SHARES[0] == 0 and SHARES[-1] == 1
    assert list(SHARES) == sorted(SHARES)
