"""Many thinned networks: their averages against weight scaling, their doubt by hand, AUROC."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.mechanisms.averaging import averages, in_words
from core.mechanisms.monte_carlo import answers_of_masks, answers_without_dropout, features_at
from core.mechanisms.places import Rates, cut_open
from core.mechanisms.uncertainty import (
    doubt,
    doubt_counts,
    entropy,
    rank_errors,
    roc,
    share_below,
)
from core.model import build_network
from tests.core.small import small

pytestmark = pytest.mark.usefixtures("warm")
IMAGES = np.random.default_rng(2).random((6, 8, 8, 1), np.float32)


@pytest.fixture(scope="module")
def network(warm: None) -> keras.Model:
    return build_network(small(blocks=2), (8, 8, 1), 10)


def linear_network() -> keras.Model:
    """A hidden layer and a linear output: what follows dropout is linear."""
    image = keras.Input((2, 2, 1))
    now = keras.layers.Flatten(name="flatten")(image)
    now = keras.layers.Dense(8, "relu", kernel_initializer="ones", name="dense")(now)
    start = keras.initializers.RandomNormal(seed=1)
    return keras.Model(image, keras.layers.Dense(3, kernel_initializer=start, name="out")(now))


def test_the_mean_of_a_linear_layer_over_masks_is_weight_scaling() -> None:
    cut, rates = cut_open(linear_network()), Rates(0.4, 0.0)
    images = np.random.default_rng(1).random((5, 2, 2, 1), np.float32)
    place = cut.first_active(rates)
    features = features_at(cut, place, images)
    answers = answers_of_masks(cut, rates, place, features, range(2000), 1)
    off = np.abs(answers.mean(axis=0) - answers_without_dropout(cut, place, features))
    assert np.all(off < 4 * answers.std(axis=0) / math.sqrt(2000))
    # And its spread is that of the formula, rate / (1 - rate) * sum of (w x)^2.
    kernel = np.asarray(cut.stretches[-1][0].kernel)
    formula = np.sqrt(0.4 / 0.6 * np.square(features) @ np.square(kernel))
    np.testing.assert_allclose(answers.std(axis=0), formula, rtol=4 / math.sqrt(4000))


@pytest.mark.parametrize("rates", [Rates(0.5, 0.0), Rates(0.3, 0.2)])
def test_the_same_masks_come_in_whatever_portions(network: keras.Model, rates: Rates) -> None:
    cut = cut_open(network)
    place = cut.first_active(rates)
    features = features_at(cut, place, IMAGES)
    whole = answers_of_masks(cut, rates, place, features, range(12), 1)
    parts = [
        answers_of_masks(cut, rates, place, features, some, 1) for some in (range(7), range(7, 12))
    ]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)
    other = answers_of_masks(cut, rates, place, features, range(12), 2)
    assert np.abs(other - whole).max() > 1e-3


def test_each_image_has_masks_of_its_own(network: keras.Model) -> None:
    cut, rates = cut_open(network), Rates(0.5, 0.0)
    features = features_at(cut, 2, np.repeat(IMAGES[:1], 2, axis=0))
    first, second = answers_of_masks(cut, rates, 2, features, range(1), 1)[0]
    assert np.abs(first - second).max() > 1e-3


def test_at_rate_zero_all_say_what_the_whole_network_says(network: keras.Model) -> None:
    cut, rates = cut_open(network), Rates(0.0, 0.0)
    features = features_at(cut, 2, IMAGES)
    answers = answers_of_masks(cut, rates, 2, features, range(3), 1)
    for said in answers:
        np.testing.assert_allclose(said, answers_without_dropout(cut, 2, features), atol=1e-6)


def one_hot(classes: list[list[int]]) -> np.ndarray:
    return np.eye(2, dtype=np.float32)[np.array(classes)]


def test_error_and_disagreement_are_counted_by_hand() -> None:
    # Five masks, two images; the mean of five gives image 0 class 0 (3 of 5), image 1 class 1.
    answers = one_hot([[0, 1], [0, 1], [1, 1], [1, 0], [0, 1]])
    whole, labels = one_hot([[0, 0]])[0], np.array([0, 1])
    scaling, single, five = averages(answers, whole, labels)
    assert (scaling.masks, scaling.count) == (0, 1)
    assert scaling.errors.tolist() == [0.5]
    assert scaling.disagreements.tolist() == [0.0]
    assert (single.masks, single.count) == (1, 5)
    assert single.errors.tolist() == [0.0, 0.0, 0.5, 1.0, 0.0]
    assert single.disagreements.tolist() == [0.5, 0.5, 1.0, 0.5, 0.5]
    assert (five.masks, five.count) == (5, 1)
    assert five.errors.tolist() == [0.0] and five.disagreements.tolist() == [0.5]
    assert five.losses[0] == pytest.approx(-(math.log(0.6) + math.log(0.8)) / 2)
    assert single.losses[3] == pytest.approx(-math.log(1e-7))


def test_fifty_masks_are_shared_out_among_the_averages() -> None:
    answers = np.random.default_rng(1).dirichlet([1, 1, 1], (50, 4)).astype(np.float32)
    found = averages(answers, answers[0], np.zeros(4, np.int64))
    assert [(one.masks, one.count) for one in found] == [(0, 1), (1, 50), (5, 10), (10, 5), (50, 1)]


def test_a_spread_is_told_where_there_are_several() -> None:
    assert in_words(np.array([0.1, 0.3])) == "20.0% ± 14.1%"
    assert in_words(np.array([0.25])) == "25.0%"
    assert in_words(np.array([1.5]), ".3f") == "1.500"


def test_entropy_is_in_nats_and_certainty_has_none() -> None:
    given = np.array([[0.5, 0.5], [1.0, 0.0], [0.25, 0.75]])
    by_hand = [math.log(2), 0.0, -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))]
    np.testing.assert_allclose(entropy(given), by_hand)


def test_mutual_information_is_what_sure_networks_disagree_about() -> None:
    disagree = one_hot([[0], [1]])
    agree = np.full((2, 1, 2), 0.5, np.float32)
    found = doubt(np.concatenate([disagree, agree], axis=1), np.array([[1.0, 0.0], [0.5, 0.5]]))
    np.testing.assert_allclose(found.predictive, [math.log(2), math.log(2)])
    np.testing.assert_allclose(found.mutual_information, [math.log(2), 0.0], atol=1e-12)
    np.testing.assert_allclose(found.whole, [0.0, math.log(2)])


def test_mutual_information_by_hand() -> None:
    answers = np.array([[[0.9, 0.1]], [[0.5, 0.5]]])
    mean = -(0.7 * math.log(0.7) + 0.3 * math.log(0.3))
    within = (-(0.9 * math.log(0.9) + 0.1 * math.log(0.1)) + math.log(2)) / 2
    found = doubt(answers, answers[0])
    assert found.mutual_information[0] == pytest.approx(mean - within)


@pytest.mark.parametrize("seed", range(4))
def test_auroc_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wrong = rng.random(200) < 0.1
    scores = np.round(rng.normal(size=200) + wrong, 1)  # rounded, so that there are ties
    ranking = rank_errors(scores, wrong)
    assert ranking is not None
    assert ranking.area == pytest.approx(roc_auc_score(wrong, scores), abs=1e-12)
    assert (ranking.errors, ranking.right) == (wrong.sum(), (~wrong).sum())
    curve = roc(scores, wrong)
    assert np.trapezoid(curve.found, curve.false_alarms) == pytest.approx(ranking.area)


def test_the_interval_is_as_wide_as_chance_makes_it() -> None:
    """Against the spread of the area over many samples of the same kind."""
    rng, areas, widths = np.random.default_rng(1), [], []
    wrong = np.arange(300) < 40
    for _ in range(300):
        ranking = rank_errors(rng.normal(size=300) + wrong, wrong)
        assert ranking is not None
        areas.append(ranking.area)
        widths.append((ranking.high - ranking.low) / (2 * 1.959964))
    assert np.mean(widths) == pytest.approx(np.std(areas), rel=0.15)


def test_without_errors_there_is_nothing_to_rank_and_of_one_error_no_interval() -> None:
    scores = np.array([0.1, 0.2, 0.3])
    assert rank_errors(scores, np.zeros(3, bool)) is None
    assert rank_errors(scores, np.ones(3, bool)) is None
    single = rank_errors(scores, np.array([False, False, True]))
    assert single is not None and single.area == 1.0 and math.isnan(single.low)


def test_doubt_is_counted_as_shares_of_the_right_and_of_the_wrong() -> None:
    top = math.log(10)
    counts = doubt_counts(
        np.array([0.0, 0.01, top, top + 1e-9]), np.array([False, False, True, True]), 10
    )
    assert counts.right[0] == 1.0 and counts.right[1:].sum() == 0
    assert counts.wrong[-1] == 1.0 and counts.wrong[:-1].sum() == 0
    assert counts.width * len(counts.middles) == pytest.approx(top)
    assert share_below(np.array([1.0, 2.0, 3.0, 4.0]), 3.0) == 0.5
