"""The four methods of attribution, where the answer is known by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.signal import correlate2d

from core.attribution.baselines import BASELINES, baseline_image
from core.attribution.grad_cam import grad_cam
from core.attribution.gradients import integrated_gradients, saliency
from core.attribution.maps import Question, maps_of
from core.attribution.methods import METHODS
from core.attribution.occlusion import Patches, drop_map, score_drops, usual_side
from core.attribution.scores import ScoredNetwork
from core.errors import LearnscopeError
from core.inside.stages import layer_stages
from tests.core.small_networks import an_image, convolutional, in_line, linear

pytestmark = pytest.mark.usefixtures("warm")
RNG = np.random.default_rng(5)
WEIGHTS = RNG.normal(size=(4, 5, 2, 3)).astype(np.float32)
BIAS = [0.5, -1.0, 2.0]


def linear_network() -> ScoredNetwork:
    return ScoredNetwork(linear(WEIGHTS, BIAS))


def occluded(network: ScoredNetwork, image: np.ndarray, target: int, side: int) -> np.ndarray:
    patches = Patches(*image.shape[:2], side)
    everything = range(len(patches.corners))
    drops = score_drops(network, image, np.zeros_like(image), target, patches, everything)
    return drop_map(drops, patches)


# Scores


def test_scores_are_those_before_the_softmax():
    image = an_image(shape=(4, 5, 2))
    by_hand = np.einsum("hwc,hwck->k", image, WEIGHTS) + BIAS
    network = linear_network()
    assert network.before_softmax
    np.testing.assert_allclose(network.scores(image[None])[0], by_hand, rtol=1e-5)


def test_probabilities_are_the_networks_own():
    model, images = convolutional(), np.stack([an_image(1), an_image(2)])
    np.testing.assert_allclose(
        ScoredNetwork(model).probabilities(images), model(images, training=False), atol=1e-6
    )


@pytest.mark.parametrize(
    "softmax", [keras.layers.Softmax(), keras.layers.Activation("softmax")], ids=["own", "function"]
)
def test_a_softmax_layer_is_left_out(softmax: keras.layers.Layer):
    layers = [keras.layers.Flatten(), keras.layers.Dense(3), softmax]
    network = ScoredNetwork(in_line((8, 8, 1), layers))
    scores = network.scores(an_image()[None])
    assert network.before_softmax
    np.testing.assert_allclose(scores[0], layers[1](an_image().reshape(1, -1))[0], atol=1e-6)


def test_without_a_softmax_the_outputs_are_explained_as_they_are():
    network = ScoredNetwork(linear(WEIGHTS, BIAS, "sigmoid"))
    image = an_image(shape=(4, 5, 2))[None]
    assert not network.before_softmax
    np.testing.assert_array_equal(network.scores(image), network.probabilities(image))
    assert (network.scores(image) > 0).all() and (network.scores(image) < 1).all()


def test_many_images_are_answered_like_each_by_itself():
    network = ScoredNetwork(convolutional())
    images = np.stack([an_image(seed) for seed in range(131)])  # more than one batch
    np.testing.assert_allclose(
        network.scores(images)[[0, 130]],
        np.concatenate([network.scores(images[:1]), network.scores(images[130:])]),
        atol=1e-5,
    )


def test_a_network_with_a_shortcut_is_refused_with_the_sentence_for_it():
    image = keras.Input((8, 8, 1))
    maps = keras.layers.Conv2D(1, 3, padding="same")(image)
    output = keras.layers.Dense(2)(keras.layers.Flatten()(keras.layers.Add()([image, maps])))
    with pytest.raises(LearnscopeError, match="as at the end of a residual connection"):
        ScoredNetwork(keras.Model(image, output))


def test_an_image_of_other_channels_is_refused():
    with pytest.raises(LearnscopeError, match="with 2 channels"):
        saliency(linear_network(), np.zeros((4, 5, 1), np.float32), 0)


# Saliency


def test_the_gradient_of_a_linear_network_is_its_weights():
    gradient = linear_network().gradients(an_image(shape=(4, 5, 2))[None], 1)
    np.testing.assert_allclose(gradient[0], WEIGHTS[..., 1], rtol=1e-6)


def test_saliency_is_the_largest_absolute_gradient_of_the_colours():
    found = saliency(linear_network(), an_image(shape=(4, 5, 2)), 2)
    np.testing.assert_allclose(found, np.abs(WEIGHTS[..., 2]).max(axis=2), rtol=1e-6)


def test_the_gradient_agrees_with_differences():
    network, image = ScoredNetwork(convolutional()), an_image().astype(np.float32)
    gradient, step = network.gradients(image[None], 1)[0], np.float32(1e-2)
    for place in ((2, 3, 0), (5, 5, 0)):
        up, down = image.copy(), image.copy()
        up[place] += step
        down[place] -= step
        high, low = network.scores(np.stack([up, down]))[:, 1]
        assert gradient[place] == pytest.approx((high - low) / (2 * step), abs=2e-3)


# Integrated gradients


def test_integrated_gradients_of_a_linear_network_are_weights_times_way():
    image, baseline = an_image(1, (4, 5, 2)), an_image(2, (4, 5, 2))
    found = integrated_gradients(linear_network(), image, baseline, 0, steps=3)
    expected = WEIGHTS[..., 0] * (image - baseline)
    np.testing.assert_allclose(found.shares, expected, atol=1e-6)
    np.testing.assert_allclose(found.map, expected.sum(axis=2), atol=1e-6)
    assert found.gap == pytest.approx(0, abs=1e-5)


def test_integrated_gradients_of_a_square_are_its_integral():
    # The score is the square of one pixel: its gradient 2x rises along the way from 0.2 to 0.8.
    square = keras.layers.Activation(keras.ops.square)
    dense = keras.layers.Dense(1, use_bias=False)
    network = ScoredNetwork(in_line((1, 1, 1), [square, keras.layers.Flatten(), dense]))
    dense.set_weights([np.ones((1, 1))])
    ends = [np.full((1, 1, 1), value, np.float32) for value in (0.8, 0.2)]
    found = integrated_gradients(network, *ends, 0, steps=1)  # the midpoint is exact for a line
    assert found.total == pytest.approx(0.64 - 0.04)


def test_shares_add_up_to_the_difference_of_the_scores_of_a_convolutional_network():
    network, image, baseline = ScoredNetwork(convolutional()), an_image(1), an_image(2)
    found = integrated_gradients(network, image, baseline, 2, steps=512)
    scores = network.scores(np.stack([image, baseline]))[:, 2]
    assert found.difference == pytest.approx(scores[0] - scores[1], abs=1e-6)
    assert abs(found.gap) < 0.005 * abs(found.difference)


def test_more_steps_come_closer():
    network = ScoredNetwork(convolutional())
    gaps = [
        abs(integrated_gradients(network, an_image(1), an_image(2), 0, steps).gap)
        for steps in (1, 512)
    ]
    assert gaps[1] < gaps[0] / 10


def test_the_baseline_itself_has_no_shares():
    image = an_image()
    found = integrated_gradients(ScoredNetwork(convolutional()), image, image, 0, 4)
    assert not found.shares.any() and found.difference == 0


# Grad-CAM


def test_grad_cam_is_what_the_paper_says_computed_by_hand():
    convolution = keras.layers.Conv2D(2, 3, padding="same", activation="relu", name="conv")
    dense = keras.layers.Dense(3, "softmax")
    model = in_line((8, 8, 1), [convolution, keras.layers.Flatten(), dense])
    image, kernels = an_image(), RNG.normal(size=(3, 3, 1, 2)).astype(np.float32)
    weights = RNG.normal(size=(8, 8, 2, 3)).astype(np.float32)
    convolution.set_weights([kernels, np.array([0.2, -0.1])])
    dense.set_weights([weights.reshape(128, 3), np.zeros(3)])
    maps = np.dstack(
        [
            np.maximum(correlate2d(image[..., 0], kernels[:, :, 0, k], mode="same") + bias, 0)
            for k, bias in enumerate((0.2, -0.1))
        ]
    )
    # The score is the sum of weights times maps: its gradient is the weights.
    alphas = weights[..., 1].mean(axis=(0, 1))
    expected = np.maximum(maps @ alphas, 0)
    assert expected.any()
    found = grad_cam(ScoredNetwork(model), image, 1, "conv")
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_coarse_layers_map_is_brought_to_the_images_size_bilinearly():
    # One map of 1 x 2 places, 0 and 1, whose gradient is 1: twice as wide, 0, 1/4, 3/4 and 1.
    convolution = keras.layers.Conv2D(1, 1, strides=2, use_bias=False, name="conv")
    dense = keras.layers.Dense(1, use_bias=False)
    network = ScoredNetwork(in_line((2, 4, 1), [convolution, keras.layers.Flatten(), dense]))
    convolution.set_weights([np.ones((1, 1, 1, 1))])
    dense.set_weights([np.ones((2, 1))])
    image = np.zeros((2, 4, 1), np.float32)
    image[0, 2] = 1
    np.testing.assert_allclose(grad_cam(network, image, 0, "conv"), [[0, 0.25, 0.75, 1]] * 2)


def test_what_speaks_against_the_class_is_left_out_by_grad_cam():
    convolution = keras.layers.Conv2D(1, 1, use_bias=False, name="conv")
    dense = keras.layers.Dense(1, use_bias=False)
    network = ScoredNetwork(in_line((2, 2, 1), [convolution, keras.layers.Flatten(), dense]))
    convolution.set_weights([np.ones((1, 1, 1, 1))])
    dense.set_weights([-np.ones((4, 1))])
    assert not grad_cam(network, np.ones((2, 2, 1), np.float32), 0, "conv").any()


def test_grad_cam_takes_the_maps_behind_normalization_and_activation():
    model, image = convolutional(normalized=True), an_image()
    model.get_layer("norm_1").set_weights(
        [np.full(4, value, np.float32) for value in (2.0, 0.3, 0.1, 0.5)]
    )
    plain = grad_cam(ScoredNetwork(model), image, 0, "conv_1")
    maps = layer_stages(model, "conv_1", image).activation
    # Where all maps behind the activation are 0, there is nothing to weigh.
    silent = (maps == 0).all(axis=2)
    assert silent.any() and not plain[silent].any()


# Occlusion


def test_occlusion_of_a_network_that_looks_at_one_pixel_finds_that_pixel_alone():
    weights = np.zeros((8, 8, 1, 2), np.float32)
    weights[2, 3, 0, 1] = 3
    found = occluded(ScoredNetwork(linear(weights, [0, 0])), np.full((8, 8, 1), 0.5), 1, side=1)
    expected = np.zeros((8, 8))
    expected[2, 3] = 1.5
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_every_pixel_has_the_mean_drop_of_the_patches_that_cover_it():
    weights = np.zeros((3, 3, 1, 1), np.float32)
    weights[1, 1] = 1
    network = ScoredNetwork(linear(weights, [0], "linear"))
    image = np.ones((3, 3, 1), np.float32)
    # Each of the four patches of 2 x 2 covers the middle, so all drops are 1.
    np.testing.assert_allclose(occluded(network, image, 0, side=2), np.ones((3, 3)))
    weights[1, 1], weights[0, 0] = 0, 1
    network = ScoredNetwork(linear(weights, [0], "linear"))
    expected = [[1, 0.5, 0], [0.5, 0.25, 0], [0, 0, 0]]  # one patch of four covers the corner
    np.testing.assert_allclose(occluded(network, image, 0, side=2), expected)


def test_drops_in_portions_are_the_drops_at_once():
    network, image, patches = ScoredNetwork(convolutional()), an_image(), Patches(8, 8, 3)
    ask = (network, image, np.zeros_like(image), 0, patches)
    assert len(patches.corners) == 36
    at_once = score_drops(*ask, range(36))
    portions = np.concatenate([score_drops(*ask, range(20)), score_drops(*ask, range(20, 36))])
    np.testing.assert_allclose(portions, at_once, atol=1e-5)


def test_occlusion_leaves_the_image_as_it_is():
    image = an_image()
    before = image.copy()
    occluded(ScoredNetwork(convolutional()), image, 0, side=2)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(("size", "side"), [((28, 28), 4), ((8, 8), 1), ((32, 32), 5), ((2, 9), 1)])
def test_the_usual_patch_is_a_seventh_of_the_shorter_side(size: tuple[int, int], side: int):
    assert usual_side(*size) == side


# Baselines


@pytest.mark.parametrize(("kind", "level"), [("black", 0), ("gray", 0.5), ("white", 1)])
def test_a_plain_baseline_is_the_same_everywhere(kind: str, level: float):
    np.testing.assert_array_equal(baseline_image(kind, an_image()), np.full((8, 8, 1), level))


def test_blurring_keeps_a_plain_image_and_smooths_another():
    plain = np.full((8, 8, 1), 0.3, np.float32)
    np.testing.assert_allclose(baseline_image("blurred", plain), plain, atol=1e-6)
    assert baseline_image("blurred", an_image()).std() < an_image().std() / 2


def test_every_baseline_can_be_made():
    for kind in BASELINES:
        made = baseline_image(kind, an_image(shape=(6, 4, 3)))
        assert made.shape == (6, 4, 3) and made.min() >= 0 and made.max() <= 1


# All of them


def test_every_method_has_a_map_of_the_images_size_and_the_signs_that_are_said_of_it():
    image = an_image()
    asked = Question(image, np.zeros_like(image), 0, "conv_2", 2, 8)
    maps = maps_of(ScoredNetwork(convolutional()), asked)
    assert set(maps) == set(METHODS)
    assert all(values.shape == (8, 8) for values in maps.values())
    for name, method in METHODS.items():
        assert (maps[name].min() < 0) == method.signed, name


def test_two_questions_have_one_key_only_if_they_are_the_same():
    image = an_image()
    asked = Question(image, np.zeros_like(image), 0, "conv_2", 2, 8)
    assert asked.key == Question(image.copy(), np.zeros_like(image), 0, "conv_2", 2, 8).key
    others = (
        Question(an_image(1), np.zeros_like(image), 0, "conv_2", 2, 8),
        Question(image, np.ones_like(image), 0, "conv_2", 2, 8),
        Question(image, np.zeros_like(image), 1, "conv_2", 2, 8),
        Question(image, np.zeros_like(image), 0, "conv_1", 2, 8),
        Question(image, np.zeros_like(image), 0, "conv_2", 3, 8),
        Question(image, np.zeros_like(image), 0, "conv_2", 2, 9),
    )
    assert asked.key not in [other.key for other in others]
