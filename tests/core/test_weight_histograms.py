"""Histograms of a layer's weights over a training, and where the weights come from."""

from __future__ import annotations

import numpy as np
import pytest

from core.inside.kernel_history import KernelHistory
from core.mechanisms.layer_kernels import layer_kernels
from core.mechanisms.weight_histograms import (
    common_edges,
    first_kernels,
    moments_of,
    over_epochs,
)
from core.model import build_network
from tests.core.small import small

WEIGHTS = np.array([-1.0, -0.9, 0.0, 0.01, -0.01, 0.5, 1.0, 0.9], np.float32)


def test_each_row_is_the_share_of_the_weights_in_its_bins() -> None:
    edges = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    found = over_epochs("one", [0, 3], [WEIGHTS, np.zeros(4, np.float32)], edges, True)
    np.testing.assert_allclose(found.shares, [[2 / 8, 1 / 8, 2 / 8, 3 / 8], [0, 0, 1, 0]])
    np.testing.assert_allclose(found.spreads, [WEIGHTS.std(), 0], rtol=1e-6)
    np.testing.assert_allclose(found.middles, [-0.75, -0.25, 0.25, 0.75])
    assert np.isnan(found.powers[1, 0]) and found.powers[1, 2] == 0
    assert found.weights == 8


def test_the_moment_of_an_epoch_is_the_latest_that_is_known() -> None:
    edges = common_edges([WEIGHTS])
    found = over_epochs("one", [2, 5, 9], [WEIGHTS] * 3, edges, True)
    assert [found.at(epoch) for epoch in (0, 2, 4, 5, 30)] == [0, 0, 0, 1, 2]


@pytest.mark.parametrize(("count", "bins"), [(8, 15), (600, 31), (5000, 61)])
def test_edges_hold_all_weights_of_all_runs_and_have_a_bin_around_zero(
    count: int, bins: int
) -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(0, 1, count), rng.normal(0, 3, count)
    edges = common_edges([one], [other, one])
    assert len(edges) == bins + 1
    assert edges[-1] == -edges[0] == max(np.abs(one).max(), np.abs(other).max())
    assert edges[bins // 2] == pytest.approx(-edges[bins // 2 + 1])


@pytest.mark.usefixtures("warm")
def test_first_weights_are_drawn_again_if_what_was_recorded_proves_them() -> None:
    settings = small()
    model = build_network(settings, (8, 8, 1), 10)
    convolution = np.asarray(model.get_layer("conv_1").kernel)
    history = KernelHistory(np.array([0, 1]), {"conv_1": np.stack([convolution, convolution + 1])})
    drawn = first_kernels(settings, model, history)
    np.testing.assert_array_equal(drawn["dense"], np.asarray(model.get_layer("dense").kernel))
    other = KernelHistory(np.array([0]), {"conv_1": convolution[np.newaxis] + 0.01})
    assert first_kernels(settings, model, other) == {}
    late = KernelHistory(np.array([4]), {"conv_1": convolution[np.newaxis]})
    assert first_kernels(settings, model, late) == {}


@pytest.mark.usefixtures("warm")
def test_a_dense_layer_is_known_from_its_first_best_and_last_weights_only() -> None:
    model = build_network(small(), (8, 8, 1), 10)
    kernels = layer_kernels(model)
    history = KernelHistory(np.array([0, 1, 2]), {"conv_1": np.zeros((3, 3, 3, 1, 4), np.float32)})
    stored = {2: kernels, 1: kernels}
    first = {"dense": np.zeros((64, 16), np.float32)}
    assert moments_of("conv_1", history, stored, first)[0::2] == ([0, 1, 2], True)
    assert moments_of("dense", history, stored, first)[0::2] == ([0, 1, 2], False)
    assert moments_of("dense", history, stored, {})[0::2] == ([1, 2], False)
    assert moments_of("conv_9", history, stored, first)[0] == []
