"""Multiply-adds counted by hand, and times that are times."""

import keras
import numpy as np
import pytest

from core.inside.layer_cost import measured_times, multiply_adds
from core.inside.layers import chain
from tests.core.normalizing import network

L = keras.layers


def count(layer: keras.Layer, *shape: int) -> int:
    keras.Sequential([keras.Input(shape), layer])
    return multiply_adds(layer)


def test_a_convolution_multiplies_each_kernel_at_each_place():
    # 28 x 28 places, 16 filters, each 3 x 3 x 1 products.
    assert count(L.Conv2D(16, 3, padding="same"), 28, 28, 1) == 28 * 28 * 16 * 9 == 112_896
    # 14 x 14 places, 32 filters, each 3 x 3 x 16 products.
    assert count(L.Conv2D(32, 3, padding="same"), 14, 14, 16) == 14 * 14 * 32 * 9 * 16 == 903_168


def test_stride_and_valid_padding_leave_fewer_places():
    assert count(L.Conv2D(4, 3, strides=2), 9, 9, 2) == 4 * 4 * 4 * 9 * 2


def test_dilation_costs_nothing_more():
    assert count(L.Conv2D(1, 3, dilation_rate=2, padding="same"), 8, 8, 1) == 64 * 9


def test_groups_divide_the_cost():
    assert count(L.Conv2D(4, 3, groups=2, padding="same"), 5, 5, 6) == 25 * 4 * 9 * 3


def test_depthwise_and_separable_layers_cost_their_two_steps():
    assert count(L.DepthwiseConv2D(3, padding="same", depth_multiplier=2), 5, 5, 3) == 25 * 6 * 9
    separable = L.SeparableConv2D(7, 3, padding="same", depth_multiplier=2)
    assert count(separable, 5, 5, 3) == 25 * (6 * 9 + 6 * 7)


def test_a_dense_layer_multiplies_every_input_for_every_unit():
    assert count(L.Dense(10), 128) == 1280
    assert count(L.Dense(10), 4, 4, 3) == 16 * 30


def test_a_normalization_costs_one_for_each_number_and_the_rest_nothing():
    assert count(L.BatchNormalization(), 4, 4, 3) == 48
    for layer in (L.ReLU(), L.MaxPooling2D(2), L.Dropout(0.5), L.Flatten()):
        assert count(layer, 4, 4, 3) == 0


def test_the_count_is_that_of_the_numbers_that_keras_own_convolution_sums():
    """With ones for image, kernel and no padding each output number counts its own products."""
    layer = L.Conv2D(3, (2, 4), strides=(1, 2), kernel_initializer="ones")
    model = keras.Sequential([keras.Input((9, 11, 5)), layer])
    assert multiply_adds(layer) == int(model(np.ones((1, 9, 11, 5))).numpy().sum())


def test_every_layer_is_timed_on_the_batch_that_was_named():
    model = network()
    times = measured_times(model, np.zeros((3, 8, 8, 1)), passes=5)
    assert [one.layer for one in times] == [layer.name for layer in chain(model)]
    for one in times:
        assert 0 < one.shortest <= one.median <= one.longest
        assert (one.images, one.passes) == (3, 5)


def test_the_median_and_not_the_mean_of_the_passes_is_taken(monkeypatch: pytest.MonkeyPatch):
    ticks = iter([0.0, 1.0, 10.0, 13.0, 20.0, 120.0])  # passes of 1, 3 and 100 seconds
    monkeypatch.setattr("core.inside.layer_cost.time.perf_counter", lambda: next(ticks))
    model = keras.Sequential([keras.Input((4,)), L.Dense(2)])
    (found,) = measured_times(model, np.zeros((2, 4)), passes=3)
    assert (found.median, found.shortest, found.longest) == (3, 1, 100)
