"""A run -> a ZIP archive that another Learnscope can take into its library.

It holds ``run.json`` with all records and ``files/`` with the run's files. What it means is written
down here, and read in :mod:`core.library.archive_record`; a change to either wants a
new :data:`VERSION`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import re
import zipfile
from dataclasses import asdict
from typing import Any

import numpy as np

from core.errors import LearnscopeError
from core.export.whole_run import WholeRun, whole_run
from core.library.records import BatchLosses, Run
from core.runs import Library
from core.settings import to_mapping

FORMAT = "learnscope run"
VERSION = 2
OLDEST = 1
"""Without the settings that were changed in mid-run; all else is the same."""
RECORD = "run.json"
FILE_NAME = r"[a-z0-9][a-z0-9_-]{0,60}\.(keras|npz)"
"""The names of the files that travel: networks and arrays, which hold no code."""
_READING = """\
A run of Learnscope. On the page Runs, "Bring in a run" takes this archive as it is.

run.json holds the settings, the figures of each epoch, and loss, accuracy and penalty of each batch
as little-endian float32 in base64. In files/ lie the networks, which keras.models.load_model reads;
epoch-12.npz has all weights after epoch 12 in a row, and a table of what they are, for numpy.load.
"""


def archive(library: Library, run_id: str) -> bytes:
    """Pack a run with all its records and files.

    A file that is missing or damaged is left out, and named in the record. So are those from which
    an interrupted run could go on, which it cannot elsewhere. What only this library
    decides, whether the run is kept or archived, is not part of it.

    Returns
    -------
    bytes
        A ZIP archive.

    Raises
    ------
    LearnscopeError
        If there is no such run.
    """
    whole = whole_run(library, run_id)
    packed, files, left_out = io.BytesIO(), [], []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("README.txt", _READING)
        for name in library.files(run_id):
            if not re.fullmatch(FILE_NAME, name):
                continue
            try:
                content = library.file(run_id, name).read_bytes()
            except (LearnscopeError, OSError):
                left_out.append(name)
                continue
            target.writestr(f"files/{name}", content)
            digest = hashlib.sha256(content).hexdigest()
            files.append({"name": name, "sha256": digest, "bytes": len(content)})
        record = _record(whole, library.batches(run_id)) | {"files": files, "left_out": left_out}
        target.writestr(RECORD, json.dumps(record, indent=1, allow_nan=False))
    return packed.getvalue()


def _record(whole: WholeRun, batches: BatchLosses) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "run": _run(whole.run),
        "epochs": _epochs(whole, batches),
        "events": [asdict(event) for event in whole.events],
    }


_TAKEN = (
    *("id", "name", "created", "sentence", "epochs_done", "best_epoch", "best_validation_loss"),
    *("best_validation_accuracy", "test_loss", "test_accuracy", "test_images", "weights"),
    *("seconds", "versions", "fingerprint", "tags", "remark"),
)


def _run(run: Run) -> dict[str, Any]:
    values = {name: _plain(getattr(run, name)) for name in _TAKEN}
    return values | {
        "state": str(run.state),
        "settings": to_mapping(run.settings),
        "changes": [asdict(change) for change in run.changes],
    }


def _epochs(whole: WholeRun, batches: BatchLosses) -> list[dict[str, Any]]:
    """Of the batches as they were recorded: what only the settings tell is not part of it."""
    begins = [0, *batches.epoch_ends]
    movements: dict[int, dict[str, Any]] = {}
    for one in whole.movements:
        movements.setdefault(one.epoch, {})[one.layer] = [_plain(one.norm), _plain(one.change)]
    found = []
    for number, epoch in enumerate(whole.epochs):
        steps = slice(begins[number], begins[number + 1])
        found.append(
            {name: _plain(value) for name, value in asdict(epoch).items()}
            | {
                "batch_losses": _text(batches.losses[steps]),
                "batch_accuracies": _text(batches.accuracies[steps]),
                "batch_penalties": _recorded(batches.penalties[steps]),
                "movements": movements.get(epoch.epoch, {}),
            }
        )
    return found


def _plain(value: Any) -> Any:
    """JSON knows neither NaN nor infinity, and the library keeps NaN as nothing."""
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else str(value)


def _recorded(values: np.ndarray[Any, Any]) -> str | None:
    return None if len(values) and np.isnan(values).all() else _text(values)


def _text(values: np.ndarray[Any, Any]) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")
