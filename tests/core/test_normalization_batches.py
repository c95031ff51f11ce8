"""An epoch's batches through a network, against Keras in training mode."""

from __future__ import annotations

import numpy as np
import pytest

from core.fitting.steps import order_of_epoch
from core.mechanisms.batches import observe_batches
from core.mechanisms.channel import channel_rows, distance, distributions
from core.mechanisms.normalization import Statistics
from core.mechanisms.normalization_passes import (
    images_within,
    normalization_layers,
    normalize_as_moved,
    normalize_by_batch,
    send,
    statistics_at,
    steps_of,
)
from core.mechanisms.normalization_records import LayerBatches
from tests.core import normalizing

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return normalizing.data().training_images


def test_by_the_batch_the_network_answers_as_keras_in_training_mode_to_1e_5(images: np.ndarray):
    model = normalizing.network()
    ours = send(steps_of(model), images[:32], normalize_by_batch)
    theirs = np.asarray(model(images[:32], training=True))  # changes its moving statistics
    assert np.abs(ours - theirs).max() < 1e-5


def test_as_after_training_it_answers_as_keras_predicts(images: np.ndarray):
    model = normalizing.network(dropout_convolution=0.5, dropout_dense=0.5)
    ours = send(steps_of(model), images, normalize_as_moved)
    assert np.abs(ours - np.asarray(model(images, training=False))).max() < 1e-5


def test_the_batches_of_an_epoch_are_those_that_training_took(images: np.ndarray):
    model = normalizing.network()
    found = observe_batches(model, images, batch_size=32, seed=1, epoch=3)["batch_normalization_1"]
    assert [len(values) for values in found.inputs] == [32, 32, 32, 4]
    order = order_of_epoch(1, 3, 100)
    convolved = np.asarray(model.get_layer("conv_1")(images[order[32:64]]))
    assert np.abs(found.inputs[1] - convolved).max() < 1e-5
    assert found.batches.mean[1] == pytest.approx(convolved.mean(axis=(0, 1, 2)), abs=1e-5)
    assert found.batches.variance[1] == pytest.approx(convolved.var(axis=(0, 1, 2)), abs=1e-5)
    assert found.images == 100


def test_the_whole_is_all_images_of_the_sample(images: np.ndarray):
    found = observe_batches(normalizing.network(), images, 32, 1, 1)
    for one in found.values():
        together = np.concatenate(one.inputs).astype(np.float64).reshape(-1, one.layer.channels)
        assert len(together) % 100 == 0
        assert one.whole.mean == pytest.approx(together.mean(axis=0), rel=1e-5, abs=1e-7)
        assert one.whole.variance == pytest.approx(together.var(axis=0), rel=1e-5, abs=1e-9)


def test_looking_changes_nothing_in_the_network(images: np.ndarray):
    model = normalizing.network(dropout_convolution=0.5)
    variables = [np.array(one) for one in model.variables]  # masks' seeds included
    observe_batches(model, images, 32, 1, 1)
    assert all(map(np.array_equal, variables, [np.array(one) for one in model.variables]))


def test_dropout_is_on_and_the_same_seed_draws_the_same_masks(images: np.ndarray):
    model = normalizing.network(dropout_convolution=0.5)
    first, again, other = (
        observe_batches(model, images, 32, seed, 1)["batch_normalization_2"] for seed in (1, 1, 2)
    )
    assert np.array_equal(first.batches.mean, again.batches.mean)
    assert not np.allclose(first.batches.mean, other.batches.mean, atol=1e-3)


def test_statistics_over_a_sample_are_those_of_all_its_numbers(images: np.ndarray):
    model = normalizing.network(dropout_convolution=0.5)
    steps, many = steps_of(model), np.tile(images, (6, 1, 1, 1))  # more than go through at once
    found = statistics_at(steps, "batch_normalization_2", many)
    place = [step.layer.name for step in steps].index("batch_normalization_2")
    arrived = send(steps[:place], images, normalize_as_moved).astype(np.float64)
    assert found.mean == pytest.approx(arrived.mean(axis=(0, 1, 2)), abs=1e-6)
    assert found.variance == pytest.approx(arrived.var(axis=(0, 1, 2)), rel=1e-5)


