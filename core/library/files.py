"""The files of a run: written beside, checked, and moved into place, so that none is ever half."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from core.errors import LearnscopeError

STATE_FILES = ("training-state-1.bin", "training-state-2.bin")
"""They take turns, so that the one that counts is never the one that is being written."""
_BESIDE = ".writing-"
"""How the name of a file begins that is not in place yet."""
_LONG_AGO = 600.0
"""Seconds after which nobody is still writing a file."""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_parts(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Write a file out of these parts, with no copy of them in between."""
    with path.open("wb", buffering=0) as file:
        for part in parts:
            rest = memoryview(part)
            while rest:
                rest = rest[file.write(rest) :]


def broken_part(path: Path) -> str | None:
    """What of a zip archive cannot be read back whole, a part or the file; None if all can."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip()
    except zipfile.BadZipFile:
        return path.name


def checked_name(filename: str) -> str:
    """The name as it is, if it is one that may lie in a run's folder."""
    if not filename or Path(filename).name != filename or filename.startswith("."):
        raise LearnscopeError(f"Expected a plain file name. Received: {filename!r}.")
    return filename


def make_writable(home: Path) -> None:
    """Make the folder of a library if there is none, and see that it can be written."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise LearnscopeError(
            f"Expected a folder for the run library that can be written. Received: {home} "
            f"({error.strerror or error}). Set LEARNSCOPE_HOME to another folder."
        ) from error


def write_and_place(
    target: Path,
    write: Callable[[Path], None],
    check: Callable[[Path], object] | None,
    record: Callable[[str, int], None],
) -> str:
    """Put a file in place whole, or leave the one that is there.

    Parameters
    ----------
    target : Path
        Where it shall lie. What lies there stays until the new file is safely on the disk.
    write : callable
        Writes the file to the path that it is given, which ends as the target does.
    check : callable, optional
        Reads that file again, and raises if it is not as it should be.
    record : callable
        Notes the hash and the number of bytes, just before the file takes its place.

    Returns
    -------
    str
        SHA-256 of the file, hexadecimal.

    Raises
    ------
    LearnscopeError
        If the disk does not take the file. What `write` and `check` raise otherwise is passed on.
    """
    beside = target.with_name(f"{_BESIDE}{secrets.token_hex(4)}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write(beside)
        if check is not None:
            check(beside)
        _to_disk(beside)
        digest = sha256_of(beside)
        record(digest, beside.stat().st_size)
        beside.replace(target)
        _to_disk(target.parent)
    except OSError as error:
        raise LearnscopeError(_refusal(target, error)) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
    return digest


def remove_leftovers(folder: Path, everything: bool) -> None:
    """Remove what a killed process was writing in a run's folder.

    Parameters
    ----------
    folder : Path
        It need not be there.
    everything : bool
        Nobody is at work on the run; else only what was left long ago goes.
    """
    for path in folder.glob(f"{_BESIDE}*"):
        with contextlib.suppress(OSError):  # It is in nobody's way; the next start tries again.
            if everything or time.time() - path.stat().st_mtime > _LONG_AGO:
                path.unlink()


def remove_states(folder: Path) -> None:
    """Remove the states of a training that needs to go on no more."""
    for name in STATE_FILES:
        with contextlib.suppress(OSError):  # It is in nobody's way; the next start tries again.
            (folder / name).unlink()


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refusal(target: Path, error: OSError) -> str:
    kept = "The one before it is kept." if target.exists() else "There was none before it."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full: {target} could not be saved. {kept} Free some space."
    why = error.strerror or str(error)
    return f"{target} could not be saved: {why}. {kept} See that its folder can be written."
