"""Rows of the library's database -> the records of core/library/records.py."""

from __future__ import annotations

import functools
import json
import math
import sqlite3
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import LearnscopeError
from core.library.records import BatchLosses, Epoch, FloatArray, Movement, Run, State
from core.settings import CONTROLS, Change, Settings, checked, from_mapping, under_new_name

RUN_COLUMNS = (
    "id, name, created, state, settings, sentence, epochs_done, best_epoch, best_validation_loss, "
    "best_validation_accuracy, test_loss, test_accuracy, test_images, weights, seconds, versions, "
    "fingerprint, tags, remark, kept, archived, resume_epoch, changes"
)
EPOCH_COLUMNS = (
    "epoch, steps, seconds, running_loss, running_accuracy, fair_loss, fair_accuracy, "
    "validation_loss, validation_accuracy, penalty, learning_rate"
)


@functools.lru_cache(maxsize=4096)
def settings_from_text(text: str) -> tuple[Settings, str]:
    """Read stored settings, also those that another version of Learnscope wrote.

    Parameters
    ----------
    text : str
        A JSON object from setting names to values.

    Returns
    -------
    settings : Settings
        What this version does not know, or does not allow, is left at its default.
    note : str
        A sentence that names what was left out; empty if nothing was.
    """
    values = json.loads(text)
    known, left_out = {}, []
    for name, value in values.items():
        try:
            now, meant = under_new_name(name, value)
            known[now] = checked(CONTROLS[now], meant)
        except (KeyError, LearnscopeError):
            left_out.append(f"{name}={value}")
    note = (
        "Stored by another version of Learnscope, with settings that this one does not know: "
        f"{', '.join(left_out)}."
        if left_out
        else ""
    )
    return from_mapping(known), note


_RUN_NAMES = tuple(RUN_COLUMNS.split(", "))


def run_from_row(row: sqlite3.Row) -> Run:
    """The run in a row that has RUN_COLUMNS."""
    values = {name: row[name] for name in _RUN_NAMES}
    values["state"] = State(values["state"])
    # Few runs have others than their neighbour, and a library may hold thousands.
    values["versions"] = dict(_versions(values["versions"]))
    values["tags"] = _tags(values["tags"])
    values["kept"] = bool(values["kept"])
    values["archived"] = values["archived"] is not None
    values["changes"] = changes_from_text(values["changes"])
    values["settings"], note = settings_from_text(values["settings"])
    return Run(**values, note=note)


@functools.lru_cache(maxsize=256)
def _versions(text: str) -> dict[str, str]:
    versions: dict[str, str] = json.loads(text)
    return versions


@functools.lru_cache(maxsize=256)
def _tags(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@functools.lru_cache(maxsize=256)
def changes_from_text(text: str) -> tuple[Change, ...]:
    """The changes in a JSON list, each a list of name, old, new, epoch and step."""
    return tuple(Change(*values) for values in json.loads(text))


def epoch_from_row(row: sqlite3.Row) -> Epoch:
    """The epoch in a row that has EPOCH_COLUMNS; SQLite keeps NaN as NULL."""
    values: list[Any] = [math.nan if value is None else value for value in tuple(row)]
    return Epoch(*values)


def movements_from_row(row: sqlite3.Row) -> list[Movement]:
    """The movements in a row that has the columns epoch and movements."""
    layers: dict[str, list[float | None]] = json.loads(row["movements"])
    return [
        Movement(row["epoch"], layer, *(math.nan if value is None else value for value in pair))
        for layer, pair in layers.items()
    ]


def batches_from_rows(rows: Sequence[sqlite3.Row]) -> BatchLosses:
    """Join the batches of the epochs, which come in order."""
    losses = [np.frombuffer(row["batch_losses"], "<f4") for row in rows]
    accuracies = [np.frombuffer(row["batch_accuracies"], "<f4") for row in rows]
    penalties = [
        np.full(len(part), np.nan, "<f4")
        if row["batch_penalties"] is None
        else np.frombuffer(row["batch_penalties"], "<f4")
        for row, part in zip(rows, losses, strict=True)
    ]
    return BatchLosses(
        _joined(losses),
        _joined(accuracies),
        tuple(np.cumsum([len(part) for part in losses], dtype=int).tolist()),
        _joined(penalties),
    )


def _joined(parts: Sequence[npt.NDArray[Any]]) -> FloatArray:
    return np.concatenate([np.empty(0, np.float32), *parts]).astype(np.float32)