def test_a_network_without_normalization_has_none():
    from core.model import build_network
    from tests.core.small import small

    assert normalization_layers(build_network(small(), (8, 8, 1), 10)) == ()


def test_no_more_images_are_kept_than_memory_is_given(images: np.ndarray):
    model = normalizing.network()
    one = 8 * 8 * 4 + 4 * 4 * 8 + 16
    assert len(images_within(model, images, numbers=10 * one)) == 10
    assert len(images_within(model, images)) == 100


@pytest.fixture(scope="module")
def layer_batches(images: np.ndarray) -> LayerBatches:
    found = observe_batches(normalizing.network(), images, 32, 1, 1)
    return found["batch_normalization_1"]


def test_the_distribution_of_a_channel_counts_every_number_once(layer_batches: LayerBatches):
    before, after = distributions(layer_batches, 2, 1)
    numbers = np.concatenate([values[..., 2].ravel() for values in layer_batches.inputs])
    counts, _ = np.histogram(numbers, len(before.every_batch), (before.edges[0], before.edges[-1]))
    assert before.every_batch * numbers.size == pytest.approx(counts, abs=1e-6)
    assert counts.sum() == 100 * 8 * 8
    for one in (before, after):
        assert one.every_batch.sum() == pytest.approx(1)
        assert one.this_batch.sum() == pytest.approx(1)
    assert before.edges[0] == numbers.min() and before.edges[-1] == numbers.max()
    assert before.as_after_training is None
    assert after.as_after_training is not None
    assert after.as_after_training.sum() == pytest.approx(1)


def test_after_the_layer_the_batch_has_mean_beta(layer_batches: LayerBatches):
    _, after = distributions(layer_batches, 0, 0)
    width = after.edges[1] - after.edges[0]
    mean = (after.middles * after.this_batch).sum()
    assert mean == pytest.approx(layer_batches.layer.beta[0], abs=width)


def test_a_channel_that_never_changes_is_one_bin_and_no_fault(layer_batches: LayerBatches):
    still = LayerBatches(
        layer_batches.layer,
        tuple(np.zeros_like(values) for values in layer_batches.inputs),
        Statistics(np.zeros((4, 4)), np.zeros((4, 4))),
        Statistics(np.zeros(4), np.zeros(4)),
    )
    before, _ = distributions(still, 0, 0)
    assert before.every_batch.sum() == 1
    assert distance(still).dead == 4


def test_the_rows_hold_the_batch_and_what_the_layer_holds(layer_batches: LayerBatches):
    rows = channel_rows(layer_batches, 2)
    values = layer_batches.inputs[2][..., 3]
    assert rows[3].batch_mean == pytest.approx(values.mean(), abs=1e-6)
    assert rows[3].batch_variance == pytest.approx(values.var(), rel=1e-5)
    assert rows[3].moving_variance == layer_batches.layer.moving.variance[3]
    assert [row.channel for row in rows] == [0, 1, 2, 3]


def test_the_distance_is_in_spreads_and_by_the_mean_variance_of_the_batches(
    layer_batches: LayerBatches,
):
    whole, moving = layer_batches.whole, layer_batches.layer.moving
    mean = np.median(np.abs(moving.mean - whole.mean) / np.sqrt(whole.variance))
    batches = (layer_batches.batches.variance * [[32], [32], [32], [4]]).sum(axis=0) / 100
    found = distance(layer_batches)
    assert found.mean == pytest.approx(mean)
    assert found.variance == pytest.approx(np.median(moving.variance / batches))
    assert found.dead == 0
