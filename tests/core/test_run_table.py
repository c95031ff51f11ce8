"""Runs as rows: the columns that tell them apart, in words and units."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.library.table import columns, rows, state_in_words
from core.runs import Run, State
from core.settings import (
    CONTROLS,
    NetworkSettings,
    OptimisationSettings,
    RegularizationSettings,
    Settings,
    describe,
)

BEGUN = datetime(2026, 11, 24, 9, 30, 15)
PLAIN = Run("20261124-000001", "Plain", BEGUN.timestamp() + 0.5, State.QUEUED, Settings())
DROPOUT = Run(
    "20261124-000002",
    "Dropout",
    BEGUN.timestamp(),
    State.FINISHED,
    Settings(
        regularization=RegularizationSettings(dropout_dense=0.5, normalization="batch"),
        optimisation=OptimisationSettings(optimizer="sgd", epochs=40),
    ),
    epochs_done=40,
    best_epoch=28,
    best_validation_loss=0.25,
    best_validation_accuracy=0.875,
    test_loss=0.5,
    test_accuracy=0.75,
    test_images=1000,
    seconds=12.5,
)
FIGURES = [
    "name",
    "state",
    "validation_accuracy",
    "test_accuracy",
    "validation_loss",
    "best_epoch",
]
LAST = ["test_images", "seconds", "storage", "created"]


def test_alike_runs_have_no_column_of_settings() -> None:
    assert list(columns([PLAIN, PLAIN])) == [*FIGURES, *LAST]


def test_the_settings_that_differ_are_columns_in_the_order_of_the_page() -> None:
    differing = ["dropout_dense", "normalization", "optimizer", "epochs"]
    table = columns([PLAIN, DROPOUT])
    assert list(table) == [*FIGURES, *differing, *LAST]
    for name in differing:
        assert (table[name].label, table[name].help) == (CONTROLS[name].label, CONTROLS[name].help)


def test_each_row_has_a_cell_for_each_column_in_order() -> None:
    runs = [PLAIN, DROPOUT]
    assert [list(row) for row in rows(runs, {})] == [list(columns(runs))] * 2


def test_cells_are_numbers_to_sort_by_or_words() -> None:
    _, row = rows([PLAIN, DROPOUT], {DROPOUT.id: 1_250_000})
    assert row == {
        "name": "Dropout",
        "state": "finished",
        "validation_accuracy": 87.5,
        "test_accuracy": 75.0,
        "validation_loss": 0.25,
        "best_epoch": 28,
        "dropout_dense": 0.5,
        "normalization": "Batch",
        "optimizer": "SGD with momentum",
        "epochs": 40,
        "test_images": 1000,
        "seconds": 12.5,
        "storage": 1.25,
        "created": BEGUN,
    }


def test_marks_tags_and_notes_have_columns_only_where_a_run_has_some() -> None:
    described = replace(
        DROPOUT,
        kept=True,
        archived=True,
        tags=("lecture 3", "best"),
        remark="Look here.\nNot there.",
    )
    assert list(columns([PLAIN, described]))[2:5] == ["marks", "tags", "remark"]
    plain, row = rows([PLAIN, described], {})
    assert (row["marks"], row["tags"]) == ("kept, archived", "lecture 3, best")
    assert row["remark"] == "Look here."
    assert (plain["marks"], plain["tags"], plain["remark"]) == ("", "", "")
    assert "tags" not in columns([PLAIN, replace(DROPOUT, kept=True)])


def test_what_is_not_known_yet_is_none() -> None:
    (row,) = rows([PLAIN], {})
    assert [name for name, cell in row.items() if cell is None] == [*FIGURES[2:], *LAST[:2]]
    assert row["created"] == BEGUN


def test_a_run_that_trains_says_how_far_it_is() -> None:
    def training(epochs_done: int) -> Run:
        state = State.RUNNING
        return Run("20261124-000003", "", 0.0, state, Settings(), epochs_done=epochs_done)

    assert state_in_words(training(0)) == "training, epoch 1 of 30"
    assert state_in_words(training(11)) == "training, epoch 12 of 30"
    assert state_in_words(training(30)) == "training, epoch 30 of 30"
    assert state_in_words(PLAIN) == "waiting for its turn"


def test_every_column_teaches() -> None:
    for column in columns([PLAIN, DROPOUT]).values():
        assert column.help.endswith(".")
        assert (column.form == "") == (column.kind == "words")


def test_runs_that_nobody_named_are_called_by_what_sets_them_apart() -> None:
    """Beginning with what they have in common, they would all look alike in a narrow column."""
    common = NetworkSettings(filters=8, dense_units=64)
    several = [
        Settings(network=common),
        Settings(network=common, regularization=RegularizationSettings(dropout_dense=0.5)),
        Settings(network=common, optimisation=OptimisationSettings(seed=2)),
    ]
    runs = [
        replace(PLAIN, id=str(number), settings=settings, name=describe(settings))
        for number, settings in enumerate(several)
    ]
    named = replace(PLAIN, id="9", settings=several[0], name="For the lecture")
    assert [row["name"] for row in rows([*runs, named], {})] == [
        "As by default",
        "Dropout rate (dense) 0.5",
        "Seed 2",
        "For the lecture",
    ]
    assert [row["name"] for row in rows(runs[1:2], {})] == [describe(several[1])]
