"""Runs to groups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.comparison.groups import (
    data_sets,
    differing_settings,
    groups_of,
    left_out_in_words,
    letter_of,
    missing_seeds,
)
from core.comparison.seeds import MOST_REPEATS, over_seeds
from core.errors import LearnscopeError
from core.library.records import State
from core.settings import Change, differences, from_mapping
from tests.core.made_runs import made_run

HALF = {"dropout_dense": 0.5}


def test_runs_that_differ_only_by_seed_are_one_group() -> None:
    runs = [made_run(3), made_run(1, settings=HALF), made_run(1), made_run(2, settings=HALF)]
    groups = groups_of(runs)
    assert [(group.letter, group.seeds) for group in groups] == [("A", (1, 3)), ("B", (1, 2))]
    assert [group.label for group in groups] == [
        "Dropout rate (dense) 0",
        "Dropout rate (dense) 0.5",
    ]
    assert differing_settings(groups) == ["dropout_dense"]


@pytest.mark.parametrize(
    "change", [{"epochs": 31}, {"wrong_labels": 0.1}, {"patience": 6}, {"dataset": "digits"}]
)
def test_any_other_setting_makes_another_group(change: dict[str, object]) -> None:
    assert len(groups_of([made_run(1), made_run(1, settings=change)])) == 2


def test_the_order_of_the_runs_does_not_matter() -> None:
    runs = [made_run(seed, settings=settings) for seed in (1, 2) for settings in ({}, HALF)]
    assert groups_of(runs) == groups_of(runs[::-1])


def test_one_group_is_called_by_its_settings_without_the_seed() -> None:
    (group,) = groups_of([made_run(4, settings=HALF), made_run(5, settings=HALF)])
    assert group.label == "Dropout rate (dense) 0.5"
    (plain,) = groups_of([made_run(4), made_run(5)])
    assert plain.label == "Default settings"


def test_the_same_seed_twice_counts_once_and_the_older_one() -> None:
    older = made_run(1, name="Older", created=10.0)
    newer = made_run(1, name="Newer", created=20.0)
    (group,) = groups_of([newer, older, made_run(2)])
    assert [run.name for run in group.runs] == ["Older", "Seed 2"]
    assert left_out_in_words([group]) == [
        "A, “Newer”, repeats the seed 1, and the same run twice is not two pieces of evidence"
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.FAILED, "failed"),
        (State.STOPPED, "was stopped by you after 3 of 30 epochs"),
        (State.INTERRUPTED, "was interrupted after 3 of 30 epochs"),
        (State.RUNNING, "has not ended yet (training)"),
        (State.QUEUED, "has not ended yet (waiting for its turn)"),
    ],
)
def test_a_run_that_was_not_trained_as_its_settings_say_is_left_out(
    state: State, words: str
) -> None:
    (group,) = groups_of([made_run(1), made_run(2, state=state)])
    assert group.seeds == (1,)
    assert left_out_in_words([group]) == [f"A, “Seed 2”, {words}"]


def test_a_run_without_a_figure_is_left_out_and_one_that_stopped_early_counts() -> None:
    runs = [made_run(1, loss=None, accuracy=None), made_run(2, state=State.STOPPED_EARLY)]
    (group,) = groups_of(runs)
    assert group.seeds == (2,)
    assert "has no figure" in left_out_in_words([group])[0]


def test_a_failed_run_does_not_take_the_place_of_its_repetition() -> None:
    failed = made_run(1, state=State.FAILED, created=1.0)
    again = made_run(1, name="Again", created=2.0)
    (group,) = groups_of([failed, again])
    assert [run.name for run in group.runs] == ["Again"]


def test_missing_seeds_are_the_lowest_that_were_not_tried() -> None:
    runs = [
        made_run(2),
        made_run(1, state=State.FAILED),
        *(made_run(seed, settings=HALF) for seed in (4, 5, 6)),
    ]
    missing = missing_seeds(groups_of(runs))
    assert [one.optimisation.seed for one in missing] == [3, 4]
    assert {one.regularization.dropout_dense for one in missing} == {0.0}


def test_runs_that_wait_are_not_missing() -> None:
    waiting = [made_run(seed, state=State.QUEUED, loss=None, accuracy=None) for seed in (2, 3)]
    assert missing_seeds(groups_of([made_run(1), *waiting])) == []


def test_letters_go_on_after_z() -> None:
    assert [letter_of(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


def test_data_sets_of_groups() -> None:
    groups = groups_of([made_run(1), made_run(1, settings={"dataset": "digits"})])
    assert sorted(data_sets(groups)) == ["digits", "mnist-5k"]


def test_over_seeds_changes_the_seed_and_nothing_else() -> None:
    settings = from_mapping({**HALF, "seed": 7})
    many = over_seeds(settings, 3)
    assert [one.optimisation.seed for one in many] == [7, 8, 9]
    assert differences(many) == ["seed"]
    assert many[0] == settings
    assert over_seeds(settings, 1) == [settings]


@pytest.mark.parametrize("times", [0, -1, MOST_REPEATS + 1])
def test_too_many_or_no_seeds_are_refused(times: int) -> None:
    with pytest.raises(LearnscopeError, match=rf"in \[1, {MOST_REPEATS}\]. Received: {times}"):
        over_seeds(from_mapping({}), times)


def test_seeds_do_not_run_past_the_highest() -> None:
    last = from_mapping({"seed": 2**31 - 2})
    assert [one.optimisation.seed for one in over_seeds(last, 2)] == [2**31 - 2, 2**31 - 1]
    with pytest.raises(LearnscopeError, match="Take a smaller seed"):
        over_seeds(last, 3)


def test_runs_whose_knobs_were_turned_are_a_group_only_with_those_turned_alike() -> None:
    """Else what a hand did would count as what a seed does."""
    turned = (Change("l2", 0.0, 0.01, 2, 5),)
    later = (Change("l2", 0.0, 0.01, 2, 6),)
    runs = [made_run(seed, changes=how) for how in ((), turned, later) for seed in (1, 2)]
    runs = [replace(run, id=f"run {number}") for number, run in enumerate(runs)]
    groups = groups_of(runs)
    assert [(group.changes, group.seeds) for group in groups] == [
        ((), (1, 2)),
        (turned, (1, 2)),
        (later, (1, 2)),
    ]
    assert [group.label for group in groups] == [
        "Default settings",
        "Default settings, turned: L2 strength off → 0.01 after step 5, in epoch 2",
        "Default settings, turned: L2 strength off → 0.01 after step 6, in epoch 2",
    ]
    # Trained anew they would not be turned: only the first group can be completed.
    assert len(missing_seeds(groups)) == 1
