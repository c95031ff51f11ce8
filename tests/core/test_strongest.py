"""The strongest images and patches, against a loop over the stages of single images."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.inside.peak_records import Peaks
from core.inside.stages import layer_stages
from core.inside.strongest import filter_peaks, strongest

L = keras.layers
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((13, 12, 1)),
            L.Conv2D(3, 3, padding="same", activation="relu", name="one"),
            L.MaxPooling2D(2),
            L.Conv2D(4, 3, strides=2, name="two"),
            L.ReLU(),
        ]
    )


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return RNG.random((9, 13, 12, 1), np.float32)


@pytest.fixture(scope="module")
def found(model: keras.Model, images: np.ndarray) -> Peaks:
    return filter_peaks(model, "two", images)


@pytest.mark.parametrize("name", ["one", "two"])
def test_peaks_are_those_of_each_image_by_itself(model: keras.Model, images: np.ndarray, name: str):
    together = filter_peaks(model, name, images)
    for number, image in enumerate(images):
        maps = layer_stages(model, name, image).before_activation
        np.testing.assert_allclose(together.highest[number], maps.max(axis=(0, 1)), atol=1e-5)
        np.testing.assert_allclose(together.lowest[number], maps.min(axis=(0, 1)), atol=1e-5)
        for one in range(maps.shape[2]):
            row, column = together.highest_places[number, one]
            assert maps[row, column, one] == pytest.approx(together.highest[number, one], abs=1e-5)
            row, column = together.lowest_places[number, one]
            assert maps[row, column, one] == pytest.approx(together.lowest[number, one], abs=1e-5)


def test_the_strongest_come_first_and_each_image_once(found: Peaks, images: np.ndarray):
    patches = strongest(found, images, 2, 4, against=False)
    expected = sorted(range(9), key=lambda number: -found.highest[number, 2])[:4]
    assert [patch.number for patch in patches] == expected
    assert [patch.answer for patch in patches] == sorted(found.highest[:, 2], reverse=True)[:4]


def test_against_it_are_the_smallest_answers(found: Peaks, images: np.ndarray):
    patches = strongest(found, images, 1, 3, against=True)
    assert [patch.answer for patch in patches] == sorted(found.lowest[:, 1])[:3]


@pytest.mark.parametrize("against", [False, True])
def test_the_answer_depends_on_the_patch_and_on_nothing_else(
    model: keras.Model, found: Peaks, images: np.ndarray, against: bool
):
    """Everything outside of the window replaced by noise: the answer stays."""
    places = found.lowest_places if against else found.highest_places
    for patch in strongest(found, images, 3, 3, against):
        image = RNG.random(images[0].shape, np.float32)
        for (row, column, channel), value in np.ndenumerate(patch.pixels):
            if not np.isnan(value):
                image[patch.top + row, patch.left + column, channel] = value
        row, column = places[patch.number, 3]
        maps = layer_stages(model, "two", image).before_activation
        assert maps[row, column, 3] == pytest.approx(patch.answer, abs=1e-5)


def test_what_lies_beyond_the_image_is_not_a_number(model: keras.Model):
    """A single white pixel in the corner, and a kernel of ones: the window starts at -1."""
    weights = model.get_weights()
    model.set_weights([np.ones_like(weights[0]), np.zeros_like(weights[1]), *weights[2:]])
    image = np.zeros((1, 13, 12, 1), np.float32)
    image[0, 0, 0] = 1
    (patch,) = strongest(filter_peaks(model, "one", image), image, 0, 1, against=False)
    model.set_weights(weights)
    assert (patch.top, patch.left, patch.answer) == (-1, -1, 1.0)
    assert np.isnan(patch.pixels[0]).all() and np.isnan(patch.pixels[:, 0]).all()
    np.testing.assert_array_equal(patch.pixels[1:, 1:, 0], [[1, 0], [0, 0]])


def test_progress_is_told(model: keras.Model, images: np.ndarray):
    told: list[float] = []
    filter_peaks(model, "one", np.repeat(images, 60, axis=0), told.append)
    assert told[0] == 0 and told == sorted(told) and len(told) == 3
