"""One process writes to a library: it holds a lock on it, and says in the lock's file who it is."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from core.errors import LearnscopeError

LOCK_FILE = "library.lock"
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@dataclass(frozen=True)
class Holder:
    """The process that writes to a library.

    Attributes
    ----------
    process : int
        Its number on its machine.
    machine : str
        The machine's name.
    since : float
        Unix time, seconds.
    address : str
        Where its pages are, such as "http://localhost:8501"; empty if it has none.
    """

    process: int
    machine: str
    since: float
    address: str = ""

    @property
    def words(self) -> str:
        """Which process on which machine, since when, and where its pages are."""
        since = datetime.fromtimestamp(self.since)
        where = f", at {self.address}" if self.address else ""
        return (
            f"process {self.process} on the machine “{self.machine}”, since {since.day} "
            f"{since:%b %Y, %H:%M:%S}{where}"
        )


class LibraryLock:
    """The lock on the library in a folder.

    The kernel lets go of it when the process ends, however it ends, so that none is ever left over.

    Parameters
    ----------
    home : Path
        The folder of the library.
    address : str
        Where this process shows its pages; empty if nowhere.
    clock : callable
        The time in seconds since 1970.

    Attributes
    ----------
    certain : bool
        Whether nobody else can hold it now. False too on a disk that knows no locks.
    """

    def __init__(self, home: Path, address: str, clock: Callable[[], float]) -> None:
        self._path = home / LOCK_FILE
        self._address = address
        self._clock = clock
        self._descriptor: int | None = None
        self.certain = False

    def take(self) -> None:
        """Hold it from now on; nothing if it is held here already.

        Raises
        ------
        LearnscopeError
            If another process holds it, which is named, or the folder may not be written.
        """
        while self._descriptor is None:
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            except OSError as error:
                raise LearnscopeError(
                    f"{self._path} may not be written: {error.strerror}. Allow writing to the "
                    "folder, or set LEARNSCOPE_HOME to another one."
                ) from error
            try:
                self._lock(descriptor)
                # Whoever removed the file in the meantime made room for another lock.
                if _is_at(descriptor, self._path):
                    self._descriptor = descriptor
            finally:
                if self._descriptor is None:
                    os.close(descriptor)
        self._sign(self._descriptor)

    def release(self) -> None:
        """Let go of it; nothing if it is not held."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
        self._descriptor, self.certain = None, False

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _read(descriptor)
            who = "" if holder is None else f": {holder.words}"
            raise LearnscopeError(
                f"The run library {self._path.parent} is held by another Learnscope{who}. "
                "Train there; or end that one, and reload this page."
            ) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise LearnscopeError(
                    f"{self._path} could not be locked: {error.strerror}. See that the disk is "
                    "there, or set LEARNSCOPE_HOME to another folder."
                ) from error
            self.certain = False
        else:
            self.certain = True

    def _sign(self, descriptor: int) -> None:
        """Say who holds it; on a full disk nobody can, and the lock holds all the same."""
        me = Holder(os.getpid(), socket.gethostname(), self._clock(), self._address)
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(asdict(me)).encode(), 0)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _read(descriptor: int) -> Holder | None:
    """What the holder says of itself; None if it has not said it yet."""
    try:
        return Holder(**json.loads(os.pread(descriptor, 4096, 0)))
    except (OSError, ValueError, TypeError):
        return None
