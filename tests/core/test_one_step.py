"""One step of a convolution at a time, against sums by hand and the maps of the whole layer."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.inside import one_step
from core.inside.layers import kernels_of
from core.inside.responses import respond
from core.inside.stages import LayerStages, layer_stages

L = keras.layers


def scene(image: np.ndarray, kernels: np.ndarray, bias: float = 0.0, most: int = 300_000, **how):
    """The scene of the first of some kernels, as a network of one layer has it."""
    entry = keras.Input(image.shape)
    layer = L.Conv2D(kernels.shape[3], kernels.shape[:2], name="conv", activation="relu", **how)
    model = keras.Model(entry, layer(entry))
    layer.set_weights([kernels, np.full(kernels.shape[3], bias, np.float32)])
    stages: LayerStages = layer_stages(model, "conv", image)
    return one_step.scene_of(*kernels_of(model, "conv"), stages, 0, most), stages


COUNTED = np.arange(1.0, 10).reshape(3, 3, 1, 1).astype(np.float32)


def test_patch_products_sum_bias_and_activation_are_those_of_a_sum_by_hand():
    """The image counts from 0; at its middle, 5 numbers a row, the patch begins with 6, 7, 8."""
    image = np.arange(25.0).reshape(5, 5, 1)
    got, _ = scene(image, COUNTED, bias=-700.0, padding="same")
    step = one_step.step_at(got, 2, 2)
    patch = np.array([[6, 7, 8], [11, 12, 13], [16, 17, 18]])
    np.testing.assert_array_equal(step.patch[:, :, 0], patch)
    np.testing.assert_array_equal(step.products[:, :, 0], patch * COUNTED[:, :, 0, 0])
    # 6 + 14 + 24 + 44 + 60 + 78 + 112 + 136 + 162
    assert step.total == 636
    assert step.with_bias == step.before_activation == -64
    assert step.activation == 0
    assert not step.outside.any()


def test_at_the_corner_the_padding_counts_as_zero_and_is_marked():
    got, _ = scene(np.ones((5, 5, 1)), COUNTED, padding="same")
    step = one_step.step_at(got, 0, 0)
    np.testing.assert_array_equal(step.outside, [[1, 1, 1], [1, 0, 0], [1, 0, 0]])
    assert step.total == 5 + 6 + 8 + 9
    assert (got.top, got.left) == (0, 0)


def test_black_inside_the_image_is_no_padding():
    got, _ = scene(np.zeros((5, 5, 1)), COUNTED, padding="valid")
    assert not got.outside.any()


@pytest.mark.parametrize(
    ("size", "reach", "stride", "before"),
    # TensorFlow puts the odd row of zeros after the image.
    [(5, 3, 1, 1), (6, 3, 2, 0), (5, 3, 2, 1), (6, 4, 1, 1), (5, 1, 1, 0), (9, 5, 3, 1)],
)
def test_rows_of_zeros_before_the_image_are_counted_as_tensorflow_does(size, reach, stride, before):
    assert one_step.padding_before(size, reach, stride, "same") == before
    assert one_step.padding_before(size, reach, stride, "valid") == 0
    impulse = np.zeros((size, 1, 1), np.float32)
    impulse[0] = 1  # the kernel's row that meets it at the first place is the first after the zeros
    rows = np.arange(reach, dtype=np.float32).reshape(reach, 1, 1, 1)
    assert respond(rows, impulse, strides=(stride, 1))[0, 0, 0] == before


def test_a_dilated_kernel_takes_every_second_pixel():
    got, _ = scene(np.arange(49.0).reshape(7, 7, 1), COUNTED, dilation_rate=2)
    step = one_step.step_at(got, 0, 0)
    np.testing.assert_array_equal(step.patch[:, :, 0], [[0, 2, 4], [14, 16, 18], [28, 30, 32]])


def test_channels_are_summed_each_by_itself_and_together():
    image = np.ones((3, 3, 2))
    image[:, :, 1] = 10
    got, _ = scene(image, np.ones((3, 3, 2, 1), np.float32), bias=0.5)
    step = one_step.step_at(got, 0, 0)
    np.testing.assert_array_equal(step.channel_sums, [9, 90])
    assert (step.total, step.with_bias) == (99, 99.5)


def test_it_opens_where_a_relu_has_not_silenced_the_filter():
    image = np.zeros((9, 9, 1))
    image[1, 1], image[6, 6] = 3, -1
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[1, 1] = -1  # -3 and 1 ahead of the activation
    got, _ = scene(image, kernel, padding="same")
    assert got.strongest == (6, 6)
    assert one_step.step_at(got, *got.strongest).activation == 1


def test_where_all_is_silenced_it_opens_at_the_strongest_of_what_was():
    image = np.zeros((9, 9, 1))
    image[2, 5] = 3
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[1, 1] = -1
    got, _ = scene(image, kernel, padding="same")
    assert got.strongest == (2, 5)


def test_of_a_large_map_the_part_around_its_strongest_place_is_shown():
    rng = np.random.default_rng(3)
    image = rng.random((90, 70, 1)).astype(np.float32) / 10
    image[80:83, 4:7] = 9
    got, stages = scene(image, COUNTED, most=400, padding="same")
    assert got.convolved.shape == (20, 20)
    row, column = got.strongest
    assert (row + got.top, column + got.left) == (81, 5)
    step = one_step.step_at(got, row, column)
    assert step.with_bias == pytest.approx(stages.convolved[81, 5, 0], abs=1e-4)


def test_after_a_normalization_the_step_ends_in_the_networks_own_number():
    entry = keras.Input((6, 6, 1))
    maps = L.Conv2D(2, 3, name="conv")(entry)
    maps = L.BatchNormalization(name="normal")(maps)
    model = keras.Model(entry, L.ReLU()(maps))
    numbers = np.random.default_rng(4)
    model.set_weights([numbers.random(w.shape) + 0.1 for w in model.get_weights()])
    image = numbers.random((6, 6, 1))
    got = one_step.scene_of(*kernels_of(model, "conv"), layer_stages(model, "conv", image), 1)
    step = one_step.step_at(got, 3, 2)
    gamma, beta, mean, variance = (w[1] for w in model.get_layer("normal").get_weights())
    expected = gamma * (step.with_bias - mean) / np.sqrt(variance + 1e-3) + beta
    assert step.before_activation == pytest.approx(expected, abs=1e-5)
    assert step.activation == max(step.before_activation, 0)
    assert got.normalization == "normal"


def test_the_scales_of_colour_hold_every_number():
    got, _ = scene(np.arange(25.0).reshape(5, 5, 1), COUNTED, padding="same")
    assert got.limits["products"] == 24 * 9
    assert got.limits["activation"] == got.activation.max()


def test_the_channel_that_adds_most_leads():
    image = np.ones((3, 3, 2))
    image[:, :, 1] = -10
    got, _ = scene(image, np.ones((3, 3, 2, 1), np.float32))
    assert got.leading_channel == 1
    assert got.total.item() == 9 - 90
