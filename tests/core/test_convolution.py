"""True convolution beside cross-correlation, against drawings and SciPy."""

import numpy as np
import pytest
from scipy.signal import convolve2d

from core.inside import convolution
from core.inside.responses import channel_responses

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
LAPLACE = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_true_convolution_writes_the_kernel_itself_around_a_single_bright_pixel():
    """That is what tells it from cross-correlation, which writes the kernel turned by 180."""
    image = np.zeros((5, 5, 1), np.float32)
    image[2, 2] = 1
    kernel = np.arange(9, dtype=np.float32).reshape(3, 3, 1)
    convolved = convolution.true_convolution(kernel, image)[1:4, 1:4, 0]
    correlated = channel_responses(kernel, image)[1:4, 1:4, 0]
    np.testing.assert_array_equal(convolved, kernel[:, :, 0])
    np.testing.assert_array_equal(correlated, kernel[::-1, ::-1, 0])


def test_true_convolution_is_scipys_channel_by_channel(rng):
    kernel, image = rng.normal(size=(5, 5, 3)), rng.random((12, 10, 3))
    got = convolution.true_convolution(kernel, image)
    for channel in range(3):
        expected = convolve2d(image[:, :, channel], kernel[:, :, channel], mode="same")
        np.testing.assert_allclose(got[:, :, channel], expected, atol=1e-5)


def test_turning_the_kernel_makes_both_equal(rng):
    compared = convolution.compare(rng.normal(size=(3, 3, 2)), rng.random((11, 13, 2)))
    assert compared.difference > 0.1
    assert compared.difference_when_turned < 1e-5


def test_a_kernel_that_looks_the_same_when_turned_gives_the_same_both_ways(rng):
    laplace = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32)[:, :, np.newaxis]
    compared = convolution.compare(laplace, rng.random((8, 8, 1)))
    assert compared.likeness_when_turned == pytest.approx(1)
    assert compared.difference < 1e-5


def test_an_edge_kernel_changes_its_sign_when_turned(rng):
    compared = convolution.compare(SOBEL[:, :, np.newaxis], rng.random((8, 8, 1)))
    assert compared.likeness_when_turned == pytest.approx(-1)
    np.testing.assert_allclose(compared.correlation, -compared.convolution, atol=1e-5)


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (LAPLACE, "looks (nearly) the same when turned"),
        (SOBEL, "changes its sign when turned"),
        (np.arange(9).reshape(3, 3), "becomes another one"),
    ],
)
def test_the_difference_is_explained_for_the_kind_of_kernel(rng, kernel, words):
    image = rng.random((8, 8, 1))
    told = convolution.in_words(convolution.compare(kernel[:, :, np.newaxis], image))
    assert words in told
