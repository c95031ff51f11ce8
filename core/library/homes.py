"""Which folders have been run libraries, so that one that is gone is missed and not made anew.

The list stands outside of them, in the user's state directory. It only helps: where it cannot be
read or written, a library that is gone cannot be told from one that never was.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from datetime import datetime
from pathlib import Path

import platformdirs

from core.errors import LearnscopeError

_MOST = 200
"""How many folders are remembered, those that were opened last."""


class LibraryGoneError(LearnscopeError):
    """A folder that has been a run library is none any more."""


def refuse_if_gone(home: Path) -> None:
    """LibraryGoneError if there was a library in this folder, and there is none now."""
    last = _read().get(_key(home))
    if last is None or (home / "library.sqlite").exists() or _has_runs(home):
        return
    day = datetime.fromtimestamp(last)
    found = "a folder without it" if home.is_dir() else "no such folder"
    raise LibraryGoneError(
        f"Expected the run library in {home}, where it was on {day.day} {day:%b %Y}. Received: "
        f"{found}. If it is on a drive that is not connected, connect it; if it was moved, put it "
        "back, or set LEARNSCOPE_HOME to where it is now. Then reload this page."
    )


def remember(home: Path) -> None:
    """Keep in mind that there is a run library in this folder now."""
    known = _read() | {_key(home): time.time()}
    newest = sorted(known.items(), key=lambda item: item[1])[-_MOST:]
    _write(dict(newest))


def forget(home: Path) -> None:
    """Let a new library be made in this folder."""
    _write({key: last for key, last in _read().items() if key != _key(home)})


def _has_runs(home: Path) -> bool:
    """Whether files of runs are there, which the library itself has something to say about."""
    return (home / "runs").is_dir()


def _key(home: Path) -> str:
    return str(home.absolute())


def _file() -> Path:
    return platformdirs.user_state_path("learnscope") / "libraries.json"


def _read() -> dict[str, float]:
    try:
        known = json.loads(_file().read_text())
        return {str(key): float(last) for key, last in known.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(known: dict[str, float]) -> None:
    beside = _file().with_name(f"libraries-{os.getpid()}.json")
    with contextlib.suppress(OSError):
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(known))
        beside.replace(_file())
