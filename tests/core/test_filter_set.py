"""The filters of a layer as a set, against sets that were made so."""

from __future__ import annotations

import numpy as np
import pytest

from core.inside.filter_set import (
    chance_of_cosine,
    distances_from_start,
    duplicates,
    effective_rank,
    filter_set,
)
from core.inside.kernel_history import KernelHistory
from core.inside.kernel_replay import replay

RNG = np.random.default_rng


def planted() -> np.ndarray:
    """Ten filters of random weights; 3 and 7 are 0 but for their length, 8 is the negative of 1."""
    kernels = RNG(0).normal(size=(3, 3, 4, 10))
    kernels[..., 3] = 2 * kernels[..., 0] + 0.05 * RNG(1).normal(size=(3, 3, 4))
    kernels[..., 7] = 0.01 * kernels[..., 0]
    kernels[..., 8] = -kernels[..., 1]
    return kernels


def test_planted_doubles_are_found_whatever_their_length() -> None:
    found = duplicates(planted(), 0.95)
    assert found.groups == ((0, 3, 7),)
    assert (found.pairs, found.opposite) == (3, 1)
    places = [found.filters.tolist().index(number) for number in (0, 3, 7)]
    assert max(places) - min(places) == 2  # like stands beside like


def test_one_pair_has_and_several_have() -> None:
    one = np.zeros((2, 2, 1, 3))
    one[0, 0, 0, :2], one[1, 1, 0, 2] = (1.0, 2.0), 1.0
    assert duplicates(one, 0.9).in_words(0.9).startswith("**1 pair** of filters has a cosine of")
    assert "0 pairs are as opposite" in duplicates(one, 0.9).in_words(0.9)
    one[0, 0, 0, 1] = -1.0
    assert duplicates(one, 0.9).in_words(0.9).startswith("**0 pairs** of filters have a cosine of")
    assert "1 pair is as opposite" in duplicates(one, 0.9).in_words(0.9)


def test_cosines_are_those_of_the_definition() -> None:
    kernels = planted()
    found = duplicates(kernels)
    flat = kernels.reshape(-1, 10)
    one, other = found.filters[2], found.filters[6]
    expected = flat[:, one] @ flat[:, other]
    expected /= np.linalg.norm(flat[:, one]) * np.linalg.norm(flat[:, other])
    assert found.cosines[2, 6] == pytest.approx(expected, abs=1e-6)


def test_a_chain_of_neighbours_is_no_group() -> None:
    """Three directions, 20 degrees apart each: the outer two are 40 degrees apart."""
    turns = np.deg2rad([0, 20, 40])
    kernels = np.array([np.cos(turns), np.sin(turns)]).reshape(1, 2, 1, 3)
    found = duplicates(kernels, np.cos(np.deg2rad(21)))
    assert found.pairs == 2
    assert [len(group) for group in found.groups] == [2]


def test_a_filter_of_zeros_is_dead_and_nobodys_double() -> None:
    """Dead is 7 too: it has a hundredth of the norm of 0."""
    kernels = planted()
    kernels[..., [2, 5]] = 0
    found = duplicates(kernels)
    assert not {2, 5} & set(found.filters.tolist())
    assert set(np.flatnonzero(filter_set(kernels).dead)) == {2, 5, 7}


def test_a_filter_below_a_tenth_of_the_median_norm_is_dead() -> None:
    kernels = np.ones((1, 1, 1, 4)) * np.array([1.0, 1.0, 0.101, 0.099])
    # The median of 1, 1, 0.101, 0.099 is 0.5505.
    assert filter_set(kernels).dead.tolist() == [False] * 4
    kernels = np.ones((1, 1, 1, 5)) * np.array([1.0, 1.0, 1.0, 0.101, 0.099])
    assert filter_set(kernels).dead.tolist() == [False, False, False, False, True]


def test_singular_values_and_effective_rank_of_equal_directions() -> None:
    """Four filters at right angles, of length 3: four singular values of 3, rank 4."""
    kernels = 3 * np.eye(4).reshape(2, 2, 1, 4)
    found = filter_set(kernels)
    np.testing.assert_allclose(found.singular, 3)
    assert found.effective_rank == pytest.approx(4)
    one = np.repeat(RNG(0).normal(size=(3, 3, 1, 1)), 5, axis=3)
    assert filter_set(one).effective_rank == pytest.approx(1, abs=1e-6)
    assert np.isnan(effective_rank(np.zeros(3)))


def test_a_large_layer_has_the_singular_values_of_numpy() -> None:
    for shape in ((3, 3, 64, 192), (3, 3, 20, 600)):
        kernels = RNG(0).normal(size=shape).astype(np.float32)
        expected = np.linalg.svd(kernels.reshape(-1, shape[-1]).astype(float), compute_uv=False)
        np.testing.assert_allclose(filter_set(kernels).singular, expected, rtol=1e-6)


def test_random_filters_have_the_norm_of_the_layer() -> None:
    kernels = planted()
    found = filter_set(kernels)
    assert np.sqrt((found.random**2).sum()) == pytest.approx(np.linalg.norm(kernels), rel=0.02)


@pytest.mark.parametrize(("least", "weights"), [(0.3, 9), (0.7, 3), (0.0, 5)])
def test_the_chance_of_a_cosine_is_that_of_random_directions(least: float, weights: int) -> None:
    drawn = RNG(2).normal(size=(200_000, weights))
    cosines = drawn[:, 0] / np.linalg.norm(drawn, axis=1)
    assert chance_of_cosine(least, weights) == pytest.approx((cosines >= least).mean(), abs=0.005)


def test_in_three_dimensions_a_cap_has_the_area_of_archimedes() -> None:
    assert chance_of_cosine(0.6, 3) == pytest.approx((1 - 0.6) / 2)


def test_the_distance_travelled_by_hand() -> None:
    """From (3, 4) to (3, 4), (6, 8) and (0, 0): 0, once its own length, and once again."""
    history = np.array([[3.0, 4], [6, 8], [0, 0]]).reshape(3, 1, 2, 1, 1)
    assert distances_from_start(history)[:, 0].tolist() == [0, 1, 1]
    assert np.isnan(distances_from_start(np.zeros((2, 1, 2, 1, 1)))).all()


def test_a_replay_shows_the_same_kernels_at_each_epoch_in_the_order_of_the_last() -> None:
    kernels = RNG(0).normal(size=(4, 3, 3, 2, 5)).astype(np.float32)
    history = KernelHistory(np.array([0, 1, 2, 7]), {"c": kernels})
    found = replay(history, "c", "norm", number=1, size=4)
    assert (found.page.number, found.page.count) == (1, 3)
    for place, (number, channel) in enumerate(
        zip(found.page.filters, found.page.channels, strict=True)
    ):
        np.testing.assert_array_equal(found.tiles[:, place], kernels[:, :, :, channel, number])
    norms = np.linalg.norm(kernels[-1].reshape(-1, 5), axis=0)
    order = np.argsort(-norms)
    assert found.page.filters == (order[2], order[2], order[3], order[3])
    assert found.page.limit == pytest.approx(np.abs(kernels).max())
    assert (found.place_of(3), found.place_of(100), found.from_first) == (2, 3, True)
    np.testing.assert_allclose(found.medians(), np.median(found.distances, axis=1))
