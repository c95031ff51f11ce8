"""One image in ever other company, against Keras on the very batches."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.mechanisms.companions import keep_company, layer_changes, sizes_for
from core.mechanisms.normalization_records import Company
from tests.core import normalizing

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return normalizing.network()


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return normalizing.data().training_images


@pytest.fixture(scope="module")
def company(model: keras.Model, images: np.ndarray) -> Company:
    return keep_company(model, images[0], images[1:], (2, 4, 64), seed=1, draws=12)


def test_in_each_batch_the_network_says_what_keras_says_in_training_mode(
    model: keras.Model, images: np.ndarray, company: Company
):
    for size in (2, 4, 64):
        one = company.of_size(size)
        assert one.companions.shape == (12, size - 1)
        batch = np.concatenate([images[:1], images[1:][one.companions[11]]])
        copy = keras.models.clone_model(model)
        copy.set_weights(model.get_weights())
        said = np.asarray(copy(batch, training=True))[0]
        assert np.abs(one.probabilities[11] - said).max() < 1e-5


def test_alone_it_is_what_the_network_predicts(
    model: keras.Model, images: np.ndarray, company: Company
):
    said = np.asarray(model(images[:1], training=False))[0]
    assert np.abs(company.alone - said).max() < 1e-6
    assert company.decision == said.argmax()


def test_a_batch_is_counted_as_changed_where_another_class_is_most_probable(company: Company):
    for one in company.batches:
        other = [row.argmax() != company.alone.argmax() for row in one.probabilities]
        assert company.changed(one.size) == sum(other)


def test_no_companion_stands_twice_in_a_batch(company: Company):
    assert all(len(set(row)) == 63 for row in company.of_size(64).companions.tolist())


def test_the_same_seed_draws_the_same_company(model: keras.Model, images: np.ndarray):
    first, again, other = (
        keep_company(model, images[0], images[1:], (4,), seed, draws=3) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.batches[0].companions, again.batches[0].companions)
    assert np.array_equal(first.batches[0].probabilities, again.batches[0].probabilities)
    assert not np.array_equal(first.batches[0].companions, other.batches[0].companions)


@pytest.mark.parametrize("name", ["batch_normalization_2", "batch_normalization_dense"])
def test_the_change_of_a_layer_is_the_spread_of_its_output_over_the_batches(
    model: keras.Model, images: np.ndarray, company: Company, name: str
):
    layer = model.get_layer(name)
    arrived = np.asarray(keras.Model(model.input, layer.input)(images, training=False))
    own = keras.layers.BatchNormalization()
    own.build(arrived.shape)
    own.set_weights(layer.get_weights())
    changes = layer_changes(model, name, images[0], images[1:], company)
    for change, one in zip(changes, company.batches, strict=True):
        outputs = []
        for rows in one.companions:
            batch = np.concatenate([arrived[:1], arrived[1:][rows]])
            outputs.append(np.asarray(own(batch, training=True))[0])
        spread = np.sqrt(np.mean(np.var(outputs, axis=0))) / np.mean(outputs, axis=0).std()
        assert change.batch == pytest.approx(spread, rel=1e-3)


def test_company_changes_batch_normalization_the_less_the_larger_and_group_normalization_never(
    model: keras.Model, images: np.ndarray, company: Company
):
    changes = layer_changes(model, "batch_normalization_1", images[0], images[1:], company)
    assert [one.size for one in changes] == [2, 4, 64]
    assert changes[0].batch > changes[1].batch > changes[2].batch > 0
    assert [one.group for one in changes] == [0, 0, 0]


@pytest.mark.parametrize(
    ("batch_size", "pool", "sizes"),
    [
        (32, 500, (2, 4, 8, 16, 32, 64)),
        (24, 500, (2, 4, 8, 16, 24, 32, 64)),
        (256, 500, (2, 4, 8, 16, 32, 64)),
        (1, 10, (2, 4, 8)),
    ],
)
def test_sizes_are_powers_of_two_and_the_runs_own_as_far_as_the_pool_goes(
    batch_size: int, pool: int, sizes: tuple[int, ...]
):
    assert sizes_for(batch_size, pool) == sizes
