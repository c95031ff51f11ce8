"""Histograms of a layer's weights over a training, and where the weights come from."""

from __future__ import annotations

import numpy as np
import pytest

from core.inside.kernel_counts import FARTHEST, WIDTH, CountsByEpoch, by_epoch, counted
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
def test_a_dense_layer_of_an_earlier_version_is_known_from_first_best_and_last_weights_only() -> (
    None
):
    model = build_network(small(), (8, 8, 1), 10)
    kernels = layer_kernels(model)
    history = KernelHistory(np.array([0, 1, 2]), {"conv_1": np.zeros((3, 3, 3, 1, 4), np.float32)})
    stored = {2: kernels, 1: kernels}
    first = {"dense": np.zeros((64, 16), np.float32)}
    assert moments_of("conv_1", history, stored, first)[0::2] == ([0, 1, 2], True)
    assert moments_of("dense", history, stored, first)[0::2] == ([0, 1, 2], False)
    assert moments_of("dense", history, stored, {})[0::2] == ([1, 2], False)
    assert moments_of("conv_9", history, stored, first)[0] == []


def counts_of(*kernels: np.ndarray) -> CountsByEpoch:
    return by_epoch([counted(kernel) for kernel in kernels])


def test_a_dense_layer_that_was_counted_is_known_after_each_recorded_epoch() -> None:
    counts = counts_of(WEIGHTS, WEIGHTS, WEIGHTS)
    history = KernelHistory(np.array([0, 1, 7]), {}, counts={"dense": counts})
    assert moments_of("dense", history, {}, {}) == ([0, 1, 7], counts, True)


@pytest.mark.parametrize(("count", "spread"), [(40, 0.12), (900, 0.08), (20_000, 0.03)])
@pytest.mark.parametrize("beside", [False, True])
def test_counts_in_common_bins_are_what_numpy_counts_of_the_weights(
    count: int, spread: float, beside: bool
) -> None:
    """Alone, and beside a run of which there are the weights themselves."""
    rng = np.random.default_rng(3)
    kernels = [rng.normal(0, spread * k, count).astype(np.float32) for k in (1, 2, 3)]
    stored = [rng.normal(0, 4 * spread, count).astype(np.float32)] if beside else []
    edges = common_edges(counts_of(*kernels), *([stored] if beside else []))
    found = over_epochs("dense", [0, 1, 2], counts_of(*kernels), edges, True)
    every = [*kernels, *stored]
    assert edges[0] < min(one.min() for one in every) and edges[-1] > max(k.max() for k in every)
    for row, kernel in zip(found.shares, kernels, strict=True):
        expected = np.histogram(kernel.astype(np.float64), edges)[0] / count
        np.testing.assert_allclose(row, expected, rtol=1e-12)
    np.testing.assert_allclose(
        found.spreads, [kernel.astype(np.float64).std() for kernel in kernels], rtol=1e-9
    )
    assert found.weights == count and not found.beyond


@pytest.mark.parametrize("widest", [0, 1, 30, 122, 500, 1777, FARTHEST])
@pytest.mark.parametrize(("count", "bins"), [(8, 15), (600, 31), (5000, 61)])
def test_edges_on_the_grid_are_about_as_many_and_have_a_bin_around_zero(
    widest: int, count: int, bins: int
) -> None:
    kernel = np.zeros(count, np.float32)
    kernel[0] = widest * WIDTH
    edges = common_edges(counts_of(kernel))
    on_grid = edges / WIDTH - 0.5
    np.testing.assert_array_equal(on_grid, np.round(on_grid))
    together = on_grid[1] - on_grid[0]
    assert together % 2 == 1 and set(np.diff(on_grid)) == {together}
    np.testing.assert_array_equal(edges, -edges[::-1])
    found = len(edges) - 1
    assert found % 2 == 1 and found >= 15
    assert found <= 2 * bins
    if found > 15:
        assert found >= bins / 2 or together == 1
        assert edges[-1] - kernel[0] <= together * WIDTH


def test_weights_beyond_the_grid_are_in_the_outermost_bin_and_that_is_noted() -> None:
    kernels = [np.float32([0, 0, 0, 0.5]), np.float32([0, 0, 0, 30])]
    edges = common_edges(counts_of(*kernels))
    found = over_epochs("dense", [0, 1], counts_of(*kernels), edges, True)
    assert found.beyond and found.shares[1, -1] == 1 / 4
    near = counts_of(kernels[0])
    assert not over_epochs("dense", [0], near, common_edges(near), True).beyond
    # Also those of a run beside it that are stored themselves.
    stored = [kernels[1]]
    edges = common_edges(near, stored)
    assert edges[-1] < 2.3
    assert over_epochs("dense", [0], stored, edges, False).beyond


def test_a_layer_without_one_finite_weight_has_empty_histograms() -> None:
    nothing = counts_of(np.full(4, np.nan, np.float32))
    found = over_epochs("dense", [0], nothing, common_edges(nothing), True)
    assert found.shares.sum() == 0 and np.isnan(found.spreads).all()
