"""Answers before and after a change: counts by hand, tests and intervals by other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from core.inside.changed_answers import change_between, drop_between, in_words, who_suffers


def rights(both: int, lost: int, won: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    before = [True] * (both + lost) + [False] * (won + neither)
    after = [True] * both + [False] * lost + [True] * won + [False] * neither
    return np.array(before), np.array(after)


def said(right: np.ndarray, sure: float = 0.7) -> np.ndarray:
    """Of two classes, the true one, 0, where it is to be right."""
    first = np.where(right, sure, 1 - sure)
    return np.stack([first, 1 - first], axis=1).astype(np.float32)


@pytest.mark.parametrize(("lost", "won"), [(12, 3), (1, 0), (5, 5), (40, 2)])
def test_mcnemar_is_that_of_statsmodels(lost: int, won: int) -> None:
    drop = drop_between(*rights(50, lost, won, 10))
    assert (drop.lost, drop.won, drop.images) == (lost, won, 60 + lost + won)
    assert drop.value == pytest.approx((lost - won) / drop.images)
    assert drop.p == pytest.approx(mcnemar([[50, lost], [won, 10]], exact=True).pvalue)


def test_the_interval_is_agrestis_and_mins() -> None:
    """By hand for 12 lost, 3 won of 100: 9 / 102 -+ 1.96 sqrt(16 - 81 / 102) / 102."""
    drop = drop_between(*rights(80, 12, 3, 5))
    reach = 1.959964 * np.sqrt(16 - 81 / 102) / 102
    assert (drop.low, drop.high) == pytest.approx((9 / 102 - reach, 9 / 102 + reach), abs=1e-6)


@pytest.mark.parametrize("counts", [(50, 0, 0, 0), (0, 50, 0, 0), (0, 0, 50, 0), (9, 1, 0, 0)])
def test_the_interval_holds_the_drop_and_stays_a_share(counts: tuple[int, ...]) -> None:
    drop = drop_between(*rights(*counts))
    assert -1 <= drop.low <= drop.value <= drop.high <= 1
    assert drop.low < drop.high


def test_accuracies_have_wilsons_interval() -> None:
    before, after = rights(80, 12, 3, 5)
    change = change_between(said(before), said(after), np.zeros(100, np.int64))
    assert (change.before.count, change.after.count) == (92, 83)
    assert (change.after.low, change.after.high) == pytest.approx(
        proportion_confint(83, 100, method="wilson")
    )


def test_the_loss_is_the_cross_entropy_and_its_interval_holds_the_difference() -> None:
    before, after = rights(80, 12, 3, 5)
    change = change_between(said(before), said(after), np.zeros(100, np.int64))
    right, wrong = -np.log(0.7), -np.log(0.3)
    assert change.loss_before == pytest.approx(0.92 * right + 0.08 * wrong, rel=1e-6)
    assert change.loss_after == pytest.approx(0.83 * right + 0.17 * wrong, rel=1e-6)
    # Of the mean of 100 differences of 12 + 3 images, one deviation is about 0.032.
    found = change.loss_after - change.loss_before
    assert change.loss_low < found < change.loss_high
    assert change.loss_high - change.loss_low == pytest.approx(2 * 1.96 * 0.0319, rel=0.15)


def test_classes_stand_with_the_largest_drop_first() -> None:
    labels = np.repeat([0, 1, 2], 20)
    before = np.eye(3, dtype=np.float32)[labels] * 0.8 + 0.05
    after = before.copy()
    after[20:35] = [0.8, 0.1, 0.1]  # 15 of class 1 become class 0
    after[:1] = [0.1, 0.1, 0.8]
    change = change_between(before, after, labels)
    assert [(one.label, one.drop.lost) for one in change.classes] == [(1, 15), (0, 1), (2, 0)]
    assert who_suffers(change, ("a", "b", "c")) == "Most suffers “b” (100% to 25%)."


def test_the_sentence_tells_chance_from_more_than_chance() -> None:
    labels = np.zeros(100, np.int64)

    def sentence(*counts: int) -> str:
        before, after = rights(*counts)
        return in_words(change_between(said(before), said(after, 0.8), labels))

    assert "12 became wrong and 0 became right" in sentence(80, 12, 0, 8)
    assert "beyond chance, the network is worse" in sentence(80, 12, 0, 8)
    assert "beyond chance, the network is better" in sentence(80, 0, 12, 8)
    assert "this may be chance" in sentence(80, 3, 2, 15)
    assert "accuracy stays" in sentence(80, 3, 3, 14)
    assert "only how sure" in sentence(80, 0, 0, 20)


def test_the_same_answers_are_called_the_same() -> None:
    answers = said(rights(5, 0, 0, 5)[0])
    change = change_between(answers, answers.copy(), np.zeros(10, np.int64))
    assert change.same and in_words(change).startswith("Nothing changed")
    assert (change.loss_low, change.loss_high) == (0, 0)
