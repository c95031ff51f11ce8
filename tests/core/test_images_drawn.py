"""Drawn digits in the data set's form, against drawings whose place and size are known."""

from __future__ import annotations

import numpy as np
import pytest

from core.data import load
from core.errors import LearnscopeError
from core.images import BOXES, drawn_digit, light_on_dark

SHAPE = (28, 28, 1)


def paper(top: int, left: int, rows: int, columns: int) -> np.ndarray:
    """White paper of 280 x 280 with a black rectangle."""
    drawn = np.ones((280, 280, 1), np.float32)
    drawn[top : top + rows, left : left + columns] = 0
    return drawn


@pytest.mark.parametrize("place", [(0, 0), (30, 170), (180, 240)])
def test_a_bar_comes_out_twenty_pixels_high_in_the_middle_wherever_it_was_drawn(place):
    got = drawn_digit(paper(*place, 100, 20), SHAPE, 20)[:, :, 0]
    expected = np.zeros((28, 28), np.float32)
    expected[4:24, 12:16] = 1  # 100 x 20 in a box of 20: 20 x 4
    np.testing.assert_array_equal(got, expected)


def test_the_centre_of_mass_comes_to_the_middle_not_the_box():
    drawn = paper(100, 100, 100, 20) * paper(180, 100, 20, 100)  # an L: heavy below and left
    got = drawn_digit(drawn, SHAPE, 20)[:, :, 0]
    rows, columns = np.indices(got.shape)
    centre = [float((axis * got).sum() / got.sum()) for axis in (rows, columns)]
    assert np.abs(np.array(centre) - 13.5).max() <= 0.5
    assert np.flatnonzero(got.any(axis=1))[0] < 4  # the box itself has moved up


def test_white_chalk_and_black_ink_come_out_alike():
    drawn = paper(50, 60, 100, 40)
    np.testing.assert_array_equal(drawn_digit(drawn, SHAPE, 20), drawn_digit(1 - drawn, SHAPE, 20))


def test_gray_paper_becomes_black():
    got = light_on_dark(paper(50, 60, 100, 40) * 0.8)
    assert got[0, 0, 0] == 0 and got[60, 70, 0] == 1


def test_a_digit_of_mnist_itself_stays_as_it_is_but_for_a_pixel():
    """MNIST's own digits, drawn ten times as large anywhere, are brought back to their place."""
    digits = load("mnist-5k").images[::600]
    for digit in digits:
        large = np.kron(1 - digit[:, :, 0], np.ones((10, 10)))[:, :, None].astype(np.float32)
        got = drawn_digit(np.roll(large, 13, axis=1), SHAPE, BOXES["mnist-5k"])
        shifts = [np.roll(digit, (r, c), (0, 1)) for r in (-1, 0, 1) for c in (-1, 0, 1)]
        likeness = max(np.corrcoef(got.ravel(), one.ravel())[0, 1] for one in shifts)
        assert likeness > 0.9


def test_the_smaller_digits_fill_their_image():
    got = drawn_digit(paper(10, 10, 80, 40), (8, 8, 1), BOXES["digits"])[:, :, 0]
    np.testing.assert_array_equal(got.any(axis=1), True)
    assert got.any(axis=0).sum() == 4


def test_empty_paper_is_refused_in_words():
    with pytest.raises(LearnscopeError, match="empty paper"):
        drawn_digit(np.ones((280, 280, 1), np.float32), SHAPE, 20)
