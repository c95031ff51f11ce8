"""An image on its way through one layer, against networks that Keras itself cuts there."""

import keras
import numpy as np
import pytest

from core.errors import LearnscopeError
from core.inside import one_step, stages
from core.inside.layers import convolution_layers, kernels_of

L = keras.layers


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def two_blocks(place: str = "before", size: int | None = 12) -> keras.Model:
    """Two blocks; the normalization stands before or after the activation."""
    image = keras.Input((size, size, 1))
    maps = image
    for block in (1, 2):
        maps = L.Conv2D(4, 3, padding="same", name=f"conv_{block}")(maps)
        if place == "before":
            maps = L.BatchNormalization(name=f"normal_{block}")(maps)
        maps = L.Activation("relu", name=f"relu_{block}")(maps)
        if place == "after":
            maps = L.BatchNormalization(name=f"normal_{block}")(maps)
        maps = L.MaxPooling2D(2, name=f"pool_{block}")(maps)
        maps = L.Dropout(0.9, seed=1, name=f"dropout_{block}")(maps)
    model = keras.Model(image, maps)
    numbers = np.random.default_rng(2)
    model.set_weights([weight + numbers.random(weight.shape) for weight in model.get_weights()])
    return model


def cut_at(model: keras.Model, name: str, image: np.ndarray) -> np.ndarray:
    part = keras.Model(model.input, model.get_layer(name).output)
    return np.asarray(part(image[np.newaxis], training=False)[0])


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("block", [1, 2])
def test_each_stage_is_what_the_network_itself_computes(rng, place, block):
    model = two_blocks(place)
    image = rng.random((12, 12, 1), np.float32)
    got = stages.layer_stages(model, f"conv_{block}", image)
    before = f"normal_{block}" if place == "before" else f"conv_{block}"
    reaches = image if block == 1 else cut_at(model, "dropout_1", image)
    np.testing.assert_allclose(got.input, reaches, atol=1e-5)
    np.testing.assert_allclose(got.convolved, cut_at(model, f"conv_{block}", image), atol=1e-5)
    np.testing.assert_allclose(got.before_activation, cut_at(model, before, image), atol=1e-5)
    np.testing.assert_allclose(got.activation, cut_at(model, f"relu_{block}", image), atol=1e-5)
    assert got.function == "relu"
    assert got.normalization == (f"normal_{block}" if place == "before" else "")


def test_a_picture_at_its_own_size_goes_through_as_in_a_network_of_that_size(rng):
    model, larger = two_blocks(size=12), two_blocks(size=None)
    larger.set_weights(model.get_weights())
    picture = rng.random((31, 50, 1), np.float32)
    got = stages.layer_stages(model, "conv_2", picture)
    assert got.activation.shape == (15, 25, 4)
    np.testing.assert_allclose(got.activation, cut_at(larger, "relu_2", picture), atol=1e-5)


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_an_activation_inside_the_convolution_layer_is_told_apart(rng, strides, padding):
    image = keras.Input((9, 9, 3))
    layer = L.Conv2D(5, 3, strides=strides, padding=padding, activation="relu", name="conv")
    model = keras.Model(image, layer(image))
    linear = L.Conv2D(5, 3, strides=strides, padding=padding)
    linear.build((None, 9, 9, 3))
    linear.set_weights(layer.get_weights())
    picture = rng.random((9, 9, 3), np.float32)
    got = stages.layer_stages(model, "conv", picture)
    expected = np.asarray(linear(picture[np.newaxis])[0])
    np.testing.assert_allclose(got.before_activation, expected, atol=1e-5)
    np.testing.assert_allclose(got.activation, np.maximum(expected, 0), atol=1e-5)
    assert got.function == "relu"


def test_a_convolution_without_activation_passes_on_what_it_computes(rng):
    image = keras.Input((8, 8, 1))
    model = keras.Model(image, L.MaxPooling2D()(L.Conv2D(2, 3, name="conv")(image)))
    got = stages.layer_stages(model, "conv", rng.random((8, 8, 1)))
    assert got.function == "linear"
    np.testing.assert_array_equal(got.activation, got.convolved)


def test_an_activation_layer_of_its_own_class_is_found(rng):
    image = keras.Input((8, 8, 1))
    maps = L.LeakyReLU(0.5)(L.Conv2D(2, 3, name="conv")(image))
    got = stages.layer_stages(keras.Model(image, maps), "conv", rng.random((8, 8, 1)))
    expected = np.where(got.convolved > 0, got.convolved, got.convolved / 2)
    np.testing.assert_allclose(got.activation, expected, atol=1e-6)
    assert got.function == "LeakyReLU"


def test_a_picture_that_shrinks_to_nothing_is_refused_with_the_layer():
    with pytest.raises(LearnscopeError, match=r"Received: 1 x 1 pixels.*'pool_1'"):
        stages.layer_stages(two_blocks(), "conv_2", np.zeros((1, 1, 1)))


