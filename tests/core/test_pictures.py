"""The pictures that come along: patterns by their formulas, photographs as scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.datasets

from core.errors import LearnscopeError
from core.images import BUILT_IN, built_in_picture


def drawn(key, rows=28, columns=28):
    return built_in_picture(key, rows, columns).pixels[..., 0]


def test_every_picture_can_be_had_and_has_words():
    for key, words in BUILT_IN.items():
        picture = built_in_picture(key)
        assert picture.pixels.dtype == np.float32
        assert picture.original_size == picture.pixels.shape[:2]
        assert words.title
        assert words.what.endswith(".")
    assert len({words.title for words in BUILT_IN.values()}) == len(BUILT_IN)


def test_vertical_stripes_are_four_columns_wide_at_28():
    row = [0] * 4 + [1] * 4 + [0] * 4 + [1] * 4 + [0] * 4 + [1] * 4 + [0] * 4
    assert drawn("stripes-vertical").tolist() == [row] * 28


def test_horizontal_stripes_are_the_vertical_ones_turned():
    assert np.array_equal(drawn("stripes-horizontal"), drawn("stripes-vertical").T)


def test_diagonal_stripes_rise_to_the_right():
    """One step up and one to the right leads along a bar."""
    pixels = drawn("stripes-diagonal")
    assert np.array_equal(pixels[1:, :-1], pixels[:-1, 1:])
    assert pixels[0, :9].tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 0]


def test_neighbours_on_the_checkerboard_differ():
    pixels = drawn("checkerboard")
    assert np.array_equal(pixels[4:], 1 - pixels[:-4])
    assert np.array_equal(pixels[:, 4:], 1 - pixels[:, :-4])
    assert pixels[0, 0] == 0


def test_the_circle_is_round_and_has_its_area():
    pixels = drawn("circle", 200, 200)
    assert np.array_equal(pixels, pixels[::-1])
    assert np.array_equal(pixels, pixels.T)
    assert abs(pixels.sum() / (np.pi * 70**2) - 1) < 0.01
    assert (pixels[100, 31], pixels[100, 29]) == (1, 0)


@pytest.mark.parametrize("key", [key for key in BUILT_IN if not BUILT_IN[key].photograph])
@pytest.mark.parametrize("size", [(8, 8), (28, 28), (32, 32), (33, 50), (256, 256)])
def test_patterns_are_crisp_at_any_size(key, size):
    assert drawn(key, *size).shape == size
    assert set(np.unique(drawn(key, *size))) == {0, 1}


@pytest.mark.parametrize("key", ["china", "flower"])
def test_photographs_are_those_of_scikit_learn(key):
    published = sklearn.datasets.load_sample_image(f"{key}.jpg")
    assert np.array_equal(built_in_picture(key).pixels, published / np.float32(255))


def test_an_unknown_picture_is_refused_in_a_sentence():
    with pytest.raises(LearnscopeError, match="Received: lena"):
        built_in_picture("lena")
