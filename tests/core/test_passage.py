"""One image through all layers."""

import keras
import numpy as np
import pytest

from core.inside.layers import chain, layer_table
from core.inside.passage import passage
from tests.core.normalizing import network

L = keras.layers
IMAGE = np.random.default_rng(1).random((8, 8, 1)).astype(np.float32)


def test_every_layer_has_a_station_with_what_keras_makes_of_the_image():
    model = network()
    found = passage(model, IMAGE, most_maps=99)
    assert [one.record for one in found.stations] == list(layer_table(model))
    for one, layer in zip(found.stations, chain(model), strict=True):
        whole = keras.Model(model.inputs[0], layer.output)(IMAGE[np.newaxis]).numpy()[0]
        expected = whole[..., list(one.filters)] if one.filters else whole
        np.testing.assert_allclose(one.values, expected, atol=1e-5)
        assert one.limit == pytest.approx(np.abs(whole).max(), rel=1e-5)


def test_the_strongest_maps_come_first_and_the_rest_is_counted():
    model = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(3, 1, use_bias=False)])
    model.set_weights([np.array([1.0, -5.0, 2.0]).reshape(1, 1, 1, 3)])
    (found,) = passage(model, IMAGE, most_maps=2).stations
    assert found.filters == (1, 2) and found.of_filters == 3
    np.testing.assert_allclose(found.values[:, :, 0], -5 * IMAGE[:, :, 0], rtol=1e-6)


def test_large_maps_are_averaged_to_the_size_of_the_screen():
    model = keras.Sequential([keras.Input((64, 64, 1)), L.ReLU()])
    image = np.random.default_rng(1).random((64, 64, 1)).astype(np.float32)
    (found,) = passage(model, image, longest=32).stations
    blocks = image.reshape(32, 2, 32, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(found.values[:, :, 0], blocks, rtol=1e-5)


def test_the_decision_is_the_class_of_the_highest_probability():
    model = network()
    found = passage(model, IMAGE)
    answer = model(IMAGE[np.newaxis]).numpy()[0]
    np.testing.assert_allclose(found.probabilities, answer, atol=1e-6)
    assert found.decision == int(answer.argmax())


def test_without_a_softmax_at_its_end_a_network_decides_nothing():
    model = keras.Sequential([keras.Input((8, 8, 1)), L.Flatten(), L.Dense(3)])
    assert passage(model, IMAGE).decision is None


def test_dropout_is_idle_and_changes_nothing():
    model = network(dropout_convolution=0.5)
    stations = passage(model, IMAGE).stations
    (place,) = {n for n, one in enumerate(stations) if one.record.name == "dropout_1"}
    assert stations[place].idle and not stations[place - 1].idle
    np.testing.assert_array_equal(stations[place].values, stations[place - 1].values)


def test_the_share_of_zeros_is_that_of_all_maps_and_not_of_those_shown():
    model = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(2, 1, activation="relu")])
    model.set_weights([np.array([1.0, -1.0]).reshape(1, 1, 1, 2), np.zeros(2)])
    assert passage(model, IMAGE, most_maps=1).stations[0].zeros == 0.5
