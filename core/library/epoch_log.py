"""The newest epochs of a run, ahead of the database: a line each in a file of the run.

To flush a transaction to the disk takes a small network as long as several of its steps; to append
a line to a file takes a hundredth of that, and outlives the process as surely, however it ends. So
the database gets the epochs of a moment together, and whoever opens it after a kill reads the rest
here. A loss of power may cost that moment, and nothing else: the database is flushed.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

EPOCHS_FILE = "newest-epochs.log"
"""Its name in a run's folder, while the run trains."""
_CHECK = 8
"""Characters of a line's checksum."""


class EpochLog:
    """Holds the epochs of one run that the database does not hold yet.

    One thread may append while another says what the database has.

    Parameters
    ----------
    path : Path
        Where the file lies; made by the first epoch, in a folder that is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._waiting: set[int] = set()

    def append(self, epoch: int, values: Sequence[Any]) -> None:
        """Add an epoch, whole or not at all.

        Parameters
        ----------
        epoch : int
        values : sequence of str, int, float, bytes and None
            All that is to be kept of it.

        Raises
        ------
        OSError
            If the disk refuses.
        """
        line = _line(values)
        with self._lock:
            if self._descriptor is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
                self._descriptor = os.open(self._path, flags, 0o644)
            begin = os.fstat(self._descriptor).st_size
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._descriptor, begin)
                raise
            self._waiting.add(epoch)

    def settle(self, epoch: int) -> None:
        """The database holds this epoch by now; once it holds all of them, the file is empty."""
        with self._lock:
            self._waiting.discard(epoch)
            if not self._waiting and self._descriptor is not None:
                with contextlib.suppress(OSError):  # What the database holds may stand here too.
                    os.ftruncate(self._descriptor, 0)

    def close(self) -> None:
        """Let go of the file, and leave it as it is."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def remove(self) -> None:
        """The run has ended: there is no more to come, and the database holds it all."""
        self.close()
        remove_log(self._path)


def logged(path: Path) -> list[list[Any]]:
    """What was appended to a file, in order, up to a line that was not finished.

    Returns
    -------
    list of list
        The values of each epoch; none if there is no file.

    Raises
    ------
    OSError
        If the file is there and cannot be read.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    found = []
    for line in lines[:-1]:  # Behind the last line's end there is nothing, or a part of a line.
        check, text = line[:_CHECK], line[_CHECK:]
        if check != _checksum(text):
            break
        found.append(json.loads(text, object_hook=_from_base64))
    return found


def remove_log(path: Path) -> None:
    """Remove a file of which nothing is needed any more, if it is there."""
    with contextlib.suppress(OSError):  # It is in nobody's way; the next start tries again.
        path.unlink()


def _line(values: Sequence[Any]) -> bytes:
    # Python's JSON gives every float back as it was, those that are no numbers too.
    text = json.dumps(values, default=_in_base64).encode()
    return _checksum(text) + text + b"\n"


def _checksum(text: bytes) -> bytes:
    return b"%08x" % zlib.crc32(text)


def _in_base64(content: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(content).decode()}


def _from_base64(held: dict[str, str]) -> bytes:
    return base64.b64decode(held["base64"])
