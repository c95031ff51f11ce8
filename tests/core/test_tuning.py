"""Tuning curves against closed forms and against SciPy's convolution."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import correlate2d

from core.errors import LearnscopeError
from core.inside.before_activation import before_activation, is_first
from core.inside.classic_kernels import gabor
from core.inside.gratings import ANGLES, gratings
from core.inside.stages import layer_stages
from core.inside.tuned_layer import borderless_shape, tune_layer
from core.inside.tuning import half_width, layer_tuning, preference, tune_kernels
from core.inside.tuning_checks import COARSE, SOBEL, known_tunings, spot_kernel

L = keras.layers


def network(*layers: keras.Layer, side: int = 12, channels: int = 1) -> keras.Model:
    keras.utils.set_random_seed(3)
    return keras.Sequential([keras.Input((side, side, channels)), *layers])


def deep(**options: object) -> keras.Model:
    return network(
        L.Conv2D(4, 3, padding="same", name="one"),
        L.BatchNormalization(),
        L.ReLU(),
        L.MaxPooling2D(2),
        L.Conv2D(3, 3, padding="same", name="two", **options),
        L.BatchNormalization(),
        L.ReLU(),
    )


def single(kernel: np.ndarray, *frequencies: float):
    chosen = {"frequencies": np.array(frequencies)} if frequencies else {}
    return tune_kernels(kernel[:, :, None, None], **chosen)


def test_vertical_stripes_are_those_whose_brightness_changes_to_the_right():
    image = gratings((6, 8, 2), 0.25, 0.0, np.array([30.0]))[0]
    assert (image == image[:1]).all() and np.ptp(image[0]) > 0.5
    assert (image[..., 0] == image[..., 1]).all()


def test_a_grating_turned_by_90_degrees_changes_upwards():
    image = gratings((9, 9, 1), 0.1, 90.0, np.array([90.0]))[0, :, 4, 0]
    np.testing.assert_allclose(
        image, 0.5 + 0.5 * np.sin(0.2 * np.pi * (4 - np.arange(9))), atol=1e-6
    )


def test_the_amplitude_is_that_of_a_quadrature_pair_through_scipy():
    kernels = np.random.default_rng(0).normal(size=(3, 5, 2, 4))
    tuning = tune_kernels(kernels, np.array([0.11, 0.4]), np.array([0.0, 35.0, 120.0]))
    for row, frequency in enumerate(tuning.frequencies):
        for column, angle in enumerate(tuning.angles):
            pair = gratings((11, 11, 2), frequency, angle, np.array([0.0, 90.0])) - 0.5
            for number in range(4):
                maps = [
                    sum(
                        correlate2d(image[:, :, i], kernels[:, :, i, number], mode="valid")
                        for i in range(2)
                    )
                    for image in pair
                ]
                np.testing.assert_allclose(
                    np.hypot(*maps), tuning.amplitudes[number, row, column], rtol=1e-4
                )


def test_sobel_follows_the_cosine_of_the_angle():
    curve = single(SOBEL, COARSE).amplitudes[0, 0]
    np.testing.assert_allclose(curve / curve.max(), np.abs(np.cos(np.deg2rad(ANGLES))), atol=0.005)


def test_sobel_prefers_vertical_edges_and_gives_nothing_for_horizontal_ones():
    found = preference(single(SOBEL, COARSE), 0)
    assert found.angle == 0 and found.vertical == found.peak
    assert found.horizontal == pytest.approx(0, abs=1e-9)
    assert found.modulation == pytest.approx(1)


def test_the_half_width_of_a_cosine_is_60_degrees():
    assert half_width(ANGLES, np.abs(np.cos(np.deg2rad(ANGLES - 130)))) == pytest.approx(60)


@pytest.mark.parametrize("angle", [0.0, 30.0, 75.0, 90.0, 145.0])
def test_a_gabor_prefers_its_own_angle_and_frequency(angle: float):
    found = preference(single(gabor((31, 31), 0.16, angle, 90.0, 5.0)), 0)
    assert (found.angle, found.frequency) == (angle, pytest.approx(0.16))


def test_the_half_width_of_a_gabor_is_that_of_its_bell():
    """The bell of a Gabor's spectrum has the spread 1 / (2 pi s), in cycles per pixel."""
    found = preference(single(gabor((41, 41), 0.2, 45.0, 90.0, 5.0), 0.2), 0)
    away = np.sqrt(2 * np.log(2)) / (2 * np.pi * 5.0)
    assert found.half_width == pytest.approx(np.rad2deg(2 * np.arcsin(away / 0.4)), abs=0.3)


def test_an_isotropic_laplacian_has_no_preference():
    found = preference(single(spot_kernel(11, 1.4)), 0)
    assert found.modulation < 0.01 and not found.oriented
    assert np.isnan(found.half_width)


