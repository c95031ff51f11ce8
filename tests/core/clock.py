"""Time in the hands of a test."""

from __future__ import annotations


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self, begins: float = 1_800_000_000.0) -> None:
        self.time = begins

    def __call__(self) -> float:
        return self.time
