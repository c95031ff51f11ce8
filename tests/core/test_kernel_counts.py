"""Counts of weights on the grid that all runs share, against NumPy's own histogram."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import LearnscopeError
from core.inside.kernel_counts import FARTHEST, WIDTH, Counts, by_epoch, counted
from core.inside.kernel_history import FEWEST, GrowingKernels, KernelHistory, read_kernel_history

RNG = np.random.default_rng(4)
GRID = (np.arange(-FARTHEST, FARTHEST + 2) - 0.5) * WIDTH


def on_whole_grid(one: Counts) -> np.ndarray:
    """The counts from the lowest to the highest bin that there is."""
    whole = np.zeros(2 * FARTHEST + 1, int)
    whole[one.first + FARTHEST :][: len(one.counts)] = one.counts
    return whole


def dense(epoch: int, size: int = 40) -> dict[str, np.ndarray]:
    """A kernel that spreads from epoch to epoch, and another one."""
    rng = np.random.default_rng(epoch)
    return {
        "dense": rng.normal(0, 0.01 * (epoch + 1), (size, 10)).astype(np.float32),
        "classes": rng.normal(0, 0.1, (10, 4)).astype(np.float32),
    }


def grown(epochs: int, most: int = 64, earlier: KernelHistory | None = None) -> GrowingKernels:
    growing = GrowingKernels(earlier, most)
    for epoch in range(0 if earlier is None else int(earlier.epochs[-1]) + 1, epochs + 1):
        growing.add(epoch, {"conv_1": np.full((3, 3, 1, 2), epoch, np.float32)}, None, dense(epoch))
    return growing


def assert_same(history: KernelHistory, other: KernelHistory) -> None:
    assert history.epochs.tolist() == other.epochs.tolist()
    assert list(history.counts) == list(other.counts) == ["dense", "classes"]
    for layer, counts in history.counts.items():
        theirs = other.counts[layer]
        assert (counts.first, counts.weights) == (theirs.first, theirs.weights)
        assert counts.counts.dtype == theirs.counts.dtype
        np.testing.assert_array_equal(counts.counts, theirs.counts)
        np.testing.assert_array_equal(counts.spreads, theirs.spreads)


@pytest.mark.parametrize("size", [1, 7, 2**15, 200_832])
@pytest.mark.parametrize("spread", [1e-6, 0.06, 0.4])
def test_each_weight_is_in_the_bin_in_which_numpy_finds_it(size: int, spread: float) -> None:
    kernel = RNG.normal(0, spread, (size, 1)).astype(np.float32)
    one = counted(np.clip(kernel, -1.9, 1.9))
    expected = np.histogram(np.clip(kernel, -1.9, 1.9).astype(np.float64), GRID)[0]
    np.testing.assert_array_equal(on_whole_grid(one), expected)
    assert one.counts[0] and one.counts[-1] and one.weights == size


def test_a_weight_on_an_edge_or_one_rounding_from_it_goes_where_numpy_puts_it() -> None:
    """Every edge of the grid, and its neighbours among the numbers of single precision."""
    edges = GRID[1:-1].astype(np.float32)
    kernel = np.concatenate(
        [edges, np.nextafter(edges, np.float32(9)), np.nextafter(edges, np.float32(-9))]
    )
    expected = np.histogram(kernel.astype(np.float64), GRID)[0]
    np.testing.assert_array_equal(on_whole_grid(counted(kernel)), expected)


def test_by_hand_the_middle_bin_is_around_zero() -> None:
    one = counted(np.float32([0, 0.49 * WIDTH, -0.49 * WIDTH, 0.51 * WIDTH, -WIDTH, -WIDTH]))
    assert (one.first, one.counts.tolist()) == (-1, [2, 3, 1])


def test_the_spread_is_numpys_of_the_weights_themselves() -> None:
    kernel = (1 + RNG.normal(0, 1e-4, 50_000)).astype(np.float32)
    assert counted(kernel).spread == pytest.approx(kernel.astype(np.float64).std(), rel=1e-9)


def test_what_lies_beyond_the_grid_is_in_its_outermost_bins() -> None:
    one = counted(np.float32([-1e30, -2.0, 2.0, 5.0, 3e38, 0.0]))
    assert (one.first, one.counts.size) == (-FARTHEST, 2 * FARTHEST + 1)
    assert (one.counts[0], one.counts[FARTHEST], one.counts[-1]) == (2, 1, 3)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_in_no_bin_and_leave_no_spread(wrong: float) -> None:
    one = counted(np.float32([wrong, 0, 0, WIDTH]))
    assert (one.first, one.counts.tolist(), one.weights) == (0, [2, 1], 4)
    assert np.isnan(one.spread)
    none = counted(np.float32([wrong, wrong]))
    assert (none.counts.tolist(), none.weights) == ([], 2)
    both = by_epoch([none, one])
    assert (both.first, both.counts.tolist()) == (0, [[0, 0], [2, 1]])


def test_a_history_counts_each_epoch_and_takes_no_more_bins_than_are_used(tmp_path: Path) -> None:
    growing = grown(3)
    growing.write(tmp_path / "kernels.npz")
    history = read_kernel_history(tmp_path / "kernels.npz")
    assert_same(history, growing.history())
    counts = history.counts["dense"]
    for epoch, one in enumerate(counts.moments()):
        kernel = dense(epoch)["dense"].astype(np.float64)
        np.testing.assert_array_equal(on_whole_grid(one), np.histogram(kernel, GRID)[0])
        assert one.spread == pytest.approx(kernel.std(), rel=1e-12)
    assert counts.counts[:, 0].any() and counts.counts[:, -1].any()
    assert counts.counts.dtype == np.uint8
    assert counts.weights == 400


def test_thinning_thins_the_counts_as_well() -> None:
    """By hand, for at most four snapshots: of nine epochs 0, 4, 8 and 9 stay."""
    history = grown(9, most=4).history()
    assert history.epochs.tolist() == [0, 4, 8, 9]
    expected = [counted(dense(epoch)["dense"]).spread for epoch in (0, 4, 8, 9)]
    assert history.counts["dense"].spreads.tolist() == expected
    assert history.counts["dense"].counts.sum(axis=1).tolist() == [400] * 4


@pytest.mark.parametrize("cut", [0, 1, 5, 9])
def test_a_training_that_went_on_has_the_counts_of_one_in_a_single_piece(
    cut: int, tmp_path: Path
) -> None:
    """Also when its file reaches further than the state from which it goes on."""
    grown(cut + 2, most=6).write(tmp_path / "kernels.npz")
    earlier = read_kernel_history(tmp_path / "kernels.npz").until(cut)
    assert_same(grown(20, 6, earlier).history(), grown(20, 6).history())


def test_a_file_of_an_earlier_version_has_no_counts_and_gets_none_later(tmp_path: Path) -> None:
    growing = GrowingKernels()
    growing.add(0, {"conv_1": np.zeros((3, 3, 1, 2), np.float32)})
    growing.write(tmp_path / "kernels.npz")
    earlier = read_kernel_history(tmp_path / "kernels.npz")
    assert earlier.counts == {}
    again = grown(3, earlier=earlier).history()
    assert again.epochs.tolist() == [0, 1, 2, 3]
    assert again.counts == {}


def test_an_earlier_version_takes_nothing_in_the_file_for_its_own(tmp_path: Path) -> None:
    """It asks for names that begin with "kernels of ", or are "other ... of ..."."""
    grown(2).write(tmp_path / "kernels.npz")
    with np.load(tmp_path / "kernels.npz") as file:
        names = set(file.files)
    new = {f"{what} of {name}" for what in ("counts", "spreads", "grid") for name in dense(0)}
    assert names == {"epochs", "left_out", "kernels of conv_1"} | new


def test_a_convolution_that_is_too_large_to_be_kept_is_counted() -> None:
    small = np.ones((3, 3, 1, 2), np.float32)
    growing = GrowingKernels(budget=FEWEST * small.nbytes)
    for epoch in range(2):
        growing.add(epoch, {"conv_1": small, "conv_2": np.ones((3, 3, 2, 2), np.float32)})
    history = growing.history()
    assert history.left_out == ("conv_2",)
    assert history.counts["conv_2"].counts.tolist() == [[36], [36]]


@pytest.mark.parametrize(
    "damage",
    [
        {"counts of dense": np.ones((2, 3), np.uint8)},
        {"counts of dense": np.ones((3, 3))},
        {"spreads of dense": np.ones(2)},
        {"grid of dense": np.array([FARTHEST, 400])},
        {"grid of dense": np.array([0])},
        {"counts of lost": np.ones((3, 3), np.uint8)},
    ],
)
def test_counts_that_cannot_be_are_no_history(
    damage: dict[str, np.ndarray], tmp_path: Path
) -> None:
    path = tmp_path / "kernels.npz"
    grown(2).write(path)
    with np.load(path) as file:
        named = {name: file[name] for name in file.files}
    np.savez(path, **(named | damage))
    with pytest.raises(LearnscopeError, match="cannot be read"):
        read_kernel_history(path)
