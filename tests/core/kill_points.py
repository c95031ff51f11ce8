"""Death at a chosen write: of Python's own calls to the disk, and of those that SQLite makes.

Every call counts that changes what is on the disk: each write to a file, each flush, each name that
is moved or removed, by the library's code and by SQLite in its transactions. At the chosen one the
process kills itself; a write is done by half before.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import io
import os
import pathlib
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

_write = os.write


class KillPoints:
    """Counts the calls, and dies at one of them.

    Parameters
    ----------
    at : int
        The number of the call, from 1, in which the process dies; 0 lets it live.
    names : Path
        Gets what each call was, a line each.
    """

    def __init__(self, at: int, names: Path) -> None:
        self._at, self._count = at, 0
        self._names = os.open(names, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def reach(self, name: str, half: Callable[[], object] | None = None) -> None:
        """A call is about to be made; `half` does half of it."""
        self._count += 1
        self.note(name)
        if self._count == self._at:
            if half is not None:
                half()
            os.kill(os.getpid(), signal.SIGKILL)

    def note(self, name: str) -> None:
        """Something is noted that is no call."""
        _write(self._names, f"{name}\n".encode())

    def arm(self) -> None:
        """From here on the calls count."""
        for name in ("fsync", "replace", "unlink", "ftruncate"):
            setattr(os, name, self._counted(name, getattr(os, name)))
        os.write = self._written
        path_open = pathlib.Path.open

        def open_counted(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            file = path_open(path, mode, *arguments, **options)
            return _CountedFile(file, self) if isinstance(file, io.FileIO) else file

        pathlib.Path.open = open_counted
        _count_in_sqlite(self)

    def _written(self, descriptor: int, content: memoryview) -> int:
        self.reach("append", lambda: _write(descriptor, content[: len(content) // 2]))
        return _write(descriptor, content)

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            self.reach(name)
            return call(*arguments, **options)

        return counted


class _CountedFile:
    """An unbuffered file whose writes count."""

    def __init__(self, file: io.FileIO, points: KillPoints) -> None:
        self._file, self._points = file, points

    def write(self, content: memoryview) -> int:
        self._points.reach("write", lambda: self._file.write(content[: len(content) // 2]))
        return self._file.write(content)

    def __enter__(self) -> _CountedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


_POINTER = ctypes.c_void_p
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int)
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, _POINTER, ctypes.c_int, _POINTER)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, ctypes.c_int)


class _Methods(ctypes.Structure):
    """``sqlite3_io_methods``, version 3."""

    _fields_ = (
        ("iVersion", ctypes.c_int),
        ("xClose", _POINTER),
        ("xRead", _POINTER),
        ("xWrite", _POINTER),
        ("xTruncate", _POINTER),
        ("xSync", _POINTER),
        ("others", _POINTER * 13),
    )


class _System(ctypes.Structure):
    """The beginning of ``sqlite3_vfs``."""

    _fields_ = (
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", _POINTER),
        ("zName", ctypes.c_char_p),
        ("pAppData", _POINTER),
        ("xOpen", _POINTER),
        ("xDelete", _POINTER),
    )


_kept: list[object] = []
"""What SQLite points to, and Python must not collect."""


def _count_in_sqlite(points: KillPoints) -> None:
    """Put ourselves between SQLite and the disk, in the library that Python's sqlite3 uses."""
    sqlite = ctypes.CDLL(_sqlite3.__file__)
    sqlite.sqlite3_initialize()
    find = sqlite.sqlite3_vfs_find
    find.restype, find.argtypes = ctypes.POINTER(_System), (ctypes.c_char_p,)
    system = find(None).contents
    open_, delete = _OPEN(system.xOpen), _DELETE(system.xDelete)

    @_OPEN
    def counted_open(vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        # Names are handed on as the pointers that they are: SQLite looks at what lies around them.
        result: int = open_(vfs, name, file, flags, out)
        place = ctypes.cast(file, ctypes.POINTER(ctypes.POINTER(_Methods)))
        if result == 0 and place[0]:
            journal = name is not None and ctypes.string_at(name).endswith(b"-journal")
            kind = "journal" if journal else "database"
            methods = _counted_methods(place[0].contents, kind, points)
            place[0] = ctypes.pointer(methods)
        return result

    @_DELETE
    def counted_delete(vfs: int, name: int, directory: int) -> int:
        points.reach("SQLite: remove journal")
        result: int = delete(vfs, name, directory)
        return result

    _kept.extend([counted_open, counted_delete, open_, delete])
    system.xOpen = ctypes.cast(counted_open, _POINTER)
    system.xDelete = ctypes.cast(counted_delete, _POINTER)


def _counted_methods(methods: _Methods, kind: str, points: KillPoints) -> _Methods:
    write, cut = _WRITE(methods.xWrite), _TRUNCATE(methods.xTruncate)
    flush = _SYNC(methods.xSync)

    @_WRITE
    def counted_write(file: int, content: int, amount: int, offset: int) -> int:
        points.reach(f"SQLite: write {kind}", lambda: write(file, content, amount // 2, offset))
        result: int = write(file, content, amount, offset)
        return result

    @_TRUNCATE
    def counted_cut(file: int, size: int) -> int:
        points.reach(f"SQLite: truncate {kind}")
        result: int = cut(file, size)
        return result

    @_SYNC
    def counted_flush(file: int, flags: int) -> int:
        points.reach(f"SQLite: flush {kind}")
        result: int = flush(file, flags)
        return result

    counted = _Methods.from_buffer_copy(methods)
    counted.xWrite = ctypes.cast(counted_write, _POINTER)
    counted.xTruncate = ctypes.cast(counted_cut, _POINTER)
    counted.xSync = ctypes.cast(counted_flush, _POINTER)
    _kept.extend([counted, counted_write, counted_cut, counted_flush, write, cut, flush])
    return counted
