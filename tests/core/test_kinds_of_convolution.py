"""Depthwise, separable and grouped layers before the activation and on the bench."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.errors import LearnscopeError
from core.inside.before_activation import before_activation
from core.inside.bench_network import BenchNetwork
from core.inside.layers import kernels_of
from core.inside.strongest import filter_peaks
from core.inside.tuned_layer import tune_layer
from tests.core.small_networks import in_line

L = keras.layers
KINDS: dict[str, Callable[..., keras.Layer]] = {
    "depthwise": lambda **how: L.DepthwiseConv2D(3, depth_multiplier=2, **how),
    "separable": lambda **how: L.SeparableConv2D(5, 3, depth_multiplier=2, **how),
    "groups": lambda **how: L.Conv2D(6, 3, groups=3, **how),
}
WAYS = {
    "same": {"padding": "same"},
    "strides": {"strides": 2},
    "dilation": {"dilation_rate": 2, "padding": "same"},
    "no bias": {"use_bias": False},
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def network(kind: str, **how: object) -> keras.Model:
    """Noise as weights, biases too; the layer in the middle has tanh of its own."""
    layers = [
        L.Conv2D(3, 3, padding="same", name="first"),
        KINDS[kind](name="middle", **({"activation": "tanh"} | how)),
        L.Flatten(),
        L.Dense(3, "softmax", name="classes"),
    ]
    model, rng = in_line((8, 8, 1), layers), np.random.default_rng(5)
    model.set_weights([rng.normal(0, 0.3, one.shape) for one in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(1).random((4, 8, 8, 1), dtype=np.float32)


@every_kind
@pytest.mark.parametrize("way", WAYS)
def test_before_its_own_activation_a_layer_computes_what_keras_then_activates(kind, way, images):
    model = network(kind, **WAYS[way])
    layer = model.get_layer("middle")
    after = keras.Model(model.input, layer.output)(images)
    found = before_activation(model, "middle")(tf.constant(images))
    np.testing.assert_allclose(np.tanh(found), after, atol=1e-5)
    assert not np.allclose(found, after, atol=1e-2)


@every_kind
def test_peaks_and_tuning_are_had_of_every_kind(kind, images):
    model = network(kind)
    filters = kernels_of(model, "middle")[0].shape[3]
    assert filter_peaks(model, "middle", images).highest.shape == (4, filters)
    assert tune_layer(model, "middle").amplitudes.shape[0] == filters


@every_kind
def test_the_bench_answers_as_the_network_does(kind, images):
    model = network(kind)
    bench = BenchNetwork(model, "middle", images)
    said = model.predict(images, verbose=0)
    np.testing.assert_allclose(bench.answers_without([]), said, atol=1e-6)
    np.testing.assert_array_equal(bench.answers_with(bench.kernels), bench.answers_without([]))


def without(kind: str, model: keras.Model, number: int) -> keras.Model:
    """Keras's own copy with the weights of one filter 0, each kind in its own order of weights."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    *kernels, bias = copy.get_layer("middle").get_weights()
    if kind == "depthwise":
        kernels[0][:, :, number // 2, number % 2] = 0
    else:
        kernels[-1][..., number] = 0
    bias[number] = 0
    copy.get_layer("middle").set_weights([*kernels, bias])
    return copy


@every_kind
def test_a_filter_that_is_off_is_one_whose_weights_are_0(kind, images):
    model = network(kind)
    bench = BenchNetwork(model, "middle", images)
    expected = without(kind, model, 3).predict(images, verbose=0)
    np.testing.assert_allclose(bench.answers_without([3]), expected, atol=1e-6)


@every_kind
def test_another_kernel_in_its_place_changes_that_filter_alone(kind, images):
    model = network(kind, use_bias=False)
    bench = BenchNetwork(model, "middle", images)
    kernels = bench.kernels.copy()
    kernels[..., 3] = 0
    np.testing.assert_allclose(bench.answers_with(kernels), bench.answers_without([3]), atol=1e-6)
    np.testing.assert_array_equal(kernels_of(model, "middle")[0], bench.kernels)


def test_a_transposed_convolution_is_refused_by_name(images):
    model = in_line((8, 8, 1), [L.Conv2DTranspose(2, 3, name="back"), L.Flatten(), L.Dense(3)])
    with pytest.raises(LearnscopeError, match=r"'back', a Conv2DTranspose\. Choose a layer"):
        before_activation(model, "back")
