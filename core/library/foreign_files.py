"""Files of a run from elsewhere, looked at before anything opens them: they are to be but data."""

from __future__ import annotations

import json
import lzma
import math
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from core.errors import LearnscopeError
from core.fitting.networks import network_for_file
from core.inside.layers import load_network
from core.keras_state import KERAS_LOCK
from core.settings import Settings

MOST_BYTES = 500_000_000
"""Of a file, unpacked."""
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, ValueError),
    *(IndexError, RuntimeError, NotImplementedError, OverflowError),
)
"""What ``zipfile`` raises for an archive that is damaged, encrypted, or packed in a strange way."""
_PARTS = {"metadata.json", "config.json", "model.weights.h5"}
_NAMING = {"class_name", "module", "registered_name"}
"""Where a configuration says what code belongs to it."""


class ForeignFileError(Exception):
    """A file holds what it should not; the message says what, as the end of a sentence."""


def check_network(path: Path, settings: Settings) -> None:
    """Make sure that a ``.keras`` file is a network of these settings, and nothing else.

    Its configuration has to say what the settings say, so that no class, no function and no size
    comes from the file. Its arrays have to lie in the file itself: HDF5 can point to other files.
    Only then is it opened, by Keras's own safe loader.

    Raises
    ------
    ForeignFileError
        If it is anything else, or cannot be loaded.
    """
    parts = _parts(path)
    if set(parts) != _PARTS:
        raise ForeignFileError("has other parts than a network has")
    with zipfile.ZipFile(path) as archive:
        try:
            theirs = json.loads(archive.read("config.json"))
        except (ValueError, RecursionError) as error:
            raise ForeignFileError("has a configuration that cannot be read") from error
        ours = json.loads(json.dumps(_configuration(settings)))
        if not _agrees(ours, theirs):
            raise ForeignFileError("is not the network that the run's settings describe")
        with archive.open("model.weights.h5") as weights:
            _check_weights(weights, parts["model.weights.h5"])
    try:
        load_network(path)
    except LearnscopeError as error:
        raise ForeignFileError("cannot be opened as a network") from error


def check_arrays(path: Path) -> None:
    """Make sure that an ``.npz`` file holds arrays of numbers, each as large as it says.

    Raises
    ------
    ForeignFileError
        If it holds anything else, such as Python objects, whose loading runs code.
    """
    parts = _parts(path)
    with zipfile.ZipFile(path) as archive:
        for name, size in parts.items():
            with archive.open(name) as member:
                try:
                    version = np.lib.format.read_magic(member)
                    read = {
                        (1, 0): np.lib.format.read_array_header_1_0,
                        (2, 0): np.lib.format.read_array_header_2_0,
                    }[version]
                    shape, _, kind = read(member)
                except (ValueError, KeyError, RecursionError, MemoryError) as error:
                    raise ForeignFileError(f"has a part {name[:60]} that is no array") from error
                plain = kind.kind in "biufSU" and not kind.hasobject
                if not plain or math.prod(shape) * kind.itemsize != size - member.tell():
                    raise ForeignFileError(f"has a part {name[:60]} that is no plain array")


def _parts(path: Path) -> dict[str, int]:
    """The parts of an archive that reads back whole and is not too large, and their bytes."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            parts = {entry.filename: entry.file_size for entry in entries}
            if len(parts) != len(entries) or len(entries) > 10_000:
                raise ForeignFileError("has parts of the same name, or too many")
            # What an entry says of its size is held by zipfile, which reads no further.
            if sum(parts.values()) > MOST_BYTES:
                raise ForeignFileError("is too large when it is unpacked")
            if archive.testzip() is not None:
                raise ForeignFileError("is damaged")
    except (*DAMAGED, OSError) as error:
        raise ForeignFileError("is damaged") from error
    return parts


def _configuration(settings: Settings) -> Any:
    """What Keras writes into a file for a network of these settings."""
    model = network_for_file(settings)
    with KERAS_LOCK:
        return keras.saving.serialize_keras_object(model)


def _agrees(ours: Any, theirs: Any) -> bool:
    """Whether two configurations say the same; another version of Keras may say a little more."""
    if isinstance(ours, dict):
        if not isinstance(theirs, dict):
            return False
        more = set(theirs) - set(ours)
        return (
            not more & _NAMING
            and not any(isinstance(theirs[name], dict | list) for name in more)
            and _NAMING & set(ours) <= set(theirs)
            and all(
                _agrees(_known(name, ours[name]), _known(name, theirs[name]))
                for name in set(ours) & set(theirs)
            )
        )
    if isinstance(ours, list):
        return (
            isinstance(theirs, list)
            and len(ours) == len(theirs)
            and all(map(_agrees, ours, theirs))
        )
    return type(ours) is type(theirs) and bool(ours == theirs)


def _known(key: str, value: Any) -> Any:
    """The value, but for a number that Keras puts behind the name of a process's next optimizer."""
    if key == "name" and isinstance(value, str):
        return re.sub(r"^(adam|adam_w|rm_?s_?prop|sgd)_\d{1,9}$", r"\1", value)
    return value


def _check_weights(file: Any, size: int) -> None:
    """All arrays lie in the file, as numbers that are not packed, and together fit into it."""
    try:
        with h5py.File(file, "r") as weights:
            links: list[str] = []
            weights.visititems_links(
                lambda name, link: None if isinstance(link, h5py.HardLink) else links.append(name)
            )
            arrays: list[h5py.Dataset] = []
            weights.visititems(
                lambda _, one: arrays.append(one) if isinstance(one, h5py.Dataset) else None
            )
            inside = not links and all(
                not one.external
                and not one.is_virtual
                and one.chunks is None
                and one.dtype.kind in "fiub"
                for one in arrays
            )
            if not inside or sum(one.nbytes for one in arrays) > size:
                raise ForeignFileError("has weights that do not lie in the file itself")
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise ForeignFileError("has weights that cannot be read") from error
