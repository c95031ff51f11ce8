"""The one thread that writes to the run library's database."""

from __future__ import annotations

import atexit
import contextlib
import logging
import math
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from core.errors import LearnscopeError
from core.library.database import is_of_the_disk, open_for_writing, sentence_of
from core.library.statements import BEAT

Operation = Callable[[sqlite3.Connection], None]
"""Something to be done inside a transaction; it may be tried more than once."""

_RETRY = 1.0
"""Seconds until what could not be written is tried again."""

CLOSED = "The run library was closed. Reload the page."

_log = logging.getLogger("learnscope.runs")


@dataclass(eq=False)
class _Write:
    operation: Operation
    keep: bool
    result: Future[None] | None
    due: float = 0.0
    then: Callable[[], None] | None = None


class Writer:
    """A thread with the only connection that writes; it groups what waits into one transaction.

    What the disk refuses is told in :attr:`trouble`, kept, and tried again every second, in order.

    Parameters
    ----------
    path : Path
        The database; opened, or made, here, so that its faults reach the caller.
    beat : callable
        Gives the operation that writes the signs of life, or None if nothing lives.
    patience : float
        Seconds to wait for another program that holds the database while it is opened.
    """

    def __init__(
        self, path: Path, beat: Callable[[], Operation | None], patience: float = 10.0
    ) -> None:
        self._path = path
        self._beat = beat
        self._connection = open_for_writing(path, patience)
        self._identity = _identity(path)
        self._waiting: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self.trouble: str | None = None
        self._thread = threading.Thread(target=self._work, name="run library", daemon=True)
        self._thread.start()
        # A daemon thread dies with the interpreter, and what waits must be written before.
        atexit.register(self.close)

    def submit(self, operation: Operation) -> None:
        """Have it written soon, and return at once."""
        self._put(_Write(operation, keep=True, result=None))

    def submit_within(self, seconds: float, operation: Operation, then: Callable[[], None]) -> None:
        """Have it written within this time, together with what else comes by then.

        `then` is called in the writer's thread once it is on the disk.
        """
        due = time.monotonic() + seconds
        self._put(_Write(operation, keep=True, result=None, due=due, then=then))

    def begin(self, operation: Operation) -> Callable[[], None]:
        """Have it written soon; the result waits until it is, or is first refused by the disk."""
        result: Future[None] = Future()
        self._put(_Write(operation, keep=True, result=result))

        def wait() -> None:
            with contextlib.suppress(_DiskRefusalError):
                result.result()

        return wait

    def write(self, operation: Operation) -> None:
        """Have it written, after all that was asked before, and wait for that.

        Parameters
        ----------
        operation : callable
            Gets the connection inside a transaction.

        Raises
        ------
        LearnscopeError
            If the disk refuses it; then it is not tried again.
        """
        result: Future[None] = Future()
        self._put(_Write(operation, keep=False, result=result))
        try:
            result.result()
        except _DiskRefusalError as refusal:
            raise LearnscopeError(str(refusal)) from refusal.__cause__

    def close(self) -> None:
        """Write what waits, if the disk allows, and end the thread."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()
        atexit.unregister(self.close)

    def _put(self, write: _Write) -> None:
        with self._closing:
            if self._closed:
                raise LearnscopeError(CLOSED)
            self._waiting.put(write)

    def _work(self) -> None:
        backlog: list[_Write] = []
        last_beat = time.monotonic()
        open_ = True
        while open_:
            arrived, open_ = self._take(_RETRY if backlog else BEAT)
            if time.monotonic() - last_beat >= BEAT:
                last_beat = time.monotonic()
                if beat := self._beat():
                    arrived.append(_Write(beat, keep=False, result=None))
            if backlog or arrived:
                backlog = self._write_together(backlog + arrived)
        if backlog:
            _log.error("Not written: %d records. %s", len(backlog), self.trouble)
        self._connection.close()

    def _take(self, timeout: float) -> tuple[list[_Write], bool]:
        """All that waits, once some of it is due; False beside it once there will be no more."""
        taken: list[_Write] = []
        try:
            write = self._waiting.get(timeout=timeout)
            due = math.inf
            while write is not None:
                taken.append(write)
                due = min(due, write.due)
                write = self._waiting.get(timeout=max(0.0, due - time.monotonic()))
        except queue.Empty:
            return taken, True
        return taken, False

    def _write_together(self, group: list[_Write]) -> list[_Write]:
        """One transaction for all; returns what is to be tried again."""
        try:
            failures = self._transaction(group)
        except Exception as error:
            if not is_of_the_disk(error):
                _log.exception("The writer of the run library failed")
            self.trouble = sentence_of(error, self._path)
            return [write for write in group if _settle_refused(write, self.trouble, error)]
        self.trouble = None
        for write, failure in zip(group, failures, strict=True):
            _settle(write, failure)
        return []

    def _transaction(self, group: list[_Write]) -> list[Exception | None]:
        connection = self._connection
        if _identity(self._path) != self._identity:
            # SQLite would go on writing to the file that nobody can see any more.
            raise FileNotFoundError(
                "it was removed or replaced while Learnscope ran; put it back and start anew"
            )
        try:
            connection.execute("BEGIN IMMEDIATE")
            # Each statement hands Python's lock on, and a lone operation needs no savepoint.
            attempt = _attempt if len(group) > 1 else _alone
            failures = [attempt(connection, write.operation) for write in group]
            if connection.in_transaction:
                connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return failures


class Onlooker:
    """In the place of a :class:`Writer` where nothing may be written: it refuses, and says why.

    Parameters
    ----------
    reason : str
        Why, as a sentence.
    """

    trouble: None = None

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def submit(self, operation: Operation) -> None:
        """LearnscopeError with the reason."""
        raise LearnscopeError(self.reason)

    def submit_within(self, seconds: float, operation: Operation, then: Callable[[], None]) -> None:
        """LearnscopeError with the reason."""
        raise LearnscopeError(self.reason)

    def begin(self, operation: Operation) -> Callable[[], None]:
        """LearnscopeError with the reason."""
        raise LearnscopeError(self.reason)

    def write(self, operation: Operation) -> None:
        """LearnscopeError with the reason."""
        raise LearnscopeError(self.reason)

    def close(self) -> None:
        """From now on the reason is that the library was closed."""
        self.reason = CLOSED


class _DiskRefusalError(Exception):
    """The disk, or the database file, did not take the write."""


def _attempt(connection: sqlite3.Connection, operation: Operation) -> Exception | None:
    """Do one operation of several, so that its own failure leaves the others alone."""
    connection.execute("SAVEPOINT one")
    failure: Exception | None
    try:
        operation(connection)
    except Exception as error:
        if is_of_the_disk(error):
            raise
        connection.execute("ROLLBACK TO one")
        failure = error
    else:
        failure = None
    connection.execute("RELEASE one")
    return failure


def _alone(connection: sqlite3.Connection, operation: Operation) -> Exception | None:
    """Do the only operation of a transaction, which ends if it fails."""
    try:
        operation(connection)
    except Exception as error:
        if is_of_the_disk(error):
            raise
        connection.execute("ROLLBACK")
        return error
    return None


def _settle(write: _Write, failure: Exception | None) -> None:
    if failure is None:
        if write.then is not None:
            write.then()
        if write.result is not None:
            write.result.set_result(None)
        return
    if write.keep:
        _log.error("The run library could not take a record", exc_info=failure)
    if write.result is not None:
        write.result.set_exception(failure)


def _settle_refused(write: _Write, sentence: str, cause: Exception) -> bool:
    """Tell who waits; whether the write is to be tried again."""
    if write.result is not None:
        refusal = _DiskRefusalError(sentence)
        refusal.__cause__ = cause
        write.result.set_exception(refusal)
        write.result = None
    return write.keep


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
