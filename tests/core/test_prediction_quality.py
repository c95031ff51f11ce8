"""The arithmetic of predictions, by hand and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, recall_score

from core.predictions.quality import (
    Answers,
    accuracy_by_class,
    answers_of,
    calibration,
    chosen_images,
    confusion,
    in_pages,
    in_percent,
    share,
)
from core.predictions.stored import Predictions

PROBABILITIES = np.float32(
    [
        [0.8, 0.2, 0.0],  # 0, right
        [0.3, 0.6, 0.1],  # 0 taken for 1
        [0.1, 0.9, 0.0],  # 0 taken for 1
        [0.0, 1.0, 0.0],  # 1, right
        [0.45, 0.55, 0.0],  # 1, right
        [0.7, 0.2, 0.1],  # 1 taken for 0
    ]
)
SIX = Answers(PROBABILITIES, np.array([0, 0, 0, 1, 1, 1]))
"""Three classes, of the last of which there is no image."""


def random_answers(images: int = 2000, classes: int = 5, seed: int = 0) -> Answers:
    """Softmax of noise that leans to the true class, with all confidences from 1 / K to 1."""
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, classes, images)
    scores = chance.normal(size=(images, classes)) * chance.uniform(0, 3, (images, 1))
    scores[np.arange(images), labels] += 1
    powers = np.exp(scores)
    return Answers((powers / powers.sum(axis=1, keepdims=True)).astype(np.float32), labels)


def wilson(count: int, images: int) -> tuple[float, float]:
    """Wilson's formula, as in the textbook."""
    z, p = 1.959963984540054, count / images
    middle = p + z**2 / (2 * images)
    half = z * math.sqrt(p * (1 - p) / images + z**2 / (4 * images**2))
    return (middle - half) / (1 + z**2 / images), (middle + half) / (1 + z**2 / images)


def test_the_answer_is_the_most_probable_class() -> None:
    assert SIX.given.tolist() == [0, 1, 1, 1, 1, 0]
    assert SIX.right.tolist() == [True, False, False, True, True, False]
    assert SIX.confidence.tolist() == pytest.approx([0.8, 0.6, 0.9, 1.0, 0.55, 0.7])


def test_the_part_that_was_asked_for_is_looked_at() -> None:
    predictions = Predictions(
        1, PROBABILITIES, SIX.labels, PROBABILITIES[:2], np.array([0, 1], np.int64)
    )
    assert len(answers_of(predictions, "validation").labels) == 6
    assert len(answers_of(predictions, "test").labels) == 2


def test_a_row_of_the_confusion_is_a_true_class_and_a_column_the_given_one() -> None:
    found = confusion(SIX)
    assert found.counts.tolist() == [[1, 2, 0], [1, 2, 0], [0, 0, 0]]
    third = 1 / 3
    assert found.shares[:2] == pytest.approx(
        np.array([[third, 2 * third, 0], [third, 2 * third, 0]])
    )
    assert np.isnan(found.shares[2]).all()
    assert found.most_frequent == ([(0, 1)], 2)


def test_right_and_wrong_shares_stand_on_and_beside_the_diagonal() -> None:
    found = confusion(SIX)
    nan = math.nan
    np.testing.assert_allclose(
        found.of_the_right, [[1 / 3, nan, nan], [nan, 2 / 3, nan], [nan, nan, nan]]
    )
    np.testing.assert_allclose(
        found.of_the_wrong, [[nan, 2 / 3, nan], [1 / 3, nan, nan], [nan, nan, nan]]
    )


def test_without_a_mistake_there_is_no_most_frequent_one() -> None:
    assert confusion(Answers(PROBABILITIES, SIX.given)).most_frequent == ([], 0)


def test_equally_frequent_mistakes_are_all_named() -> None:
    answered = np.eye(3)[[1, 1, 0, 0, 2, 2]]
    found = confusion(Answers(answered, np.array([0, 0, 1, 1, 1, 2], np.int64)))
    assert found.most_frequent == ([(0, 1), (1, 0)], 2)


def test_the_accuracy_of_a_class_is_its_recall() -> None:
    answers = random_answers()
    by_class = accuracy_by_class(confusion(answers))
    recalls = recall_score(answers.labels, answers.given, average=None)
    assert [one.value for one in by_class] == pytest.approx(recalls.tolist())
    assert [one.images for one in by_class] == np.bincount(answers.labels).tolist()


@pytest.mark.parametrize(("count", "images"), [(0, 10), (10, 10), (937, 1000), (3, 7)])
def test_the_interval_is_wilsons(count: int, images: int) -> None:
    found = share(count, images)
    assert (found.low, found.high) == pytest.approx(wilson(count, images), abs=1e-9)
    assert (found.value, found.mistakes) == (count / images, images - count)
    assert found.below == pytest.approx(count / images - found.low)
    assert found.above == pytest.approx(found.high - count / images)


def test_of_no_images_nothing_is_known() -> None:
    found = share(0, 0)
    assert all(math.isnan(value) for value in (found.value, found.low, found.high))


