"""The history of kernels: its snapshots, its bounds, its file; and how far a kernel came."""

from __future__ import annotations

import math
import threading
from pathlib import Path

import numpy as np
import pytest

from core.errors import LearnscopeError
from core.inside.kernel_history import (
    FEWEST,
    GrowingKernels,
    KernelHistory,
    read_kernel_history,
)
from core.inside.kernel_movement import movement

SHAPE = (3, 3, 1, 2)


def kernel(value: float, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.full(shape, value, np.float32)


def grown(epochs: int, most: int = 64, earlier: KernelHistory | None = None) -> GrowingKernels:
    """Kernels whose numbers are that of their epoch."""
    growing = GrowingKernels(earlier, most)
    for epoch in range(0 if earlier is None else int(earlier.epochs[-1]) + 1, epochs + 1):
        growing.add(epoch, {"conv_1": kernel(epoch), "conv_2": kernel(-epoch)})
    return growing


def values(history: KernelHistory, layer: str = "conv_1") -> list[float]:
    assert history.kernels[layer].shape == (len(history.epochs), *SHAPE)
    return history.kernels[layer][:, 0, 0, 0, 0].tolist()


def test_a_short_run_keeps_the_first_weights_and_every_epoch() -> None:
    history = grown(5).history()
    assert history.epochs.tolist() == [0, 1, 2, 3, 4, 5]
    assert values(history) == [0, 1, 2, 3, 4, 5]
    assert values(history, "conv_2") == [0, -1, -2, -3, -4, -5]
    assert history.kernels["conv_1"].dtype == np.float32


def test_when_full_every_other_goes_and_the_last_always_stays() -> None:
    """By hand, for at most four: 0 1 2 3, then 0 2 4, 0 2 4 5, 0 2 4 6, then 0 4 7, 0 4 8."""
    kept = [grown(epochs, most=4).history().epochs.tolist() for epochs in range(3, 10)]
    assert kept == [
        [0, 1, 2, 3],
        [0, 2, 4],
        [0, 2, 4, 5],
        [0, 2, 4, 6],
        [0, 4, 7],
        [0, 4, 8],
        [0, 4, 8, 9],
    ]


def test_a_long_run_holds_between_half_and_all_of_its_room_evenly() -> None:
    history = grown(1000).history()
    assert 32 <= len(history.epochs) <= 64
    assert (history.epochs[0], history.epochs[-1]) == (0, 1000)
    assert set(np.diff(history.epochs)[:-1]) == {16}
    assert values(history) == history.epochs.tolist()


@pytest.mark.parametrize("cut", [0, 1, 7, 30, 64, 65, 99, 150])
def test_a_training_that_went_on_keeps_what_one_in_a_single_piece_keeps(cut: int) -> None:
    """Cut after any epoch, also a kept one that the thinning later drops."""
    first = grown(cut).history()
    again, whole = grown(200, earlier=first).history(), grown(200).history()
    assert again.epochs.tolist() == whole.epochs.tolist()
    assert values(again) == values(whole)


def test_what_is_cut_off_after_an_epoch_has_no_later_one() -> None:
    history = grown(6).history().until(4)
    assert history.epochs.tolist() == [0, 1, 2, 3, 4]
    assert values(history, "conv_2") == [0, -1, -2, -3, -4]


def test_an_epoch_that_is_made_again_replaces_itself_and_what_came_after() -> None:
    growing = grown(6)
    growing.add(4, {"conv_1": kernel(40), "conv_2": kernel(-40)})
    history = growing.history()
    assert history.epochs.tolist() == [0, 1, 2, 3, 4]
    assert values(history) == [0, 1, 2, 3, 40]


def test_later_growth_does_not_change_what_was_read() -> None:
    growing = grown(3)
    history = growing.history()
    growing.add(4, {"conv_1": kernel(4), "conv_2": kernel(-4)})
    assert history.epochs.tolist() == [0, 1, 2, 3]


def test_large_kernels_get_fewer_snapshots_within_the_bytes() -> None:
    growing = GrowingKernels(budget=10 * kernel(0).nbytes)
    for epoch in range(100):
        growing.add(epoch, {"conv_1": kernel(epoch)})
    history = growing.history()
    assert len(history.epochs) <= 10
    assert history.kernels["conv_1"].nbytes <= 10 * kernel(0).nbytes
    assert history.left_out == ()


def test_layers_too_large_for_a_few_snapshots_are_left_out_by_name() -> None:
    """Also those after them, so that what is there is the beginning of the network."""
    growing = GrowingKernels(budget=FEWEST * kernel(0).nbytes)
    one, large = kernel(1), kernel(1, (3, 3, 2, 2))
    growing.add(0, {"conv_1": one, "conv_2": large, "conv_3": one})
    history = growing.history()
    assert list(history.kernels) == ["conv_1"]
    assert history.left_out == ("conv_2", "conv_3")


def test_the_file_gives_all_of_it_back(tmp_path: Path) -> None:
    growing = GrowingKernels(budget=FEWEST * kernel(0).nbytes)
    numbers = np.random.default_rng(0).normal(size=(2, *SHAPE)).astype(np.float32)
    numbers[1, 0, 0, 0, 0] = np.nan
    for epoch in range(2):
        growing.add(epoch, {"conv_1": numbers[epoch], "conv_2": kernel(0, (3, 3, 2, 9))})
    growing.write(tmp_path / "kernels.npz")
    history = read_kernel_history(tmp_path / "kernels.npz")
    assert history.epochs.tolist() == [0, 1]
    assert list(history.kernels) == ["conv_1"]
    np.testing.assert_array_equal(history.kernels["conv_1"], numbers)
    assert history.left_out == ("conv_2",)


def test_a_network_without_convolutions_has_an_empty_history(tmp_path: Path) -> None:
    growing = GrowingKernels()
    growing.add(0, {})
    growing.write(tmp_path / "kernels.npz")
    assert read_kernel_history(tmp_path / "kernels.npz").kernels == {}


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "kernels.npz"
    grown(5).write(path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0x10
    for damaged in (whole[:-50], bytes(flipped), b"", b"not an archive"):
        path.write_bytes(damaged)
        with pytest.raises(LearnscopeError, match=r"Received: kernels\.npz, which cannot be read"):
            read_kernel_history(path)


def test_a_file_that_holds_objects_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "kernels.npz"
    objects = np.array([{"a": 1}], dtype=object)
    np.savez(path, epochs=objects, left_out=objects)
    with pytest.raises(LearnscopeError, match="cannot be read"):
        read_kernel_history(path)


def test_one_thread_may_write_the_file_while_another_appends(tmp_path: Path) -> None:
    growing, done = GrowingKernels(), threading.Event()

    def train() -> None:
        for epoch in range(400):
            growing.add(epoch, {"conv_1": kernel(epoch)})
        done.set()

    thread = threading.Thread(target=train)
    thread.start()
    while not done.is_set():
        growing.write(tmp_path / "kernels.npz")
        history = read_kernel_history(tmp_path / "kernels.npz")
        if len(history.epochs):
            assert values(history) == history.epochs.tolist()
    thread.join()


def test_the_movement_of_a_kernel_by_hand() -> None:
    """From (1, 2) to (3, 4): norm 5, way the root of 8."""
    norm, change = movement(np.float32([[1], [2]]), np.float32([[3], [4]]))
    assert norm == 5
    assert change == pytest.approx(math.sqrt(8) / 5, rel=1e-6)


@pytest.mark.parametrize("value", [0.0, 1e-3])
def test_an_unmoved_kernel_has_change_0(value: float) -> None:
    assert movement(kernel(value), kernel(value))[1] == 0


def test_a_kernel_that_fell_to_nothing_has_an_infinite_change() -> None:
    assert movement(kernel(1), kernel(0)) == (0, math.inf)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_kernel_that_is_no_number_has_no_change(value: float) -> None:
    assert math.isnan(movement(kernel(value), kernel(value))[1])


def with_others(epochs: int, earlier: KernelHistory | None = None) -> GrowingKernels:
    growing = GrowingKernels(earlier)
    for epoch in range(0 if earlier is None else int(earlier.epochs[-1]) + 1, epochs + 1):
        others = {"conv_1": {"bias": np.full(2, epoch, np.float32)}, "n of m": {"gamma": GAMMA}}
        growing.add(epoch, {"conv_1": kernel(epoch)}, others)
    return growing


GAMMA = np.float32([1, 2])


def test_biases_and_normalizations_come_back_from_the_file_by_layer_and_name(
    tmp_path: Path,
) -> None:
    with_others(2).write(tmp_path / "kernels.npz")
    history = read_kernel_history(tmp_path / "kernels.npz")
    assert not history.kernels_only
    assert history.others["conv_1"]["bias"].tolist() == [[0, 0], [1, 1], [2, 2]]
    assert history.others["n of m"]["gamma"].tolist() == [[1, 2]] * 3
    assert history.until(1).others["conv_1"]["bias"].tolist() == [[0, 0], [1, 1]]


def test_a_training_that_goes_on_keeps_the_biases_of_before() -> None:
    again = with_others(3, with_others(1).history()).history()
    assert again.others["conv_1"]["bias"][:, 0].tolist() == [0, 1, 2, 3]


def test_a_file_of_an_earlier_version_is_read_and_stays_kernels_only(tmp_path: Path) -> None:
    """Also when its training goes on with a version that records more."""
    grown(2).write(tmp_path / "kernels.npz")
    earlier = read_kernel_history(tmp_path / "kernels.npz")
    assert earlier.kernels_only
    growing = GrowingKernels(earlier)
    growing.add(3, {"conv_1": kernel(3), "conv_2": kernel(-3)}, {"conv_1": {"bias": GAMMA}})
    assert growing.history().kernels_only
    assert values(growing.history()) == [0, 1, 2, 3]


def test_biases_of_another_number_of_moments_are_no_history(tmp_path: Path) -> None:
    history = with_others(2).history()
    named = {"kernels of conv_1": history.kernels["conv_1"], "other bias of conv_1": GAMMA}
    np.savez(tmp_path / "kernels.npz", epochs=history.epochs, left_out=np.array([], str), **named)
    with pytest.raises(LearnscopeError, match="cannot be read"):
        read_kernel_history(tmp_path / "kernels.npz")
