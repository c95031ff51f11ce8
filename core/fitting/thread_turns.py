"""How long a thread of Python may keep the others waiting while a network is trained."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

SECONDS = 0.0005
"""A tenth of what Python begins with. A small network's step takes a millisecond, and the training
gives Python's lock away in each; a thread that writes or draws then held it for up to five."""

_lock = threading.Lock()
_under_way = 0
_usual = 0.0


@contextlib.contextmanager
def short_turns() -> Iterator[None]:
    """Have Python's threads take turns more often, until the last of these blocks is left.

    The interval is the whole process's: it is put back, not merely set anew.
    """
    global _under_way, _usual
    with _lock:
        if not _under_way:
            _usual = sys.getswitchinterval()
            sys.setswitchinterval(min(SECONDS, _usual))
        _under_way += 1
    try:
        yield
    finally:
        with _lock:
            _under_way -= 1
            if not _under_way:
                sys.setswitchinterval(_usual)
