"""What a layer can see of the image, in closed form and by the gradient of its middle unit."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.errors import LearnscopeError
from core.inside.effective_field import effective_field, moments
from core.inside.reach_records import Reach
from core.inside.receptive_field import reaches
from tests.core.normalizing import network

L = keras.layers


def in_line(side: int, *layers: keras.Layer) -> keras.Model:
    """The layers one after another, for gray images, every kernel 1 everywhere."""
    model = keras.Sequential([keras.Input((side, side, 1)), *layers])
    model.set_weights([np.ones_like(weight) for weight in model.get_weights()])
    return model


def sizes(model: keras.Model) -> list[str]:
    return [reach.words for reach in reaches(model)]


def seen(model: keras.Model, reach: Reach) -> tuple[int, int, int, int]:
    """First and last row and column that move the middle unit, by automatic differentiation."""
    inside = keras.Model(
        model.inputs, next(x for x in model.layers if x.name == reach.layer).output
    )
    batch = tf.random.stateless_uniform((1, *model.input_shape[1:]), (1, 2))
    with tf.GradientTape() as tape:
        tape.watch(batch)
        made = inside(batch)
        middle = tf.reduce_sum(made[:, made.shape[1] // 2, made.shape[2] // 2])
    touched = np.argwhere(np.abs(tape.gradient(middle, batch).numpy()[0, :, :, 0]) > 0)
    (top, left), (bottom, right) = touched.min(axis=0), touched.max(axis=0)
    return int(top), int(bottom), int(left), int(right)


def test_three_by_three_kernels_widen_the_field_by_two_pixels_each():
    model = in_line(21, *(L.Conv2D(1, 3, padding="same") for _ in range(3)))
    assert sizes(model) == ["3 x 3", "5 x 5", "7 x 7"]


def test_behind_a_pooling_each_kernel_widens_it_twice_as_much():
    """3, then pooling 3 + 1, then a kernel of 3 at a step of 2: 4 + 2 x 2, then pooling 8 + 2."""
    model = in_line(
        28,
        L.Conv2D(1, 3, padding="same"),
        L.ReLU(),
        L.MaxPooling2D(2),
        L.Conv2D(1, 3, padding="same"),
        L.MaxPooling2D(2),
    )
    assert sizes(model) == ["3 x 3", "3 x 3", "4 x 4", "8 x 8", "10 x 10"]


def test_dilation_and_stride_count_and_axes_are_kept_apart():
    model = in_line(30, L.Conv2D(1, (3, 5), strides=2), L.Conv2D(1, 3, dilation_rate=2))
    assert sizes(model) == ["5 x 3", "13 x 11"]  # columns first: 5 + 4 x 2 and 3 + 4 x 2


@pytest.mark.parametrize(
    "layers",
    [
        [L.Conv2D(1, 3, padding="same", strides=2), L.Conv2D(1, 5, padding="same")],
        [L.Conv2D(1, 4, padding="same"), L.AveragePooling2D(3, 2), L.Conv2D(2, 2)],
        [L.Conv2D(2, 3, dilation_rate=3), L.AveragePooling2D(2, padding="same")],
        [L.DepthwiseConv2D(3, strides=2), L.SeparableConv2D(2, 3, padding="same")],
    ],
    ids=["stride", "overlapping pools", "dilation", "depthwise"],
)
@pytest.mark.parametrize("side", [32, 33])
def test_the_field_is_just_where_the_gradient_is_not_zero(layers, side):
    model = in_line(side, *(layer.from_config(layer.get_config()) for layer in layers))
    for reach in reaches(model):
        rows, columns = reach.rows, reach.columns
        assert rows is not None and columns is not None
        assert seen(model, reach) == (
            rows.first,
            rows.first + rows.size - 1,
            columns.first,
            columns.first + columns.size - 1,
        )


def test_dense_layers_see_the_whole_image_and_flatten_what_the_maps_saw():
    model = in_line(8, L.Conv2D(2, 3), L.Flatten(), L.Dense(3), L.ReLU())
    assert sizes(model) == ["3 x 3", "3 x 3", "whole image", "whole image"]


def test_a_layer_of_its_own_kind_is_not_known_and_nothing_behind_it():
    model = in_line(8, L.Conv2D(1, 3), L.UpSampling2D(2), L.Conv2D(1, 3))
    assert sizes(model) == ["3 x 3", "not known", "not known"]
    assert math.isnan(reaches(model)[1].uniform_sigma)


def test_a_normalization_over_places_is_told_from_one_with_moving_statistics():
    model = in_line(8, L.BatchNormalization(), L.GroupNormalization(1), L.Conv2D(1, 3))
    assert [reach.through_statistics for reach in reaches(model)] == [False, True, True]


def test_a_network_for_any_size_of_image_is_refused_in_words():
    model = keras.Sequential([keras.Input((None, None, 1)), L.Conv2D(1, 3)])
    with pytest.raises(LearnscopeError, match="images of one size"):
        reaches(model)


@pytest.mark.parametrize("depth", [1, 3, 8])
def test_n_uniform_kernels_of_three_by_three_spread_by_the_root_of_8_n_over_12(depth):
    """Luo et al. (2016): n equal taps of 3 add n times the variance 8 / 12."""
    model = in_line(41, *(L.Conv2D(1, 3, padding="same") for _ in range(depth)))
    found = effective_field(model, model.layers[-1].name, np.zeros((2, 41, 41, 1)))
    assert found.sigma == pytest.approx(math.sqrt(8 * depth / 12), rel=1e-5)
    assert reaches(model)[-1].uniform_sigma == pytest.approx(math.sqrt(8 * depth / 12))
    assert found.centre == pytest.approx((20, 20), abs=1e-4)
    assert found.shares.sum() == pytest.approx(1)


def test_the_spread_with_equal_weights_is_made_up_of_kernels_and_pools():
    model = in_line(
        28, L.Conv2D(1, 3, padding="same"), L.MaxPooling2D(2), L.Conv2D(1, 3), L.Conv2D(1, (1, 3))
    )
    made = [reach.uniform_sum for reach in reaches(model)]
    assert made[:3] == ["sqrt(8/12)", "sqrt(8/12 + 3/12)", "sqrt(8/12 + 3/12 + 4 * 8/12)"]
    assert made[3] == ("sqrt(((8/12 + 3/12 + 4 * 8/12) + (8/12 + 3/12 + 4 * 8/12 + 4 * 8/12)) / 2)")
    for reach in reaches(model):
        assert eval(reach.uniform_sum, {"sqrt": math.sqrt}) == pytest.approx(reach.uniform_sigma)
    assert in_line_of_one_pixel().uniform_sum == ""


def in_line_of_one_pixel():
    return reaches(in_line(4, L.Conv2D(1, 1)))[0]


def test_with_strides_dilation_and_pools_the_closed_form_is_the_measured_one():
    model = in_line(
        64,
        L.Conv2D(1, 3, padding="same"),
        L.AveragePooling2D(2),
        L.Conv2D(1, 5, padding="same"),
        L.Conv2D(1, 3, padding="same", dilation_rate=2),
        L.AveragePooling2D(2),
    )
    for reach in reaches(model):
        found = effective_field(model, reach.layer, np.zeros((1, 64, 64, 1)))
        assert found.sigma == pytest.approx(reach.uniform_sigma, rel=1e-5)


def test_a_field_wider_than_high_has_its_own_spread_on_each_axis():
    model = in_line(15, L.Conv2D(1, (1, 3), padding="same"))
    found = effective_field(model, model.layers[-1].name, np.zeros((1, 15, 15, 1)))
    assert found.sigmas == pytest.approx((0, math.sqrt(8 / 12)))
    assert found.sigma == pytest.approx(math.sqrt(8 / 24))


def test_kernels_of_opposite_sign_do_not_cancel_each_other():
    model = in_line(9, L.Conv2D(2, 1, use_bias=False))
    model.layers[0].kernel.assign(np.array([1.0, -1.0]).reshape(1, 1, 1, 2))
    found = effective_field(model, model.layers[0].name, np.zeros((1, 9, 9, 1)))
    assert found.shares[4, 4] == 1


def test_units_that_never_move_have_no_spread():
    model = in_line(9, L.Conv2D(1, 3), L.ReLU())
    model.layers[0].set_weights([np.full((3, 3, 1, 1), -1.0), np.full(1, -1.0)])
    found = effective_field(model, model.layers[1].name, np.ones((1, 9, 9, 1)))
    assert not found.moves and math.isnan(found.sigma)


def test_of_many_filters_evenly_spaced_ones_are_taken_and_counted():
    model = in_line(9, L.Conv2D(10, 3))
    found = effective_field(model, model.layers[0].name, np.zeros((1, 9, 9, 1)), most_filters=4)
    assert (found.filters, found.of_filters, found.images) == (4, 10, 1)


def test_a_row_of_numbers_has_no_effective_field():
    model = in_line(8, L.Flatten(), L.Dense(2))
    with pytest.raises(LearnscopeError, match="each sees the whole image"):
        effective_field(model, model.layers[1].name, np.zeros((1, 8, 8, 1)))


def test_the_moments_of_two_points_are_their_middle_and_half_their_distance():
    weights = np.zeros((5, 5))
    weights[1, 2] = weights[3, 2] = 7
    assert moments(weights) == ((2, 2), (1, 0))


def test_a_network_of_the_house_has_its_gradient_within_its_field():
    model = network()
    images = np.random.default_rng(0).random((4, 8, 8, 1))
    reach = reaches(model)[0]
    assert reach.rows is not None and reach.columns is not None
    shares = effective_field(model, reach.layer, images).shares
    inside = shares[
        reach.rows.first : reach.rows.first + 3, reach.columns.first : reach.columns.first + 3
    ]
    assert inside.sum() == pytest.approx(1) and shares.max() > 0
