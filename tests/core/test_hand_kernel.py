"""Kernels made by hand: their starts, what is refused, what their sum means, where they are put."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import LearnscopeError
from core.inside.hand_kernel import (
    as_read,
    as_written,
    checked_hand_kernel,
    classic_starts,
    put_in_place,
    put_in_words,
    sum_in_words,
)

SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]


def test_the_first_start_is_sobel_as_the_textbook_writes_it() -> None:
    starts = classic_starts(3, 3)
    name, kernel = next(iter(starts.items()))
    assert name == "Sobel, vertical edges"
    np.testing.assert_array_equal(kernel, SOBEL)
    np.testing.assert_array_equal(starts["Sobel, horizontal edges"], np.array(SOBEL).T[::-1])


def test_the_other_classic_kernels_are_those_of_the_textbook() -> None:
    starts = classic_starts(3, 3)
    np.testing.assert_array_equal(
        starts["Prewitt, vertical edges"], np.outer([1, 1, 1], [-1, 0, 1])
    )
    np.testing.assert_array_equal(
        starts["Scharr, vertical edges"], np.outer([3, 10, 3], [-1, 0, 1])
    )
    np.testing.assert_array_equal(np.abs(starts["Laplacian"]), [[0, 1, 0], [1, 4, 1], [0, 1, 0]])
    np.testing.assert_allclose(starts["Blur"], np.full((3, 3), 1 / 9))
    np.testing.assert_allclose(starts["Gaussian"], np.outer([1, 2, 1], [1, 2, 1]) / 16)
    np.testing.assert_allclose(starts["Identity"], [[0, 0, 0], [0, 1, 0], [0, 0, 0]])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_every_size_has_a_start_of_finite_numbers(size: int) -> None:
    for kernel in classic_starts(size, size).values():
        assert kernel.shape == (size, size) and np.isfinite(kernel).all()


def typed(text: str | None) -> np.ndarray:
    """What is read where a grid of 1/3 has this in row 1, column 2."""
    start = np.full((3, 3), 1 / 3)
    cells = as_written(start)
    cells[1, 2] = text
    return as_read(cells, start)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1e-3", 0.001), (" -2.5 ", -2.5), ("\N{MINUS SIGN}1", -1), ("1000", 1000), ("0.3333", 1 / 3)],
)
def test_a_number_that_is_typed_is_read_and_the_others_keep_all_digits(
    text: str, number: float
) -> None:
    expected = np.full((3, 3), 1 / 3)
    expected[1, 2] = number
    np.testing.assert_array_equal(typed(text), expected)


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("1e30", "1e+30 in"),
        ("-1001", "-1001 in"),
        ("inf", "inf in"),
        ("nan", "“nan” in"),
        ("12abc", "“12abc” in"),
        ("1,5", "“1,5” in"),
        ("", "an empty cell in"),
        (None, "an empty cell in"),
    ],
)
def test_what_cannot_be_a_number_of_the_kernel_is_refused_in_words(
    text: str | None, received: str
) -> None:
    with pytest.raises(LearnscopeError, match="row 1, column 2") as refused:
        typed(text)
    assert f"Received: {received}" in str(refused.value)


def test_a_grid_of_numbers_is_taken_as_it_is() -> None:
    np.testing.assert_array_equal(checked_hand_kernel(SOBEL), SOBEL)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (None, "an empty cell in row 1, column 2"),
        (float("nan"), "an empty cell in row 1, column 2"),
        (float("inf"), "inf in row 1, column 2"),
        (-1000.5, "-1000.5 in row 1, column 2"),
    ],
)
def test_what_is_no_number_of_a_kernel_is_refused_with_its_place(
    cell: float | None, words: str
) -> None:
    grid: list[list[float | None]] = [[0.0] * 3 for _ in range(3)]
    grid[1][2] = cell
    with pytest.raises(LearnscopeError, match=words):
        checked_hand_kernel(grid)


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (SOBEL, "The sum is 0: flat gray gives 0"),
        (np.full((3, 3), 1 / 9), "flat gray stays as gray as it is"),
        (np.full((3, 3), 1.0), "9 times as bright, that is brighter"),
        (np.full((1, 1), 0.5), "0.5 times as bright, that is darker"),
        (-np.ones((3, 3)), "comes out negative"),
        (np.zeros((3, 3)), "whatever the image"),
    ],
)
def test_the_sum_says_what_becomes_of_flat_gray(kernel: np.ndarray, words: str) -> None:
    assert words in sum_in_words(np.array(kernel, float))


@pytest.fixture
def learned() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(3, 3, 2, 4)).astype(np.float32)


def test_one_kernel_is_replaced_at_the_norm_of_the_learned_one(learned: np.ndarray) -> None:
    before = learned.copy()
    new = put_in_place(learned, np.array(SOBEL, float), 2, 1, scaled=True)
    put = new[:, :, 1, 2]
    # Sobel's numbers squared: 4 ones and 2 fours, 12.
    np.testing.assert_allclose(
        put, np.array(SOBEL) / np.sqrt(12) * np.linalg.norm(learned[:, :, 1, 2]), rtol=1e-6
    )
    new[:, :, 1, 2] = learned[:, :, 1, 2]
    np.testing.assert_array_equal(new, learned)
    np.testing.assert_array_equal(learned, before)


def test_unscaled_the_numbers_are_put_in_as_they_are(learned: np.ndarray) -> None:
    new = put_in_place(learned, np.array(SOBEL, float), 0, 0, scaled=False)
    np.testing.assert_array_equal(new[:, :, 0, 0], SOBEL)


def test_a_whole_filter_gets_it_in_every_channel_at_the_norm_of_the_filter(
    learned: np.ndarray,
) -> None:
    new = put_in_place(learned, np.array(SOBEL, float), 3, None, scaled=True)
    np.testing.assert_array_equal(new[:, :, 0, 3], new[:, :, 1, 3])
    assert np.linalg.norm(new[..., 3]) == pytest.approx(np.linalg.norm(learned[..., 3]))
    np.testing.assert_array_equal(new[..., :3], learned[..., :3])


def test_a_kernel_of_another_size_is_refused(learned: np.ndarray) -> None:
    with pytest.raises(LearnscopeError, match=r"3x3 numbers.*5x5"):
        put_in_place(learned, np.ones((5, 5)), 0, 0, scaled=True)


@pytest.mark.parametrize("scaled", [True, False])
def test_a_kernel_in_its_own_place_changes_no_bit(learned: np.ndarray, scaled: bool) -> None:
    own = learned[:, :, 1, 2].astype(np.float64)
    np.testing.assert_array_equal(put_in_place(learned, own, 2, 1, scaled), learned)


def test_words_say_where_and_how_strong(learned: np.ndarray) -> None:
    sobel = np.array(SOBEL, float)
    learned[:, :, 1, 2] = 1
    one = put_in_words(learned, put_in_place(learned, sobel, 2, 1, True), 2, 1, True)
    assert "filter 2, input channel 1; its other kernel stays; scaled to the norm" in one
    assert "what was learned, 3." in one
    plain = put_in_words(learned, put_in_place(learned, sobel, 2, 1, False), 2, 1, False)
    assert "a norm of 3.46 (learned: 3)" in plain
