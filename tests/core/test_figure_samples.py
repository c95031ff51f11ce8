"""The grid of samples, from a look made by hand: 2 classes, 8x8 images, one label wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.data import DataLook
from core.figures.samples import sample_grid, sample_grid_alt

VERMILLION = [0xD5, 0x5E, 0x00, 255]


def a_look(channels=1):
    white, black = (np.full((1, 8, 8, channels), level, np.float32) for level in (1, 0))
    return DataLook(
        class_names=("cat", "Ankle boot"),
        samples=(np.concatenate([white, white, white]), black),
        sample_is_wrong=(np.array([False, False, True]), np.array([False])),
        counts_as_learnt=np.array([3, 1]),
        true_counts=np.array([2, 2]),
        image_shape=(8, 8, channels),
        training_images=4,
        wrong_labels=1,
        value_range=(0.0, 1.0),
        mean=0.75,
    )


def pixels_of(grid, colour):
    return np.argwhere((grid == np.array(colour)).all(axis=2))


def test_every_sample_is_enlarged_by_a_whole_factor_in_the_row_of_its_class():
    """8 pixels a side become 48; three white samples above, a black one below."""
    grid = sample_grid(a_look())
    assert grid.dtype == np.uint8
    assert len(pixels_of(grid, [255, 255, 255, 255])) == 3 * 48 * 48
    assert len(pixels_of(grid, [0, 0, 0, 255])) == 48 * 48
    lowest_white = pixels_of(grid, [255, 255, 255, 255])[:, 0].max()
    assert pixels_of(grid, [0, 0, 0, 255])[:, 0].min() > lowest_white


def test_a_wrong_label_is_framed_and_others_are_not():
    grid = sample_grid(a_look())
    frame = pixels_of(grid, VERMILLION)
    assert len(frame) == 52 * 52 - 48 * 48
    third_sample = pixels_of(grid, [255, 255, 255, 255])[:, 1].max()
    assert frame[:, 1].max() == third_sample + 2
    honest = replace(a_look(), sample_is_wrong=(np.zeros(3, bool), np.zeros(1, bool)))
    assert len(pixels_of(sample_grid(honest), VERMILLION)) == 0


def test_between_the_samples_the_grid_is_transparent():
    grid = sample_grid(a_look())
    assert grid[0, :, 3].max() == 0
    assert grid[:, -1, 3].max() == 0


def test_colour_images_keep_their_colours():
    look = a_look(channels=3)
    red = np.zeros((1, 8, 8, 3), np.float32)
    red[..., 0] = 1
    grid = sample_grid(replace(look, samples=(look.samples[0], red)))
    assert len(pixels_of(grid, [255, 0, 0, 255])) == 48 * 48


def test_a_class_without_samples_keeps_its_row():
    look = a_look()
    none = np.zeros((0, 8, 8, 1), np.float32)
    empty = replace(look, samples=(none, none), sample_is_wrong=(np.zeros(0, bool),) * 2)
    assert sample_grid(empty).shape[0] == sample_grid(look).shape[0]


def test_the_words_name_the_classes_and_the_wrong_labels():
    assert sample_grid_alt(a_look()) == (
        "Samples of the training images, a row for each of the 2 classes: cat, Ankle boot. "
        "1 of them, framed, were given a wrong label."
    )
