"""Curves -> CSV: one table of the epochs, one of the batches."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from core.export.whole_run import WholeRun
from core.settings import values_after

EPOCH_COLUMNS = {
    "epoch": "epoch [number]",
    "steps": "steps [count]",
    "seconds": "time [s]",
    "running_loss": "running_loss [nats]",
    "running_accuracy": "running_accuracy [share]",
    "fair_loss": "fair_loss [nats]",
    "fair_accuracy": "fair_accuracy [share]",
    "validation_loss": "validation_loss [nats]",
    "validation_accuracy": "validation_accuracy [share]",
    "penalty": "penalty [nats]",
    "learning_rate": "learning_rate [1]",
}
"""The columns of the epochs, by the attribute of :class:`core.library.records.Epoch`."""
BATCH_COLUMNS = (
    "step [number]",
    "epoch [number]",
    "batch_loss [nats]",
    "batch_accuracy [share]",
    "batch_penalty [nats]",
)


def epochs_csv(whole: WholeRun) -> str:
    """A row for each epoch.

    After the columns of :data:`EPOCH_COLUMNS` come two for each layer whose movement was recorded:
    the Euclidean norm of its kernel, and the norm of its change over the epoch as a share of that.
    Losses are without the L1 and L2 penalty. Numbers are written so that they read back as they
    were; ``nan`` stands for what is no number, and nothing for what was not recorded. Last come the
    settings that were changed in mid-run, each with its value in the epoch's last step.
    """
    moved = {(one.epoch, one.layer): (one.norm, one.change) for one in whole.movements}
    heading = [*EPOCH_COLUMNS.values()]
    for layer in whole.layers:
        heading += [f"kernel_norm {layer} [1]", f"kernel_change {layer} [share of norm]"]
    heading += _turned_columns(whole)
    rows = [
        [
            *(getattr(epoch, name) for name in EPOCH_COLUMNS),
            *(
                value
                for layer in whole.layers
                for value in moved.get((epoch.epoch, layer), (None, None))
            ),
            *_turned(whole, epoch.steps),
        ]
        for epoch in whole.epochs
    ]
    return _table(heading, rows)


def batches_csv(whole: WholeRun) -> str:
    """A row for each optimizer step: the true data loss and accuracy of its batch, dropout on.

    Beside them stands the penalty before the step, empty where it was not recorded, and each
    setting that was changed in mid-run with its value in this step.
    """
    batches = whole.curves.batches
    numbers = [
        epoch.epoch
        for epoch, steps in zip(whole.epochs, _lengths(batches.epoch_ends), strict=True)
        for _ in range(steps)
    ]
    # Their shortest form as float32: as float64 they would end in digits that nobody measured.
    losses, accuracies = map(str, batches.losses), map(str, batches.accuracies)
    penalties = ("" if np.isnan(one) else str(one) for one in batches.penalties)
    steps = range(1, len(numbers) + 1)
    rows = zip(steps, numbers, losses, accuracies, penalties, strict=True)
    return _table(
        [*BATCH_COLUMNS, *_turned_columns(whole)], ([*row, *_turned(whole, row[0])] for row in rows)
    )


def _names_turned(whole: WholeRun) -> list[str]:
    return list(dict.fromkeys(change.name for change in whole.run.changes))


def _turned_columns(whole: WholeRun) -> list[str]:
    return [f"setting {name} [1]" for name in _names_turned(whole)]


def _turned(whole: WholeRun, step: int) -> list[float]:
    """What the settings were at in a step, from 1."""
    before = [change for change in whole.run.changes if change.step < step]
    values = values_after(whole.run.settings, before)
    return [values[name] for name in _names_turned(whole)]


def _lengths(ends: Sequence[int]) -> list[int]:
    return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def _table(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()