def test_a_colour_picture_for_a_gray_network_is_refused_in_words():
    with pytest.raises(LearnscopeError, match="with 1 channel"):
        stages.layer_stages(two_blocks(), "conv_1", np.zeros((12, 12, 3)))


LAYERS = {
    "plain": lambda **how: L.Conv2D(6, 3, **how),
    "wide": lambda **how: L.Conv2D(5, (5, 2), **how),
    "groups": lambda **how: L.Conv2D(6, 3, groups=2, **how),
    "depthwise": lambda **how: L.DepthwiseConv2D(3, **how),
    "depthwise times 2": lambda **how: L.DepthwiseConv2D(3, depth_multiplier=2, **how),
    "separable": lambda **how: L.SeparableConv2D(5, 3, **how),
    "separable times 2": lambda **how: L.SeparableConv2D(5, 3, depth_multiplier=2, **how),
}


@pytest.mark.parametrize("how", [{}, {"strides": 2}, {"strides": 3}, {"dilation_rate": 2}])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kind", LAYERS)
def test_every_kind_of_layer_answers_as_keras_computes_it(rng, kind, padding, how):
    """Stages, the channels one by one, and each step of one filter, borders included."""
    image = keras.Input((13, 10, 4))
    layer = LAYERS[kind](padding=padding, activation="relu", name="conv", **how)
    model = keras.Model(image, layer(image))
    layer.bias.assign(rng.normal(size=layer.bias.shape))
    picture = rng.random((13, 10, 4), np.float32)
    got = stages.layer_stages(model, "conv", picture)
    expected = cut_at(model, "conv", picture)
    np.testing.assert_allclose(got.activation, expected, atol=1e-5)
    np.testing.assert_allclose(np.maximum(got.convolved, 0), expected, atol=1e-5)
    kernels, bias = kernels_of(model, "conv")
    number = kernels.shape[3] - 1
    scene = one_step.scene_of(kernels, bias, got, number)
    height, width, _ = expected.shape
    steps = [[one_step.step_at(scene, r, c) for c in range(width)] for r in range(height)]
    with_bias = [[step.with_bias for step in row] for row in steps]
    np.testing.assert_allclose(with_bias, got.convolved[:, :, number], atol=1e-5)
    sums = [[step.channel_sums for step in row] for row in steps]
    np.testing.assert_allclose(sums, scene.by_channel, atol=1e-5)


@pytest.mark.parametrize("layer", [L.Conv1D(2, 3, name="conv"), L.Conv3D(2, 3, name="conv")])
def test_convolutions_of_one_and_three_dimensions_are_named_as_not_shown(layer):
    image = keras.Input((8,) * int(type(layer).__name__[4]) + (1,))
    model = keras.Model(image, layer(image))
    assert convolution_layers(model) == ()
    with pytest.raises(LearnscopeError, match=r"Conv1D, Conv3D and transposed .* are not shown"):
        kernels_of(model, "conv")


def test_a_network_of_several_inputs_is_refused_in_a_sentence():
    one, two = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    model = keras.Model([one, two], L.Conv2D(1, 3, name="conv")(L.Add()([one, two])))
    with pytest.raises(LearnscopeError, match=r"one input and one output\. Received: 2 inputs"):
        stages.layer_stages(model, "conv", np.zeros((8, 8, 1)))


def test_a_network_with_a_residual_connection_is_refused_in_a_sentence():
    image = keras.Input((8, 8, 1))
    maps = L.Conv2D(1, 3, padding="same", name="conv")(image)
    model = keras.Model(image, L.Add(name="sum")([image, maps]))
    with pytest.raises(LearnscopeError, match="as at the end of a residual connection"):
        stages.layer_stages(model, "conv", np.zeros((8, 8, 1)))


def test_edge_kernels_answer_to_their_own_stripes_only():
    """A Sobel pair and a kernel of zeros, against stripes two pixels wide."""
    image = keras.Input((16, 16, 1))
    layer = L.Conv2D(3, 3, padding="same", name="conv")
    model = keras.Model(image, layer(image))
    sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
    kernels = np.stack([sobel, sobel.T, 0 * sobel], axis=-1)[:, :, np.newaxis, :]
    layer.set_weights([kernels, np.array([5.0, 5.0, 5.0])])  # the bias must not count
    upright = np.tile(np.tile([0.0, 0, 1, 1], 4), (16, 1))[:, :, np.newaxis]
    got = stages.edge_answers(model, "conv", upright, upright.transpose(1, 0, 2))
    np.testing.assert_allclose(got.preference, [1, -1, 0])
    np.testing.assert_allclose(got.vertical, [4, 0, 0])
    np.testing.assert_allclose(got.horizontal, [0, 4, 0])
