"""The sentences, and what is tested against what."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from core.comparison.groups import Group, groups_of
from core.comparison.results import RESULTS
from core.comparison.significance import difference_between
from core.comparison.significance_words import (
    EVERY_PAIR,
    amount,
    p_in_words,
    pairing_in_words,
    permutation_in_words,
    seeds_needed_in_words,
    sentence,
    summary,
    table_of_verdicts,
    verdicts,
)
from core.errors import LearnscopeError
from tests.core.made_runs import made_run

ERROR = RESULTS["validation_error"]
PLAIN = [0.970, 0.972, 0.968, 0.971, 0.969]
BETTER = [0.979, 0.981, 0.977, 0.980, 0.978]


def groups(*accuracies: list[float], first_seed: int = 1) -> list[Group]:
    """Groups of rising dropout rate with these validation accuracies, a run each."""
    return groups_of(
        [
            made_run(seed, accuracy=accuracy, settings={"dropout_dense": place / 10})
            for place, values in enumerate(accuracies)
            for seed, accuracy in enumerate(values, first_seed)
        ]
    )


def test_a_real_difference_is_said_in_one_sentence() -> None:
    """Errors of mean 3.0 and 2.1, both with standard deviation sqrt(0.025): by hand the interval's
    half is 2.306 * sqrt(2 * 0.025 / 5) = 0.2306."""
    (verdict,) = verdicts(groups(PLAIN, BETTER), ERROR, "A")
    assert verdict.real
    assert sentence(verdict, ERROR) == (
        "**Dropout rate (dense) 0.1** lowers the validation error by **0.9 ± 0.2 points** (95 % "
        "confidence interval) against Dropout rate (dense) 0, 5 seeds each, p < 0.001 (Welch's "
        "t-test)."
    )


def test_a_difference_for_the_worse_raises() -> None:
    (verdict,) = verdicts(groups(BETTER, PLAIN), ERROR, "A")
    assert "raises the validation error by **0.9 ± 0.2 points**" in sentence(verdict, ERROR)
    (verdict,) = verdicts(groups(BETTER, PLAIN), RESULTS["validation_accuracy"], "A")
    assert "lowers the validation accuracy by **0.9 ± 0.2" in sentence(
        verdict, RESULTS["validation_accuracy"]
    )


def test_a_difference_that_chance_explains_is_not_claimed() -> None:
    (verdict,) = verdicts(groups([0.97, 0.96, 0.98], [0.975, 0.96, 0.985]), ERROR, "A")
    words = sentence(verdict, ERROR)
    assert words.startswith("**May be chance**: with Dropout rate (dense) 0.1 the validation error")
    assert "lower than with Dropout rate (dense) 0, 3 seeds each, p = 0.7" in words
    assert "lowers" not in words


def test_one_seed_is_said_not_to_be_evidence() -> None:
    (verdict,) = verdicts(groups([0.97], [0.98, 0.97, 0.96]), ERROR, "A")
    assert verdict.p is None
    assert sentence(verdict, ERROR) == (
        "Dropout rate (dense) 0.1 against Dropout rate (dense) 0: One seed is not evidence: train "
        "at least two more."
    )


def test_several_comparisons_are_corrected_by_holm() -> None:
    three = groups(PLAIN, BETTER, [0.972, 0.973, 0.969, 0.974, 0.970])
    found = verdicts(three, ERROR, "A")
    errors = [[100 * (1 - run.best_validation_accuracy) for run in group.runs] for group in three]
    raw = [stats.ttest_ind(errors[n], errors[0], equal_var=False).pvalue for n in (1, 2)]
    assert [verdict.found.p for verdict in found] == pytest.approx(raw)
    assert [verdict.p for verdict in found] == pytest.approx([2 * min(raw), max(raw)])
    assert "(Welch's t-test, corrected for 2 comparisons)" in sentence(found[0], ERROR)


def test_a_correction_can_take_a_difference_back() -> None:
    """p = 0.03 alone is below 0.05; as the smallest of three it is three times that."""
    near = [0.975, 0.970, 0.978, 0.972, 0.976]
    (alone,) = verdicts(groups(PLAIN, near), ERROR, "A")
    assert alone.real
    many = verdicts(groups(PLAIN, near, PLAIN, PLAIN), ERROR, "A")
    assert many[0].found.p == pytest.approx(alone.p)
    assert many[0].p == pytest.approx(3 * alone.p)
    assert not many[0].real
    assert sentence(many[0], ERROR).startswith("**May be chance**")


def test_every_pair_is_each_with_each() -> None:
    found = verdicts(groups(PLAIN, BETTER, PLAIN, BETTER), ERROR, EVERY_PAIR)
    pairs = [(verdict.first.letter, verdict.second.letter) for verdict in found]
    assert pairs == [("A", "B"), ("A", "C"), ("A", "D"), ("B", "C"), ("B", "D"), ("C", "D")]
    raw = [verdict.found.p for verdict in found]
    assert [v.p for v in found] == pytest.approx(list(multipletests(raw, method="holm")[1]))
    assert summary(found, ERROR) == (
        "**4 of 6 differences** in the validation error are more than chance (Welch's t-test at "
        "0.05, corrected by Holm's method)."
    )


def test_what_cannot_be_tested_is_not_counted_as_a_comparison() -> None:
    found = verdicts(groups(PLAIN, BETTER, [0.97]), ERROR, "A")
    assert [verdict.comparisons for verdict in found] == [1, 1]
    assert found[0].p == pytest.approx(found[0].found.p)
    assert "1 more could not be tested" in summary(found, ERROR)
    assert table_of_verdicts(found, ERROR)[1] == {
        "Groups": "C against A",
        "More than chance": "not tested",
        "Why not": "One seed is not evidence: train at least two more.",
    }


def test_the_table_has_a_row_a_comparison() -> None:
    (row, _) = table_of_verdicts(verdicts(groups(PLAIN, BETTER, PLAIN), ERROR, "A"), ERROR)
    found = difference_between(100 - 100 * np.array(PLAIN), 100 - 100 * np.array(BETTER))
    assert row == {
        "Groups": "B against A",
        "More than chance": "yes",
        "Difference (± 95 %)": "-0.9 ± 0.2 points",
        "Seeds": "5 seeds each",
        "p, corrected": "< 0.001",
        "p (Welch)": "< 0.001",
        "p (permutation)": "0.0079",
        "Hedges' g": f"{found.effect:.2f}",
        "Seeds each for 80 % power": "3",
    }


def test_groups_of_other_data_are_refused() -> None:
    runs = [
        made_run(seed, settings={"dataset": d}) for d in ("digits", "mnist-5k") for seed in (1, 2)
    ]
    with pytest.raises(LearnscopeError, match=r"of one data set. Received: MNIST .*Digits"):
        verdicts(groups_of(runs), RESULTS["test_error"], "A")


def test_more_than_eight_groups_are_refused() -> None:
    verdicts(groups(*[PLAIN] * 8), ERROR, "A")
    with pytest.raises(LearnscopeError, match="Received: 9, which make 36 pairs"):
        verdicts(groups(*[PLAIN] * 9), ERROR, "A")


def test_the_permutation_test_tells_its_own_limit() -> None:
    small = difference_between(np.array([1.0, 2, 3]), np.array([5.0, 6, 8]))
    assert permutation_in_words(small) == (
        "Permutation test (all ways to deal the figures into two groups): p = 0.1. With 3 seeds "
        "each it cannot go below 0.1, whatever the figures are; with 4 seeds each it can fall to "
        "0.029."
    )
    enough = difference_between(np.array([1.0, 2, 3, 4]), np.array([5.0, 6, 8, 9]))
    assert permutation_in_words(enough).endswith("p = 0.029.")


def test_seeds_needed_in_words() -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(0, 1, 20)
    tiny = difference_between(first, first + 1e-6)
    assert "more than 1,000 seeds each" in seeds_needed_in_words(tiny)
    same = difference_between(first, first[::-1])
    assert seeds_needed_in_words(same) == "No number of seeds shows a difference of zero."
    (verdict,) = verdicts(groups(PLAIN, BETTER), ERROR, "A")
    assert seeds_needed_in_words(verdict.found) == (
        "If the true difference has this size, 3 seeds each show it with 80 % power (two-sided "
        "t-test at 0.05)."
    )


def test_the_same_seeds_are_pointed_out_and_others_are_not() -> None:
    (verdict,) = verdicts(groups(PLAIN, BETTER), ERROR, "A")
    assert "the same seeds and so the same splits" in pairing_in_words(verdict)
    (other,) = verdicts(groups(PLAIN, BETTER[:4]), ERROR, "A")
    assert pairing_in_words(other) == ""


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0004, "p < 0.001"),
        (0.0213, "p = 0.021"),
        (0.02, "p = 0.02"),
        # Two digits would say 0.05, which is not below it.
        (0.0496, "p = 0.0496"),
        (0.0504, "p = 0.05"),
        (0.4, "p = 0.4"),
        (1.0, "p = 1"),
    ],
)
def test_p_values_are_short_and_never_on_the_wrong_side(p: float, words: str) -> None:
    assert p_in_words(p) == words


@pytest.mark.parametrize(
    ("value", "half", "unit", "words"),
    [
        (0.9, 0.43, "points", "0.9 ± 0.4 points"),
        (0.934, 0.143, "points", "0.93 ± 0.14 points"),
        (5.8, 21.0, "points", "6 ± 21 points"),
        (12.34, 2.7, "points", "12 ± 3 points"),
        (0.03126, 0.0042, "", "0.031 ± 0.004"),
    ],
)
def test_figures_have_as_many_places_as_they_deserve(
    value: float, half: float, unit: str, words: str
) -> None:
    assert amount(value, half, unit) == words
