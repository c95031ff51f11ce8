"""Boards that turn knobs, or stop, at given steps, one step a call."""

from __future__ import annotations

from collections.abc import Mapping

from core.fitting.progress import ProgressBoard, StopRequest
from core.fitting.turn_requests import TurnRequests

At = Mapping[int, Mapping[str, float]]


class TurnAt(ProgressBoard):
    """Asks for new values once so many steps are made, and for the end after `last` steps."""

    def __init__(self, at: At | None = None, last: int | None = None) -> None:
        super().__init__("Waiting")
        self.stop, self.turns = StopRequest(), TurnRequests()
        self._at, self._last, self._asked = dict(at or {}), last, set()

    def made(self) -> None:
        super().made()
        steps = self._curves.steps
        for step, values in self._at.items():
            if steps >= step and step not in self._asked:
                self._asked.add(step)
                self.turns.ask(values)
        if self._last is not None and steps >= self._last:
            self.stop.ask()