def test_a_kernel_of_zeros_has_neither_preference_nor_width():
    found = preference(single(np.zeros((3, 3))), 0)
    assert found.peak == 0 and not found.oriented and np.isnan(found.half_width)


def test_dilation_divides_the_frequencies():
    kernels = np.random.default_rng(1).normal(size=(3, 3, 1, 2))
    wide = tune_kernels(kernels, np.array([0.1]), dilation=(2, 2)).amplitudes
    np.testing.assert_allclose(wide, tune_kernels(kernels, np.array([0.2])).amplitudes)


def test_all_known_kernels_do_as_theory_says():
    assert [check.name for check in known_tunings()] == [
        "Sobel",
        "Gabor at 30°",
        "Laplacian of a Gaussian",
    ]
    assert max(check.difference for check in known_tunings()) < 0.01


@pytest.mark.parametrize("options", [{}, {"activation": "relu"}, {"use_bias": False}])
def test_what_comes_before_the_activation_is_what_the_stages_say(options: dict[str, object]):
    model = deep(**options)
    for layer in model.layers:
        if isinstance(layer, L.BatchNormalization):
            layer.moving_mean.assign(np.linspace(-0.2, 0.3, layer.moving_mean.shape[0]))
    images = np.random.default_rng(0).random((2, 12, 12, 1), np.float32)
    for name in ("one", "two"):
        maps = before_activation(model, name)(tf.constant(images)).numpy()
        expected = [layer_stages(model, name, image).before_activation for image in images]
        np.testing.assert_allclose(maps, expected, atol=1e-5)


def test_only_the_layer_at_the_image_is_a_first_one():
    assert [is_first(deep(), name) for name in ("one", "two")] == [True, False]


def test_a_layer_without_kernels_is_refused():
    model = deep()
    with pytest.raises(LearnscopeError, match="Conv2D"):
        before_activation(model, model.layers[3].name)


def test_a_first_layer_is_tuned_as_its_kernels_are():
    model = deep()
    tuning = tune_layer(model, "one")
    assert tuning.exact
    kernels = model.get_layer("one").kernel.numpy()
    np.testing.assert_array_equal(tuning.amplitudes, tune_kernels(kernels).amplitudes)


def test_behind_linear_layers_measuring_agrees_with_the_closed_form():
    """Two convolutions in a row are one with a larger kernel: here a pixel, then any kernel."""
    model = network(
        L.Conv2D(1, 1, kernel_initializer="ones", name="one"),
        L.Conv2D(3, 3, padding="same", name="two"),
    )
    measured = tune_layer(model, "two")
    assert not measured.exact
    exact = tune_kernels(
        model.get_layer("two").kernel.numpy(), measured.frequencies, measured.angles
    ).amplitudes
    assert (measured.amplitudes <= exact + 1e-4).all()
    assert (measured.amplitudes >= 0.98 * exact - 1e-4).all()


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [1, 2])
def test_the_middle_unit_of_a_large_image_sees_no_border(padding: str, strides: int):
    model = network(
        L.Conv2D(2, 5, padding=padding, strides=strides),
        L.MaxPooling2D(2),
        L.Conv2D(2, 3, padding=padding),
        L.AveragePooling2D(2),
        L.Conv2D(1, 3, padding=padding, name="last"),
        side=64,
    )
    model.set_weights([np.ones_like(weight) for weight in model.get_weights()])
    shape = borderless_shape(model, "last")
    images = tf.random.stateless_uniform((1, *shape), (1, 2))
    with tf.GradientTape() as tape:
        tape.watch(images)
        maps = before_activation(model, "last")(images)
        unit = maps[0, maps.shape[1] // 2, maps.shape[2] // 2, 0]
    touched = np.argwhere(tape.gradient(unit, images).numpy()[0, :, :, 0])
    assert touched.min() > 0 and touched.max() < min(shape[:2]) - 1


def test_progress_is_told():
    told: list[float] = []
    tune_layer(deep(), "two", told.append)
    assert told[0] == 0 and told == sorted(told) and told[-1] < 1


def test_a_layer_is_sorted_by_what_its_filters_prefer_and_counted():
    kernels = np.stack([spot_kernel(11, 1.4), *(gabor((11, 11), 0.2, a) for a in (90, 50, 0, 170))])
    found = layer_tuning(tune_kernels(np.moveaxis(kernels, 0, -1)[:, :, None]))
    assert found.order.tolist() == [3, 2, 1, 4, 0]
    assert (found.oriented, found.nearer_vertical, found.nearer_horizontal) == (4, 2, 1)
    np.testing.assert_allclose(found.shares.max(axis=1), 1)
