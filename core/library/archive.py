"""The archive of a run from elsewhere -> the library, after a look at everything in it."""

from __future__ import annotations

import hashlib
import logging
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from core.errors import LearnscopeError
from core.export.archive import RECORD
from core.library import archive_record
from core.library.archive_record import NotAsExpectedError
from core.library.foreign_files import (
    DAMAGED,
    MOST_BYTES,
    ForeignFileError,
    check_arrays,
    check_network,
)
from core.library.records import Run
from core.runs import Library
from core.settings import Settings

_log = logging.getLogger("learnscope.archive")
_MOST_PARTS = 40
_LONGEST_RECORD = 200_000_000
"""Bytes: ten million batches, and their text."""
_PIECE = 1 << 20


@dataclass(frozen=True)
class Arrival:
    """What came of an archive.

    Attributes
    ----------
    run : Run
        As it is in the library now.
    known : bool
        Whether it was there before, so that nothing was changed.
    left_out : tuple of str
        Files that were missing or damaged when the run was packed.
    """

    run: Run
    known: bool
    left_out: tuple[str, ...] = ()


def bring_in(library: Library, source: IO[bytes]) -> Arrival:
    """Take a run out of an archive of :func:`core.export.archive.archive` into the library.

    Nothing in the archive is trusted. No name in it becomes a path, no code in it is run, what it
    unpacks to is limited, and all of it is checked before anything is entered. Waits for Keras.

    Parameters
    ----------
    library : Library
    source : binary file
        That can be read from any place.

    Raises
    ------
    LearnscopeError
        If it is not such an archive, is damaged, or comes from a newer version; the library is
        then as it was before.
    """
    try:
        return _bring_in(library, _opened(source))
    except OSError as error:
        raise LearnscopeError(
            f"The archive could not be unpacked: {error.strerror or error}. Nothing was brought "
            "in. See that the disk has space."
        ) from error
    except (NotAsExpectedError, ForeignFileError) as error:
        _log.info("An archive was refused: %r", error)
        raise LearnscopeError(
            "Expected the archive of a run, as Learnscope makes it. Received: "
            f"{_what_is_wrong(error)} Nothing was brought in. Make the archive anew where the run "
            "is."
        ) from error


def _what_is_wrong(error: Exception) -> str:
    if isinstance(error, ForeignFileError):
        return f"one with a file that {error}."
    if str(error):
        return f"one in which {error} cannot be read."
    return "another file, or a damaged one."


def _opened(source: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except DAMAGED as error:
        raise NotAsExpectedError from error


def _bring_in(library: Library, archive: zipfile.ZipFile) -> Arrival:
    entries = archive.infolist()
    if len(entries) > _MOST_PARTS or len({entry.filename for entry in entries}) != len(entries):
        raise NotAsExpectedError("the list of its parts")
    values = archive_record.parsed(_read(archive, RECORD, _LONGEST_RECORD))
    record = archive_record.run_record(values)
    left_out = tuple(archive_record.left_out(values))
    if (run := library.known(record)) is not None:
        return Arrival(run, known=True)
    with tempfile.TemporaryDirectory() as folder:
        files = _unpacked(archive, values, Path(folder), record.run.settings)
        return Arrival(library.bring_in(record, files), known=False, left_out=left_out)


def _unpacked(
    archive: zipfile.ZipFile, values: Mapping[str, Any], folder: Path, settings: Settings
) -> dict[str, Path]:
    """Unpack the files that the record names, and look at each; by its name, where it lies."""
    named = archive_record.files_of(values)
    if sum(size for _, size in named.values()) > MOST_BYTES:
        raise ForeignFileError("is too large when it is unpacked")
    files = {}
    for number, (name, (digest, size)) in enumerate(named.items()):
        ending = Path(name).suffix
        # A name of our own: none of the archive's is used as a path.
        path = folder / f"{number}{ending}"
        _unpack(archive, f"files/{name}", path, digest, size)
        if ending == ".keras":
            check_network(path, settings)
        else:
            check_arrays(path)
        files[name] = path
    return files


def _unpack(archive: zipfile.ZipFile, part: str, path: Path, digest: str, size: int) -> None:
    found, read = hashlib.sha256(), 0
    with path.open("wb") as target:
        for piece in _pieces(archive, part):
            read += len(piece)
            if read > size:
                break
            found.update(piece)
            target.write(piece)
    if read != size or found.hexdigest() != digest:
        raise ForeignFileError("is not as it was packed")


def _read(archive: zipfile.ZipFile, part: str, most: int) -> bytes:
    content = bytearray()
    for piece in _pieces(archive, part):
        content += piece
        if len(content) > most:
            raise NotAsExpectedError(part)
    return bytes(content)


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part of the archive, a megabyte at a time, so that nobody unpacks more than is wanted."""
    try:
        with archive.open(part) as source:
            while piece := source.read(_PIECE):
                yield piece
    except (*DAMAGED, KeyError) as error:
        raise NotAsExpectedError(part) from error
