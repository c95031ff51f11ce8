"""Curves as CSV: every figure under its name and unit, and each number as it was recorded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from core.export.curves_csv import batches_csv, epochs_csv
from core.export.whole_run import whole_run
from core.runs import Library, State
from core.settings import Change
from tests.core.exported import ACCURACIES, EPOCHS, LOSSES, PENALTIES, recorded
from tests.core.small import small


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "home")
    yield library
    library.close()


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_of_the_epochs_as_it_stands_in_the_file(library: Library) -> None:
    lines = epochs_csv(whole_run(library, recorded(library).id)).splitlines()
    assert lines[0] == (
        "epoch [number],steps [count],time [s],running_loss [nats],running_accuracy [share],"
        "fair_loss [nats],fair_accuracy [share],validation_loss [nats],"
        "validation_accuracy [share],penalty [nats],learning_rate [1],"
        "kernel_norm conv_1 [1],kernel_change conv_1 [share of norm],"
        "kernel_norm dense [1],kernel_change dense [share of norm]"
    )
    assert lines[2] == "2,8,3.0,1.5,0.5,1.25,0.625,1.0,0.75,0.25,0.005,4.0,0.125,9.5,0.0625"
    assert len(lines) == 4


def test_the_epochs_read_back_in_pandas_as_they_were_recorded(library: Library) -> None:
    frame = pd.read_csv(io.StringIO(epochs_csv(whole_run(library, recorded(library).id))))
    assert frame["validation_loss [nats]"].tolist() == [one.validation_loss for one in EPOCHS]
    assert frame["kernel_change conv_1 [share of norm]"].isna().tolist() == [False, False, True]


def test_a_row_for_each_batch_with_its_epoch(library: Library) -> None:
    rows = table(batches_csv(whole_run(library, recorded(library).id)))
    assert [int(row["step [number]"]) for row in rows] == list(range(1, 13))
    assert [int(row["epoch [number]"]) for row in rows] == [1] * 4 + [2] * 4 + [3] * 4
    shares = [float(row["batch_accuracy [share]"]) for row in rows]
    assert shares == [share for epoch in ACCURACIES for share in epoch]


def test_a_batch_s_loss_has_the_digits_that_were_measured_and_no_more(library: Library) -> None:
    """0.1 is kept in single precision, and would be 0.10000000149011612 in double."""
    rows = table(batches_csv(whole_run(library, recorded(library).id)))
    assert [row["batch_loss [nats]"] for row in rows][-2:] == ["0.1", "nan"]
    assert float(rows[0]["batch_loss [nats]"]) == LOSSES[0][0]


def test_a_batch_s_penalty_stands_beside_its_loss(library: Library) -> None:
    rows = table(batches_csv(whole_run(library, recorded(library).id)))
    penalties = [float(row["batch_penalty [nats]"]) for row in rows]
    assert penalties == [penalty for epoch in PENALTIES for penalty in epoch]


def test_a_penalty_that_was_not_recorded_is_an_empty_cell(library: Library) -> None:
    run = library.create(small(l2=0.001))
    library.start(run.id)
    library.record_epoch(run.id, EPOCHS[0], LOSSES[0], ACCURACIES[0])
    library.flush()
    rows = table(batches_csv(whole_run(library, run.id)))
    assert [row["batch_penalty [nats]"] for row in rows] == [""] * 4


def test_a_run_without_an_epoch_has_headings_only(library: Library) -> None:
    run = library.create(small())
    library.finish(run.id, State.FAILED, "Failed.")
    whole = whole_run(library, run.id)
    assert len(epochs_csv(whole).splitlines()) == len(batches_csv(whole).splitlines()) == 1


def test_an_epoch_whose_movement_was_not_recorded_has_empty_cells(library: Library) -> None:
    run = library.create(small())
    library.start(run.id)
    library.record_epoch(run.id, EPOCHS[0], LOSSES[0], ACCURACIES[0], {"conv_1": (3.0, 0.5)})
    library.record_epoch(run.id, EPOCHS[1], LOSSES[1], ACCURACIES[1])
    library.flush()
    rows = table(epochs_csv(whole_run(library, run.id)))
    assert [row["kernel_norm conv_1 [1]"] for row in rows] == ["3.0", ""]


def test_a_setting_that_was_turned_has_a_column_with_its_value_in_each_step(
    library: Library,
) -> None:
    run = recorded(library)
    library.record_change(run.id, Change("learning_rate", 0.01, 0.003, 2, 5))
    library.record_change(run.id, Change("l1", 0.0, 0.001, 3, 8))
    whole = whole_run(library, run.id)
    rates = [float(row["setting learning_rate [1]"]) for row in table(batches_csv(whole))]
    # Changed after step 5: step 6 is the first with the new value.
    assert rates == [0.01] * 5 + [0.003] * 7
    epochs = table(epochs_csv(whole))
    assert [float(row["setting learning_rate [1]"]) for row in epochs] == [0.01, 0.003, 0.003]
    assert [float(row["setting l1 [1]"]) for row in epochs] == [0.0, 0.0, 0.001]