def test_mistakes_come_surest_first() -> None:
    assert chosen_images(SIX).tolist() == [2, 5, 1]
    assert chosen_images(SIX, truth=0).tolist() == [2, 1]
    assert chosen_images(SIX, given=0).tolist() == [5]
    assert chosen_images(SIX, truth=1, given=0).tolist() == [5]
    assert chosen_images(SIX, truth=2).tolist() == []


def test_right_answers_come_least_sure_first() -> None:
    assert chosen_images(SIX, truth=1, given=1).tolist() == [4, 3]


def test_equally_sure_images_keep_their_order() -> None:
    same = Answers(np.tile(np.float32([0.75, 0.25]), (5, 1)), np.ones(5, np.int64))
    assert chosen_images(same).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("images", "sizes"), [(0, [0]), (1, [1]), (12, [12]), (25, [12, 12, 1])])
def test_pages_hold_all_images_once(images: int, sizes: list[int]) -> None:
    pages = in_pages(np.arange(images), 12)
    assert [len(page) for page in pages] == sizes
    assert np.concatenate(pages).tolist() == list(range(images))


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.5, "50.0%"), (0.9994, "99.9%"), (0.99996, "over 99.9%"), (1.0, "100.0%")],
)
def test_rounding_makes_nothing_certain(probability: float, words: str) -> None:
    assert in_percent(probability) == words


def test_the_calibration_error_by_hand() -> None:
    """Five bins. 0.55 and 0.6 to (0.4, 0.6], 0.7 and 0.8 to (0.6, 0.8], 0.9 and 1 to the last.

    Right in them: 1 of 2, 1 of 2, 1 of 2; mean confidence 0.575, 0.75, 0.95; so the error is
    (0.075 + 0.25 + 0.45) * 2 / 6.
    """
    exact = Answers(PROBABILITIES.astype(np.float64), SIX.labels)
    exact = Answers(np.round(exact.probabilities, 6), SIX.labels)
    found = calibration(exact, bins=5)
    assert [(one.count, one.images) for one in found.right] == [
        (0, 0),
        (0, 0),
        (1, 2),
        (1, 2),
        (1, 2),
    ]
    assert found.confidence[2:].tolist() == pytest.approx([0.575, 0.75, 0.95])
    assert np.isnan(found.confidence[:2]).all()
    assert found.error == pytest.approx((0.075 + 0.25 + 0.45) / 3)
    assert found.middles.tolist() == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9])


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_the_curve_is_scikit_learns(bins: int) -> None:
    answers = random_answers()
    found = calibration(answers, bins)
    right, confidence = calibration_curve(
        answers.right, answers.confidence.astype(float), n_bins=bins, strategy="uniform"
    )
    filled = [place for place, one in enumerate(found.right) if one.images]
    assert [found.right[place].value for place in filled] == pytest.approx(right.tolist())
    assert found.confidence[filled].tolist() == pytest.approx(confidence.tolist())


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_the_calibration_error_is_that_of_its_definition(bins: int) -> None:
    """Image by image and bin by bin, as Guo et al. (2017) write it."""
    answers = random_answers(seed=1)
    error = 0.0
    for place in range(bins):
        inside = [
            (float(confidence), bool(right))
            for confidence, right in zip(answers.confidence, answers.right, strict=True)
            if place / bins < float(confidence) <= (place + 1) / bins
        ]
        if inside:
            mean = sum(confidence for confidence, _ in inside) / len(inside)
            accuracy = sum(right for _, right in inside) / len(inside)
            error += len(inside) / len(answers.labels) * abs(accuracy - mean)
    assert calibration(answers, bins).error == pytest.approx(error, abs=1e-12)


def test_all_images_are_in_the_curve_and_its_accuracy_is_scikit_learns() -> None:
    answers = random_answers()
    found = calibration(answers)
    assert len(found.right) == 15
    assert sum(one.images for one in found.right) == 2000
    assert found.accuracy.value == accuracy_score(answers.labels, answers.given)
    assert found.mean_confidence == pytest.approx(answers.confidence.astype(float).mean())


def coin(confidence: float, right: int, images: int) -> Answers:
    """So many images, all answered equally surely, of which so many rightly."""
    probabilities = np.tile(np.float32([confidence, 1 - confidence]), (images, 1))
    return Answers(probabilities, np.array([0] * right + [1] * (images - right)))


def test_who_is_right_as_often_as_sure_has_no_calibration_error() -> None:
    found = calibration(coin(0.75, 75, 100))
    assert found.error == pytest.approx(0, abs=1e-7)
    assert found.verdict == "honest"


@pytest.mark.parametrize(
    ("right", "verdict"), [(50, "too sure"), (95, "too unsure"), (70, "honest"), (80, "honest")]
)
def test_too_sure_is_only_who_is_surer_than_the_interval_allows(right: int, verdict: str) -> None:
    assert calibration(coin(0.75, right, 100)).verdict == verdict
