"""What an archive says of a run -> records, with every value looked at: it is not to be trusted."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.errors import LearnscopeError
from core.export.archive import FILE_NAME, FORMAT, OLDEST, VERSION
from core.library.incoming import EpochRecord, RunRecord
from core.library.records import Epoch, Event, Run, State, run_name
from core.library.rows import EPOCH_COLUMNS, settings_from_text
from core.library.statements import interrupted_sentence
from core.settings import Change, Settings, turned

MOST_EPOCHS = 10_000
MOST_FILES = 32
_MOST_EVENTS = 10_000
_LONGEST = 4_000
"""Signs in a sentence."""
_LONGEST_REMARK = 10_000


class NotAsExpectedError(Exception):
    """A value of the record is not what it should be; the message names it."""


def parsed(text: bytes) -> dict[str, Any]:
    """The record as plain values.

    Raises
    ------
    LearnscopeError
        If it is of another program, or of a newer version.
    NotAsExpectedError
        If it cannot be read.
    """
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NotAsExpectedError("the record") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise NotAsExpectedError("the record")
    version = found.get("version")
    if version not in range(OLDEST, VERSION + 1) or isinstance(version, bool):
        raise LearnscopeError(
            f"Expected the archive of a run, version {OLDEST} to {VERSION}. Received: version "
            f"{str(version)[:20]}. Use the Learnscope that made it, or update this one."
        )
    return found


def run_record(values: Mapping[str, Any]) -> RunRecord:
    """The run with its epochs and events.

    A run that had not ended when it was packed is interrupted. Markup that could fetch a picture
    from elsewhere is taken out of all words.

    Raises
    ------
    NotAsExpectedError
        At the first value that is not what it should be.
    """
    settings = _settings(_mapping(values.get("run"), "run").get("settings"))
    epochs = tuple(
        _epoch(_mapping(one, "epochs"))
        for one in _list(values.get("epochs"), MOST_EPOCHS, "epochs")
    )
    numbers = [one.epoch.epoch for one in epochs]
    steps = [one.epoch.steps for one in epochs]
    if numbers != sorted(set(numbers)) or steps != sorted(steps):
        raise NotAsExpectedError("the order of the epochs")
    events = tuple(
        _event(_mapping(one, "events"))
        for one in _list(values.get("events"), _MOST_EVENTS, "events")
    )
    run = _run(_mapping(values.get("run"), "run"), settings, numbers, bool(events))
    return RunRecord(run, settings, epochs, events)


def files_of(values: Mapping[str, Any]) -> dict[str, tuple[str, int]]:
    """The SHA-256 and the bytes of each file, by its name, which is fit to be a file's name."""
    found = {}
    for one in _list(values.get("files"), MOST_FILES, "files"):
        file = _mapping(one, "files")
        name, digest = file.get("name"), file.get("sha256")
        if not isinstance(name, str) or not re.fullmatch(FILE_NAME, name) or name in found:
            raise NotAsExpectedError("the name of a file")
        if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
            raise NotAsExpectedError(f"the hash of {name}")
        found[name] = digest, _whole(file.get("bytes"), f"the size of {name}")
    return found


def left_out(values: Mapping[str, Any]) -> list[str]:
    """Names of the files that were missing or damaged when the run was packed."""
    return [_line(name, "left_out", 80) for name in _list(values.get("left_out"), 100, "left_out")]


def _run(values: Mapping[str, Any], settings: str, numbers: list[int], began: bool) -> Run:
    run_id = values.get("id")
    if not isinstance(run_id, str) or not re.fullmatch(r"[0-9]{8}-[0-9a-f]{6}", run_id):
        raise NotAsExpectedError("id")
    created = _number(values.get("created"), "created")
    if created is None or not 0 <= created < 1e11:
        raise NotAsExpectedError("created")
    state, sentence = _state(values.get("state")), _line(values.get("sentence"), "sentence")
    done = _whole(values.get("epochs_done"), "epochs_done")
    best = _maybe_whole(values.get("best_epoch"), "best_epoch")
    if done != (numbers[-1] if numbers else 0) or (best is not None and best not in numbers):
        raise NotAsExpectedError("epochs_done and best_epoch")
    if not state.ended:
        state, sentence = State.INTERRUPTED, interrupted_sentence(done, best, began)
    known, note = settings_from_text(settings)
    fingerprint = values.get("fingerprint")
    if fingerprint is not None and not re.fullmatch("[0-9a-f]{64}", str(fingerprint)):
        raise NotAsExpectedError("fingerprint")
    versions = _mapping(values.get("versions"), "versions")
    tags = [_line(tag, "tags", 40) for tag in _list(values.get("tags"), 100, "tags")]
    return Run(
        id=run_id,
        name=run_name(_line(values.get("name"), "name"), known),
        created=created,
        state=state,
        settings=known,
        note=note,
        sentence=sentence,
        epochs_done=done,
        best_epoch=best,
        best_validation_loss=_number(values.get("best_validation_loss"), "best_validation_loss"),
        best_validation_accuracy=_number(
            values.get("best_validation_accuracy"), "best_validation_accuracy"
        ),
        test_loss=_number(values.get("test_loss"), "test_loss"),
        test_accuracy=_number(values.get("test_accuracy"), "test_accuracy"),
        seconds=_number(values.get("seconds"), "seconds"),
        test_images=_maybe_whole(values.get("test_images"), "test_images"),
        weights=_maybe_whole(values.get("weights"), "weights"),
        versions={_line(k, "versions", 80): _line(v, "versions", 80) for k, v in versions.items()},
        fingerprint=fingerprint,
        tags=tuple(dict.fromkeys(filter(None, tags))),
        changes=_changes(values.get("changes", []), known),
        remark=_tame(_text(values.get("remark"), "remark", _LONGEST_REMARK)).strip(),
    )


