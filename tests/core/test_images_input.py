"""A picture as a network gets it: fitted, gray or colour, by hand-made expectations."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core.images import (
    Picture,
    area_average,
    as_network_input,
    at_own_size,
    network_input_notes,
    png_bytes,
)


def picture_of(pixels):
    pixels = np.asarray(pixels, np.float32)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    return Picture(pixels, (), "PNG", pixels.shape[:2])


def test_a_picture_of_the_right_size_stays_as_it_is():
    pixels = np.random.default_rng(0).random((28, 28, 1), np.float32)
    assert np.array_equal(as_network_input(picture_of(pixels), (28, 28, 1)), pixels)


def test_four_pixels_become_their_average():
    pixels = [[0, 1, 0, 0], [1, 0, 0, 0], [1, 1, 0.5, 0.5], [1, 1, 0, 0]]
    made = as_network_input(picture_of(pixels), (2, 2, 1))
    assert made[..., 0].tolist() == [[0.5, 0], [1, 0.25]]


def test_three_pixels_become_two_by_their_shares():
    """The middle one counts half for each side: (1 + 0.25) / 1.5 and (0.25 + 0) / 1.5."""
    made = area_average(np.float32([[[1], [0.5], [0]]]), 1, 2)
    assert np.allclose(made[0, :, 0], [1.25 / 1.5, 0.25 / 1.5])


@pytest.mark.parametrize("size", [(28, 28), (7, 61), (100, 3), (1, 1), (41, 53)])
def test_the_mean_is_kept_whatever_the_size(size):
    pixels = np.random.default_rng(0).random((41, 53, 3), np.float32)
    made = area_average(pixels, *size)
    assert made.shape == (*size, 3)
    assert np.allclose(made.mean(axis=(0, 1)), pixels.mean(axis=(0, 1)), atol=1e-6)


def test_whole_factors_agree_with_pillow():
    levels = np.random.default_rng(0).integers(0, 256, (60, 90), np.uint8)
    by_pillow = np.asarray(Image.fromarray(levels.astype(np.float32)).reduce((3, 2)))
    made = area_average(levels[..., None].astype(np.float32) / 255, 30, 30)
    assert np.allclose(made[..., 0] * 255, by_pillow, atol=1e-3)


def test_enlarging_repeats_pixels():
    made = area_average(np.float32([[[0.25], [0.75]]]), 2, 4)
    assert made[..., 0].tolist() == [[0.25, 0.25, 0.75, 0.75]] * 2


def test_a_wide_picture_gets_margins_of_its_border_colour_above_and_below():
    """56x28 becomes 28x14, with 7 rows above and 7 below; the border is 0.25 all around."""
    pixels = np.full((28, 56), 0.25)
    pixels[10:18, 20:36] = 1
    made = as_network_input(picture_of(pixels), (28, 28, 1))[..., 0]
    assert np.all(made[:7] == 0.25)
    assert np.all(made[21:] == 0.25)
    assert np.argwhere(made == 1).min(axis=0).tolist() == [12, 10]
    assert np.argwhere(made == 1).max(axis=0).tolist() == [15, 17]


def test_a_square_stays_a_square_in_a_tall_picture():
    pixels = np.zeros((80, 40))
    pixels[32:52, 8:28] = 1
    made = as_network_input(picture_of(pixels), (20, 20, 1))[..., 0]
    lit = np.argwhere(made == 1)
    assert (np.ptp(lit, axis=0) + 1).tolist() == [5, 5]


def test_a_thin_line_of_a_picture_still_leaves_a_pixel():
    assert as_network_input(picture_of(np.ones((8, 4000))), (28, 28, 1)).min() == 1


@pytest.mark.parametrize(
    ("colour", "gray"),
    [((1, 0, 0), 0.299), ((0, 1, 0), 0.587), ((0, 0, 1), 0.114), ((1, 1, 1), 1.0)],
)
def test_gray_is_the_luma_of_rec_601(colour, gray):
    pixels = np.broadcast_to(np.float32(colour), (8, 8, 3))
    made = as_network_input(picture_of(pixels), (8, 8, 1))
    assert made.shape == (8, 8, 1)
    assert np.allclose(made, gray, atol=1e-6)
    assert made.max() <= 1


def test_gray_pictures_fill_three_channels_alike():
    made = as_network_input(picture_of(np.full((8, 8), 0.25)), (8, 8, 3))
    assert made.shape == (8, 8, 3)
    assert np.all(made == 0.25)


def test_inverting_exchanges_dark_and_light_margin_and_all():
    pixels = np.ones((28, 14))
    pixels[5:9, 5:9] = 0
    plain = as_network_input(picture_of(pixels), (28, 28, 1))
    inverted = as_network_input(picture_of(pixels), (28, 28, 1), invert=True)
    assert np.allclose(inverted, 1 - plain)
    assert inverted[:, :7].max() == 0


def test_the_input_is_float32_in_zero_to_one():
    pixels = np.ones((301, 203, 3), np.float32)
    made = as_network_input(picture_of(pixels), (28, 28, 1))
    assert made.dtype == np.float32
    assert made.max() <= 1
    assert np.allclose(made, 1, atol=1e-6)


def test_two_channels_are_nothing_a_picture_can_be():
    with pytest.raises(ValueError, match="channels=2"):
        as_network_input(picture_of(np.zeros((8, 8))), (8, 8, 2))


def test_every_change_is_told():
    pixels = np.zeros((20, 40, 3))
    assert network_input_notes(picture_of(pixels), (28, 28, 1), invert=True) == (
        "Colours became gray: 0.299 red + 0.587 green + 0.114 blue.",
        "The whole picture was fitted into 28x28 without distortion, each new pixel being the "
        "average of the area it covers.",
        "The margin above and below has the colour of the picture's border.",
        "Dark and light were exchanged.",
    )


def test_nothing_is_told_where_nothing_changed():
    assert network_input_notes(picture_of(np.zeros((28, 28))), (28, 28, 1)) == ()


def test_a_small_picture_is_had_at_its_own_size():
    pixels = np.random.default_rng(0).random((40, 30, 3), np.float32)
    assert np.array_equal(at_own_size(picture_of(pixels), 3), pixels)


def test_a_large_picture_is_reduced_in_proportion():
    made = at_own_size(picture_of(np.ones((300, 400, 3))), 1, most_pixels=30_000)
    assert made.shape == (150, 200, 1)
    assert np.allclose(made, 1)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4)])
def test_png_bytes_hold_the_image(shape):
    levels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    for image in (levels, levels.astype(np.float32) / 255):
        with Image.open(io.BytesIO(png_bytes(image)), formats=["PNG"]) as read:
            assert np.array_equal(np.asarray(read).reshape(shape), levels)
