"""What kernels do to an image, against drawings and Keras's own layers."""

import keras
import numpy as np
import pytest

from core.errors import LearnscopeError
from core.inside import responses

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def as_kernels(*planes: np.ndarray) -> np.ndarray:
    """Filters of one input channel each, (R, C, 1, O)."""
    return np.stack(planes, axis=-1)[:, :, np.newaxis, :]


def stripes(side: int = 16) -> np.ndarray:
    """Vertical stripes, two pixels wide: dark, bright, dark ..."""
    row = np.tile([0.0, 0.0, 1.0, 1.0], side // 4)
    return np.tile(row, (side, 1)).astype(np.float32)[:, :, np.newaxis]


def test_an_identity_kernel_gives_the_image_back(rng):
    image = rng.random((7, 9, 1), np.float32)
    identity = np.zeros((3, 3), np.float32)
    identity[1, 1] = 1
    np.testing.assert_array_equal(responses.respond(as_kernels(identity), image), image)


def test_sobel_answers_four_at_a_step_and_nothing_on_flat_ground():
    """A step from 0 to 1: the columns on both sides of it give 1 + 2 + 1 = 4."""
    image = np.zeros((6, 6, 1), np.float32)
    image[:, 3:] = 1
    response = responses.respond(as_kernels(SOBEL), image, padding="valid")[:, :, 0]
    assert response.shape == (4, 4)
    np.testing.assert_array_equal(response, np.tile([0, 4, 4, 0], (4, 1)))


def test_the_bias_is_added_everywhere():
    response = responses.respond(
        as_kernels(SOBEL, SOBEL), np.zeros((5, 5, 1)), bias=np.array([0.5, -2])
    )
    assert (response[:, :, 0] == 0.5).all() and (response[:, :, 1] == -2).all()


def test_vertical_stripes_excite_a_vertical_edge_kernel_and_not_a_horizontal_one():
    maps = responses.respond(as_kernels(SOBEL, SOBEL.T), stripes(), padding="valid")
    vertical, horizontal = responses.strengths(maps)
    assert vertical == pytest.approx(4.0)  # every column is beside a step of 1
    assert horizontal == 0.0


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 3, 4, 5])
@pytest.mark.parametrize("channels", [1, 3])
def test_equals_keras_own_layer(rng, padding, strides, size, channels):
    layer = keras.layers.Conv2D(
        4, size, strides=strides, padding=padding, bias_initializer="glorot_normal"
    )
    layer.build((None, 17, 14, channels))
    layer.bias.assign(rng.normal(size=4))
    image = rng.random((17, 14, channels), np.float32)
    expected = np.asarray(layer(image[np.newaxis])[0])
    kernels, bias = np.asarray(layer.kernel), np.asarray(layer.bias)
    got = responses.respond(kernels, image, bias, padding, strides)
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_equals_keras_own_layer_with_a_dilated_kernel(rng):
    layer = keras.layers.Conv2D(2, 3, dilation_rate=2)
    layer.build((None, 12, 12, 2))
    image = rng.random((12, 12, 2), np.float32)
    got = responses.respond(np.asarray(layer.kernel), image, None, "valid", dilation=2)
    np.testing.assert_allclose(got, np.asarray(layer(image[np.newaxis])[0]), atol=1e-5)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [1, 2])
def test_the_channels_one_by_one_sum_to_the_whole_response(rng, padding, strides):
    kernels = rng.normal(size=(3, 3, 4, 2))
    image = rng.random((9, 8, 4))
    each = responses.channel_responses(kernels[:, :, :, 1], image, padding, strides)
    assert each.shape[2] == 4
    whole = responses.respond(kernels, image, None, padding, strides)[:, :, 1]
    np.testing.assert_allclose(each.sum(axis=2), whole, atol=1e-5)


def test_a_channel_that_is_black_adds_nothing(rng):
    image = rng.random((6, 6, 2))
    image[:, :, 1] = 0
    each = responses.channel_responses(rng.normal(size=(3, 3, 2)), image)
    assert (each[:, :, 1] == 0).all() and (each[:, :, 0] != 0).any()


def test_strength_is_the_root_mean_square():
    maps = np.array([[[3.0, -1.0]], [[-4.0, 1.0]]])
    np.testing.assert_allclose(responses.strengths(maps), [np.sqrt(12.5), 1.0])


def test_the_strongest_response_comes_first_and_equal_ones_by_number():
    ranking = responses.strongest_first(np.array([[[1.0, -5.0, 1.0, 2.0]]]))
    assert ranking.filters.tolist() == [1, 3, 0, 2]
    assert ranking.strengths.tolist() == [5, 2, 1, 1]


def test_a_preview_averages_squares_and_keeps_small_maps_as_they_are():
    maps = np.array([[0.0, 2.0, 10.0], [4.0, 6.0, 20.0], [1.0, 3.0, 7.0]])[:, :, np.newaxis]
    small = responses.preview(maps, longest=2)
    np.testing.assert_array_equal(small.maps[:, :, 0], [[3.0, 15.0], [2.0, 7.0]])
    assert small.step == 2
    whole = responses.preview(maps, longest=3)
    np.testing.assert_array_equal(whole.maps, maps)
    assert whole.step == 1


def test_an_image_of_other_channels_is_refused_in_words():
    with pytest.raises(LearnscopeError, match=r"with 1 channel. Received: shape \(5, 5, 3\)"):
        responses.respond(as_kernels(SOBEL), np.zeros((5, 5, 3)))


def test_an_image_smaller_than_the_kernel_is_refused_in_words_where_it_must_fit():
    with pytest.raises(LearnscopeError, match=r"at least 3 x 3 pixels.*Received: 1 x 1"):
        responses.respond(as_kernels(SOBEL), np.zeros((1, 1, 1)), padding="valid")
    assert responses.respond(as_kernels(SOBEL), np.zeros((1, 1, 1))).shape == (1, 1, 1)
