"""`.keras` files of one architecture with ever other weights, a tenth of the usual work each.

Keras walks through the whole network for each file and describes it anew, which takes it longer
than a small network's epoch. Only the weights differ between the files of one run; so Keras writes
the first, and the later ones are that one with other numbers in their places. A file knows these
places itself, and whose weights it holds: after a kill, a newer best can be put into it before
TensorFlow is in. Needs no Keras.
"""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import LearnscopeError
from core.library.files import broken_part

WEIGHTS_PART, CONFIG_PART, METADATA_PART = "model.weights.h5", "config.json", "metadata.json"
_BEST = "epoch, validation loss, validation accuracy"
_PLACES = "first byte and shape of each weight"
_DAMAGED = (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError)


@dataclass(frozen=True)
class Place:
    """Where a weight lies in the part with the weights: its first byte, and its shape."""

    first: int
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class CheckpointForm:
    """A `.keras` file into which any weights can be put.

    Attributes
    ----------
    parts : dict of str to bytes
        Its parts by name.
    places : list of Place
        Those of the weights, in the order of ``model.weights``; all in single precision.
    """

    parts: dict[str, bytes]
    places: list[Place]

    def write(self, path: Path, weights: Sequence[npt.NDArray[Any]]) -> None:
        """Write a file with these weights."""
        content = bytearray(self.parts[WEIGHTS_PART])
        for place, array in zip(self.places, weights, strict=True):
            if array.shape != place.shape:
                raise ValueError(f"{array.shape} where there is room for {place.shape}")
            numbers = np.asarray(array, "<f4").tobytes()
            content[place.first : place.first + len(numbers)] = numbers
        metadata = json.loads(self.parts[METADATA_PART])
        metadata["date_saved"] = time.strftime("%Y-%m-%d@%H:%M:%S")
        new = {METADATA_PART: json.dumps(metadata).encode(), WEIGHTS_PART: bytes(content)}
        with zipfile.ZipFile(path, "w") as archive:
            for name, part in (self.parts | new).items():
                archive.writestr(name, part)
            places = [(place.first, *place.shape) for place in self.places]
            archive.comment = json.dumps({_PLACES: places}).encode()


def form_of(path: Path) -> CheckpointForm | None:
    """The form of a file that has places in it; None if it has none, or is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            places = [Place(first, tuple(shape)) for first, *shape in _comment(archive)[_PLACES]]
            return CheckpointForm({name: archive.read(name) for name in archive.namelist()}, places)
    except _DAMAGED:
        return None


def tell(path: Path, epoch: int, loss: float, accuracy: float) -> None:
    """Have a `.keras` file say of itself whose weights it holds, where Keras does not look.

    A file and its record in the database cannot change in one moment; so after a kill between the
    two it can be told which figures are those of the file.
    """
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = json.dumps(_comment(archive) | {_BEST: [epoch, loss, accuracy]}).encode()


def told_by(path: Path) -> tuple[int, float, float] | None:
    """Epoch, validation loss and validation accuracy of a checkpoint; None if it does not say."""
    try:
        with zipfile.ZipFile(path) as archive:
            epoch, loss, accuracy = _comment(archive)[_BEST]
        return int(epoch), float(loss), float(accuracy)
    except _DAMAGED:
        return None


def check_archive(path: Path) -> None:
    """Read a `.keras` file back whole; its parts carry checksums.

    Raises
    ------
    LearnscopeError
        If it is not what was written.
    """
    broken = broken_part(path)
    if broken is not None:
        raise LearnscopeError(
            f"Expected a whole checkpoint on the disk. Received: one whose part {broken} cannot be "
            "read back. The previous checkpoint stays; check the disk."
        )


def _comment(archive: zipfile.ZipFile) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(archive.comment) if archive.comment else {}
    return told
