"""What units do on many images, against NumPy on the layers' whole outputs."""

import keras
import numpy as np
import pytest

from core.inside import activity as room
from core.inside.activity import activity, extremes, unit_peaks
from core.inside.layers import chain
from tests.core.normalizing import network

L = keras.layers


def gray(count: int) -> np.ndarray:
    return np.random.default_rng(3).random((count, 8, 8, 1)).astype(np.float32)


def with_a_dead_filter() -> keras.Model:
    """Filter 0 gives the image back, filter 1 its negative: behind a ReLU it never speaks."""
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), L.Conv2D(2, 1, name="conv"), L.ReLU(name="relu")]
    )
    model.set_weights([np.array([1.0, -1.0]).reshape(1, 1, 1, 2), np.array([0.0, -0.5])])
    return model


def test_every_figure_is_that_of_the_whole_output_taken_at_once(monkeypatch):
    monkeypatch.setattr(room, "_NUMBERS", 3000)  # batches of 11 images and a rest
    model, images = network(), gray(40)
    found = activity(model, images)
    assert [one.layer for one in found] == [layer.name for layer in chain(model)]
    for one, layer in zip(found, chain(model), strict=True):
        whole = keras.Model(model.inputs[0], layer.output)(images).numpy()
        by_unit = whole.reshape(40, -1, whole.shape[-1])
        assert one.mean == pytest.approx(whole.astype(float).mean(), abs=1e-6)
        assert one.spread == pytest.approx(whole.astype(float).std(), rel=1e-5)
        assert one.zeros == pytest.approx(np.mean(whole == 0), abs=1e-4)
        assert (one.images, one.numbers) == (40, whole.size)
        np.testing.assert_allclose(one.unit_means, by_unit.mean(axis=(0, 1)), atol=1e-5)
        np.testing.assert_allclose(one.unit_zeros, (by_unit == 0).mean(axis=(0, 1)), atol=1e-3)
        spoke = (by_unit != 0).any(axis=1).sum(axis=0)
        np.testing.assert_allclose(one.active_images, spoke, atol=1)


def test_a_unit_that_is_0_on_all_images_is_dead_and_no_other():
    convolution, relu = activity(with_a_dead_filter(), gray(5))
    assert relu.dead == (1,) and relu.activates
    assert relu.active_images.tolist() == [5, 0]
    assert relu.zeros == 0.5
    assert relu.busiest_first.tolist() == [0, 1]
    assert relu.active_shares.tolist() == [1, 0]
    assert convolution.dead == ()


def test_one_image_that_moves_a_unit_brings_it_back_to_life():
    images = gray(5)
    images[3, 2, 2] = -3.0
    assert activity(with_a_dead_filter(), images)[1].active_images.tolist() == [5, 1]
    assert activity(with_a_dead_filter(), images)[1].dead == ()


def test_nothing_counts_as_dead_where_nothing_can_silence():
    model = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(2, 1, kernel_initializer="zeros")])
    (found,) = activity(model, gray(3))
    assert found.zeros == 1 and found.dead == ()


def test_an_activation_inside_the_layer_counts_too():
    model = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(1, 1, activation="relu")])
    model.set_weights([np.full((1, 1, 1, 1), -1.0), np.zeros(1)])
    assert activity(model, gray(3))[0].dead == (0,)


def test_peaks_are_the_largest_numbers_over_all_places():
    images = gray(6)
    found = unit_peaks(with_a_dead_filter(), "relu", images)
    np.testing.assert_allclose(found[:, 0], images.max(axis=(1, 2, 3)))
    assert not found[:, 1].any()


def test_ahead_of_its_relu_a_dead_unit_still_tells_images_apart():
    images = gray(6)
    found = unit_peaks(with_a_dead_filter(), "relu", images, ahead=True)
    np.testing.assert_allclose(found[:, 1], -images.min(axis=(1, 2, 3)) - 0.5, rtol=1e-6)


def test_the_extremes_are_the_largest_and_smallest_peaks_in_order():
    found = extremes(np.array([3.0, 1.0, 5.0, 0.0, 4.0, 2.0]), 2)
    assert found.most.tolist() == [2, 4] and found.least.tolist() == [3, 1]


def test_equal_images_come_by_number_and_none_is_on_both_sides():
    found = extremes(np.zeros(5), 3)
    assert found.most.tolist() == [0, 1] and found.least.tolist() == [2, 3]
