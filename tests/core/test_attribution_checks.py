"""The checks on attribution: randomised layers, deletion and insertion."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.attribution.deletion import (
    RANDOM_ORDERS,
    STEPS,
    course_of,
    courses_of,
    order_of,
    random_order,
)
from core.attribution.maps import Question, maps_of
from core.attribution.randomising import RandomisedCopy
from core.attribution.sanity import in_words, likeness, rank_correlation
from core.attribution.scores import ScoredNetwork
from core.errors import LearnscopeError
from tests.core.small_networks import an_image, convolutional, linear

pytestmark = pytest.mark.usefixtures("warm")


def question(image: np.ndarray, target: int = 0) -> Question:
    return Question(image, np.zeros_like(image), target, "conv_2", 2, 8)


def plain_question(image: np.ndarray, baseline: np.ndarray, target: int = 0) -> Question:
    return Question(image, baseline, target, "", 1, 8)


def differ(first: list[np.ndarray], second: list[np.ndarray]) -> list[bool]:
    return [not np.array_equal(one, other) for one, other in zip(first, second, strict=True)]


# Randomising


def test_layers_lose_what_they_learnt_from_the_top_down():
    model = convolutional()
    copy = RandomisedCopy(model)
    assert copy.stages == ("classes", "dense", "conv_2", "conv_1")
    learnt = model.get_weights()  # kernel and bias of conv_1, conv_2, dense, classes
    for depth in range(5):
        kernels = differ(copy.weights(depth, [7]), learnt)[::2]
        assert kernels == [False] * (4 - depth) + [True] * depth


def test_the_network_itself_is_left_alone():
    model, image = convolutional(), an_image()
    before = [weight.copy() for weight in model.get_weights()]
    RandomisedCopy(model).maps(question(image), 4, [7])
    assert differ(model.get_weights(), before) == [False] * len(before)


def test_a_layer_keeps_its_random_weights_as_deeper_ones_follow():
    copy = RandomisedCopy(convolutional())
    first, then = copy.weights(1, [7]), copy.weights(3, [7])
    np.testing.assert_array_equal(first[-2], then[-2])


def test_the_seed_decides_on_the_weights():
    copy = RandomisedCopy(convolutional())
    drawn = copy.weights(4, [7])
    assert not any(differ(copy.weights(4, [7]), drawn))
    assert all(differ(copy.weights(4, [8]), drawn)[::2])


def test_random_kernels_have_the_spread_of_first_weights():
    learnt = convolutional()
    learnt.get_layer("dense").kernel.assign(learnt.get_layer("dense").kernel * 100)
    kernel = RandomisedCopy(learnt).weights(2, [7])[4]
    bound = math.sqrt(6 / sum(kernel.shape))  # Glorot & Bengio (2010), uniform
    assert np.abs(kernel).max() <= bound
    assert kernel.std() == pytest.approx(bound / math.sqrt(3), rel=0.1)


def test_a_normalization_forgets_its_statistics_with_the_convolution_before_it():
    model = convolutional(normalized=True)
    learnt = [np.full(4, value, np.float32) for value in (2.0, 0.3, 0.1, 0.5)]
    model.get_layer("norm_1").set_weights(learnt)
    copy = RandomisedCopy(model)
    kept, anew = copy.weights(3, [7])[2:6], copy.weights(4, [7])[2:6]
    assert not any(differ(kept, learnt))
    assert [float(values[0]) for values in anew] == [1, 0, 0, 1]


def test_depth_0_is_the_network_as_it_was_trained():
    model, asked = convolutional(), question(an_image())
    copy = RandomisedCopy(model)
    copy.maps(asked, 4, [7])
    trained = maps_of(ScoredNetwork(model), asked)
    for name, values in copy.maps(asked, 0, [7]).items():
        np.testing.assert_allclose(values, trained[name], atol=1e-6)


def test_more_layers_than_there_are_cannot_be_randomised():
    with pytest.raises(LearnscopeError, match="from 0 to 4"):
        RandomisedCopy(convolutional()).weights(5, [7])


# How like the maps stay


def test_the_rank_correlation_is_spearmans():
    # Ranks 1 2 3 4 against 2 1 4 3: 1 - 6 * 4 / (4 * 15) = 0.6.
    first, second = np.array([[1, 2], [30, 400]]), np.array([[2, -1], [9, 3]])
    assert rank_correlation(first, second) == pytest.approx(0.6)
    assert rank_correlation(first, -second) == pytest.approx(-0.6)


def test_a_blank_map_has_no_rank_correlation():
    assert math.isnan(rank_correlation(np.zeros((2, 2)), np.eye(2)))


def test_likeness_is_the_mean_and_the_spread_over_the_draws_by_depth():
    up = np.array([[1.0, 2], [3, 4]])
    swapped, down = np.array([[2.0, 1], [4, 3]]), up[::-1, ::-1]
    draws = [[{"m": swapped}, {"m": down}], [{"m": up}, {"m": np.zeros((2, 2))}]]
    found = likeness({"m": up}, draws, "m")
    assert [one.depth for one in found] == [0, 1, 2]
    assert found[0].mean == pytest.approx(1)
    assert (found[1].low, found[1].mean, found[1].high) == pytest.approx((0.6, 0.8, 1))
    assert (found[2].mean, found[2].blank, found[2].draws) == (pytest.approx(-1), 1, 2)


def test_places_are_compared_without_the_sign():
    up = np.array([[1.0, 2], [3, 4]])
    (_, found) = likeness({"m": up}, [[{"m": -up}]], "m")
    assert (found.mean, found.places) == (pytest.approx(-1), pytest.approx(1))


@pytest.mark.parametrize(
    ("last", "words"),
    [
        ([[-1.0, -2], [-3, -5]], "only for and against change"),
        ([[4.0, 3], [2, 1]], "changes with the network: it depends on what was learnt"),
        ([[1.0, 2], [3, 5]], "stays the same however the network is randomised: it draws edges"),
        ([[2.0, 1], [4, 3]], "part of it is there with any weights"),
        ([[1.0, 1], [1, 1]], "shows nothing at all"),
    ],
)
def test_what_is_said_of_a_method_depends_on_the_whole_network_randomised(last, words):
    up = np.array([[1.0, 2], [3, 4]])
    found = likeness({"m": up}, [[{"m": up}, {"m": np.array(last)}]], "m")
    assert words in in_words(found)


# Deletion and insertion


def test_the_largest_value_goes_first_and_equal_ones_by_chance():
    values = np.array([[0.0, 2, 0], [0, -1, 0]])
    order = order_of(values, [1])
    assert order[0] == 1 and order[-1] == 4
    assert sorted(order[1:-1]) == [0, 2, 3, 5]
    assert {tuple(order_of(values, [seed])[1:-1]) for seed in range(9)} != {(0, 2, 3, 5)}


def mean_of_pixels() -> ScoredNetwork:
    """Its one output is the mean of 8 x 7 pixels: 28 steps of two each."""
    return ScoredNetwork(linear(np.full((8, 7, 1, 1), 1 / 56, np.float32), [0], "linear"))


@pytest.mark.parametrize("kind", ["deletion", "insertion"])
def test_where_all_pixels_count_alike_the_area_is_one_half(kind: str):
    white = np.ones((8, 7, 1), np.float32)
    asked = plain_question(white, np.zeros_like(white))
    course = course_of(mean_of_pixels(), asked, random_order(56, [1]), kind)
    line = np.linspace(0, 1, STEPS + 1)
    np.testing.assert_allclose(course.shares, line)
    expected = 1 - line if kind == "deletion" else line
    np.testing.assert_allclose(course.probabilities, expected, atol=1e-6)
    assert course.area == pytest.approx(0.5)


def one_pixel() -> ScoredNetwork:
    """Its one output is the pixel in row 3, column 2 of 8 x 7."""
    weights = np.zeros((8, 7, 1, 1), np.float32)
    weights[3, 2] = 1
    return ScoredNetwork(linear(weights, [0], "linear"))


def test_deletion_of_the_one_pixel_that_counts_ends_it_in_the_first_step():
    white = np.ones((8, 7, 1), np.float32)
    asked = plain_question(white, np.zeros_like(white))
    values = np.zeros((8, 7))
    values[3, 2] = 1
    first = course_of(one_pixel(), asked, order_of(values, [1]), "deletion")
    assert first.area == pytest.approx(0.5 / STEPS)  # one trapezoid from 1 down to 0
    last = course_of(one_pixel(), asked, order_of(-values, [1]), "deletion")
    assert last.area == pytest.approx(1 - 0.5 / STEPS)
    inserted = course_of(one_pixel(), asked, order_of(values, [1]), "insertion")
    assert inserted.area == pytest.approx(1 - 0.5 / STEPS)


def test_deletion_ends_at_the_baseline_and_insertion_at_the_image():
    network, image, ground = ScoredNetwork(convolutional()), an_image(1), an_image(2)
    asked = plain_question(image, ground, target=2)
    of_image, of_ground = network.probabilities(np.stack([image, ground]))[:, 2]
    for kind, ends in (("deletion", (of_image, of_ground)), ("insertion", (of_ground, of_image))):
        course = course_of(network, asked, random_order(64, [1]), kind)
        found = course.probabilities[[0, -1]]
        np.testing.assert_allclose(found, ends, atol=1e-6)
    np.testing.assert_array_equal(image, an_image(1))


def test_random_orders_stand_beside_the_maps_and_a_good_map_beats_them_all():
    white = np.ones((8, 7, 1), np.float32)
    asked = plain_question(white, np.zeros_like(white))
    values = np.zeros((8, 7))
    values[3, 2] = 1
    maps = {"good": values, "bad": -values}
    # By chance alone, one of ten orders has the pixel among its first two in every third seed.
    for kind in ("deletion", "insertion"):
        found = courses_of(one_pixel(), asked, maps, kind, seed=5)
        assert len(found.random_areas) == RANDOM_ORDERS
        assert len(set(found.random_areas.tolist())) > 5
        assert found.beats_chance("good") and not found.beats_chance("bad")
        low, mean, high = found.random_band
        assert (low <= mean).all() and (mean <= high).all()


def test_the_same_seed_gives_the_same_courses():
    white = np.ones((8, 7, 1), np.float32)
    asked = plain_question(white, np.zeros_like(white))
    areas = [
        courses_of(one_pixel(), asked, {}, "deletion", seed).random_areas.tolist()
        for seed in (4, 4, 5)
    ]
    assert areas[0] == areas[1] != areas[2]
