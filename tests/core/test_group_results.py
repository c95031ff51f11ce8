"""What groups reach, by hand."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from core.comparison.groups import groups_of
from core.comparison.results import RESULTS, computed_on, spread_of, table_of_groups, values_of
from tests.core.made_runs import made_run

HALF = {"dropout_dense": 0.5}


def test_the_table_has_mean_and_deviation_and_n() -> None:
    losses, accuracies = [0.5, 0.6, 0.85], [0.9, 0.92, 0.88]
    runs = [
        made_run(seed, loss=loss, accuracy=accuracy, best_epoch=seed)
        for seed, loss, accuracy in zip((1, 2, 3), losses, accuracies, strict=True)
    ]
    rows = table_of_groups(groups_of([*runs, made_run(1, settings=HALF)]))
    assert rows[0] == {
        "Group": "A",
        "Dropout rate (dense)": "0",
        "Seeds (n)": 3,
        "Validation loss": f"0.6500 ± {statistics.stdev(losses):.4f}",
        "Validation accuracy": "90.0 ± 2.0 %",
        "Test accuracy": "88.0 ± 0.0 %",
        "Best epoch": "2.0 ± 1.0",
    }
    assert rows[1] == {
        "Group": "B",
        "Dropout rate (dense)": "0.5",
        "Seeds (n)": 1,
        "Validation loss": "0.5000",
        "Validation accuracy": "90.0 %",
        "Test accuracy": "88.0 %",
        "Best epoch": "3",
    }


def test_a_mean_over_fewer_runs_than_the_row_counts_says_so() -> None:
    runs = [made_run(1), made_run(2), made_run(3, test_accuracy=None)]
    (row,) = table_of_groups(groups_of(runs))
    assert row["Seeds (n)"] == 3
    assert row["Test accuracy"] == "88.0 ± 0.0 % (n = 2)"


def test_a_group_without_any_run_that_counts_has_no_figures() -> None:
    (row,) = table_of_groups(groups_of([made_run(1, loss=None, accuracy=None)]))
    assert row["Seeds (n)"] == 0
    assert row["Validation loss"] == "none"


def test_many_differing_settings_stand_after_the_figures() -> None:
    many = {"l1": 0.01, "l2": 0.01, "epochs": 5, "filters": 8}
    (row, _) = table_of_groups(groups_of([made_run(1), made_run(1, settings=many)]))
    assert list(row)[:3] == ["Group", "Seeds (n)", "Validation loss"]
    assert list(row)[-1] == "Epochs"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("validation_error", 10.0),
        ("validation_accuracy", 90.0),
        ("validation_loss", 0.5),
        ("test_error", 12.0),
        ("test_accuracy", 88.0),
        ("test_loss", 0.7),
    ],
)
def test_each_result_reads_its_own_figure(key: str, value: float) -> None:
    (group,) = groups_of([made_run(1, test_loss=0.7), made_run(2, test_loss=0.7)])
    assert values_of(group, RESULTS[key].read) == pytest.approx(np.array([value, value]))
    assert RESULTS[key].part == key.partition("_")[0]


def test_what_is_compared_by_default_is_no_test_figure() -> None:
    assert next(iter(RESULTS)) == "validation_error"


def test_what_a_figure_was_computed_on() -> None:
    (group,) = groups_of([made_run(1, settings={"dataset": "digits"})])
    assert computed_on(group, RESULTS["validation_error"]) == (
        "300 validation images of Digits 8x8 (built in), drawn anew by each seed"
    )
    (group,) = groups_of([made_run(1, settings={"dataset": "fashion-mnist"})])
    assert computed_on(group, RESULTS["test_error"]) == (
        "10,000 test images of Fashion-MNIST, the same for every seed"
    )


def test_one_group_has_its_settings_in_a_column() -> None:
    (row,) = table_of_groups(groups_of([made_run(1, settings=HALF)]))
    assert row["Settings"] == "Dropout rate (dense) 0.5"


def test_nothing_has_no_spread() -> None:
    assert spread_of(np.array([])) is None