def _state(value: Any) -> State:
    if value not in list(State):
        raise NotAsExpectedError("state")
    return State(value)


def _settings(value: Any) -> str:
    """As a JSON object from names to plain values; what it means is looked at by its reader."""
    settings = _mapping(value, "settings")
    plain = all(
        isinstance(one, bool | int | float) or (isinstance(one, str) and len(one) <= 60)
        for one in settings.values()
    )
    if not plain or len(settings) > 200 or any(len(name) > 60 for name in settings):
        raise NotAsExpectedError("settings")
    return _tame(json.dumps(settings))


def _epoch(values: Mapping[str, Any]) -> EpochRecord:
    names = EPOCH_COLUMNS.split(", ")
    numbers = {name: _number(values.get(name), name) for name in names}
    figures: dict[str, Any] = {
        name: math.nan if value is None else value for name, value in numbers.items()
    }
    for name in ("epoch", "steps"):
        figures[name] = _whole(values.get(name), name)
    if figures["epoch"] < 1 or not figures["seconds"] >= 0:
        raise NotAsExpectedError("epoch and seconds")
    losses = _floats(values.get("batch_losses"), "batch_losses")
    accuracies = _floats(values.get("batch_accuracies"), "batch_accuracies")
    terms = values.get("batch_penalties")
    penalties = None if terms is None else _floats(terms, "batch_penalties")
    if any(len(one) != len(losses) for one in (accuracies, penalties) if one is not None):
        raise NotAsExpectedError("the number of batches")
    movements = {}
    for layer, pair in _mapping(values.get("movements"), "movements").items():
        norm, change = (_number(one, "movements") for one in _list(pair, 2, "movements", 2))
        movements[_line(layer, "movements", 80)] = (
            math.nan if norm is None else norm,
            math.nan if change is None else change,
        )
    return EpochRecord(Epoch(**figures), losses, accuracies, penalties, movements)


def _event(values: Mapping[str, Any]) -> Event:
    at = _number(values.get("at"), "at")
    if at is None or not 0 <= at < 1e11:
        raise NotAsExpectedError("at")
    return Event(
        at,
        _maybe_whole(values.get("epoch"), "epoch"),
        _maybe_whole(values.get("step"), "step"),
        _line(values.get("kind"), "kind", 40),
        _line(values.get("words"), "words"),
    )


def _changes(values: Any, settings: Settings) -> tuple[Change, ...]:
    found = []
    for one in _list(values, _MOST_EVENTS, "changes"):
        change = _mapping(one, "changes")
        name = _line(change.get("name"), "changes", 40)
        numbers = [_number(change.get(which), "changes") for which in ("old", "new")]
        epoch, step = (_whole(change.get(which), "changes") for which in ("epoch", "step"))
        try:
            old, new = (turned(settings, name, math.nan if n is None else n) for n in numbers)
        except LearnscopeError as error:
            raise NotAsExpectedError("changes") from error
        found.append(Change(name, old, new, epoch, step))
    steps = [change.step for change in found]
    if steps != sorted(steps) or any(change.epoch < 1 for change in found):
        raise NotAsExpectedError("the order of the changes")
    return tuple(found)


def _floats(value: Any, name: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    try:
        content = base64.b64decode(_text(value, name, 100_000_000), validate=True)
    except ValueError as error:
        raise NotAsExpectedError(name) from error
    if len(content) % 4:
        raise NotAsExpectedError(name)
    return np.frombuffer(content, "<f4").astype(np.float32)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or len(value) > 1000:
        raise NotAsExpectedError(name)
    return value


def _list(value: Any, most: int, name: str, least: int = 0) -> list[Any]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise NotAsExpectedError(name)
    return value


def _text(value: Any, name: str, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise NotAsExpectedError(name)
    return value


def _line(value: Any, name: str, longest: int = _LONGEST) -> str:
    return _tame(" ".join(_text(value, name, longest).split()))


def _tame(text: str) -> str:
    """Without Markdown's links and pictures: a page that shows them would fetch the picture."""
    return text.replace("](", "] (").replace("][", "] [").replace("]:", "] :")


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise NotAsExpectedError(name)
    return value


def _maybe_whole(value: Any, name: str) -> int | None:
    return None if value is None else _whole(value, name)


def _number(value: Any, name: str) -> float | None:
    """A number; None stands for one that is none, and a word for one without end."""
    if value is None:
        return None
    if value in ("inf", "-inf"):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise NotAsExpectedError(name)
    return float(value)
