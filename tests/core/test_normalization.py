"""Normalization as arithmetic, against Keras's own layers."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.mechanisms.normalization import (
    NormalizationLayer,
    Statistics,
    batch_statistics,
    group_normalize,
    groups_for,
    together,
)

RNG = np.random.default_rng(3)
MAPS = RNG.normal(2.0, 3.0, (6, 5, 4, 8)).astype(np.float32)
UNITS = RNG.normal(-1.0, 0.5, (16, 8)).astype(np.float32)
GAMMA, BETA = RNG.uniform(-2, 2, 8), RNG.normal(size=8)


def layer(moving: Statistics | None = None) -> NormalizationLayer:
    moving = moving or Statistics(np.zeros(8), np.ones(8))
    return NormalizationLayer("here", GAMMA, BETA, moving, momentum=0.9, epsilon=1e-3)


def keras_layer(values: np.ndarray) -> keras.layers.BatchNormalization:
    made = keras.layers.BatchNormalization(momentum=0.9)
    made.build(values.shape)
    made.gamma.assign(GAMMA)
    made.beta.assign(BETA)
    return made


@pytest.mark.parametrize("values", [MAPS, UNITS], ids=["maps", "units"])
def test_over_the_batch_it_is_keras_in_training_mode_to_1e_5(values: np.ndarray, warm: None):
    ours = layer().normalize(values, batch_statistics(values))
    theirs = np.asarray(keras_layer(values)(values, training=True))
    assert np.abs(ours - theirs).max() < 1e-5


@pytest.mark.parametrize("values", [MAPS, UNITS], ids=["maps", "units"])
def test_with_moving_statistics_it_is_keras_after_training_to_1e_5(values: np.ndarray, warm: None):
    moving = Statistics(RNG.normal(size=8), RNG.uniform(0.5, 2, 8))
    theirs = keras_layer(values)
    theirs.moving_mean.assign(moving.mean)
    theirs.moving_variance.assign(moving.variance)
    ours = layer().normalize(values, moving)
    assert np.abs(ours - np.asarray(theirs(values, training=False))).max() < 1e-5


def test_what_comes_out_has_mean_beta_and_spread_gamma():
    out = layer().normalize(MAPS, batch_statistics(MAPS)).astype(np.float64)
    assert out.mean(axis=(0, 1, 2)) == pytest.approx(BETA, abs=1e-5)
    # Epsilon takes a little away: the spread is |gamma| times the root of v / (v + epsilon).
    variance = MAPS.astype(np.float64).var(axis=(0, 1, 2))
    spread = np.abs(GAMMA) * np.sqrt(variance / (variance + 1e-3))
    assert out.std(axis=(0, 1, 2)) == pytest.approx(spread, rel=1e-5)


def test_the_statistics_of_numbers_far_from_zero_keep_their_digits():
    values = (1000 + MAPS / 100).astype(np.float32)
    exact = values.astype(np.float64)
    found = batch_statistics(values)
    assert found.mean == pytest.approx(exact.mean(axis=(0, 1, 2)), rel=1e-9)
    assert found.variance == pytest.approx(exact.var(axis=(0, 1, 2)), rel=1e-5)


def test_parts_of_unequal_size_together_are_the_whole():
    parts = [MAPS[:1], MAPS[1:3], MAPS[3:]]
    found = together([(one.size // 8, batch_statistics(one)) for one in parts])
    whole = MAPS.astype(np.float64)
    assert found.mean == pytest.approx(whole.mean(axis=(0, 1, 2)), rel=1e-6)
    assert found.variance == pytest.approx(whole.var(axis=(0, 1, 2)), rel=1e-6)


@pytest.mark.parametrize("groups", [1, 2, 8])
@pytest.mark.parametrize("values", [MAPS, UNITS], ids=["maps", "units"])
def test_group_normalization_is_that_of_keras_to_1e_5(values: np.ndarray, groups: int, warm: None):
    theirs = keras.layers.GroupNormalization(groups, epsilon=1e-3)
    theirs.build(values.shape)
    theirs.gamma.assign(GAMMA)
    theirs.beta.assign(BETA)
    ours = group_normalize(values, groups, GAMMA, BETA, 1e-3)
    assert np.abs(ours - np.asarray(theirs(values))).max() < 1e-5


def test_group_normalization_does_not_see_the_other_images():
    alone = group_normalize(MAPS[:1], 2, GAMMA, BETA, 1e-3)
    others = np.concatenate([MAPS[:1], 100 * MAPS[1:]])
    assert np.array_equal(group_normalize(others, 2, GAMMA, BETA, 1e-3)[:1], alone)


@pytest.mark.parametrize(
    ("channels", "groups"), [(1, 1), (4, 1), (8, 2), (16, 4), (32, 8), (128, 32), (512, 32), (9, 1)]
)
def test_groups_are_of_four_channels_and_32_at_most(channels: int, groups: int):
    assert groups_for(channels) == groups
    assert channels % groups_for(channels) == 0
