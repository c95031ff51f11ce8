"""Wishes that a setting should change while a run trains; importable without TensorFlow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping


class TurnRequests:
    """What somebody wants to be changed, from any thread, until the training takes it up.

    Attributes
    ----------
    trouble : str
        Why the last wish came to nothing, in a sentence; empty if it did not.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wishes: dict[str, float] = {}
        self._listener: Callable[[], None] | None = None
        self.trouble = ""

    def ask(self, values: Mapping[str, float]) -> None:
        """Ask for new values, by the settings' names; a later wish takes an earlier one's place."""
        with self._lock:
            self._wishes |= values
            self.trouble = ""
            if self._listener is not None:
                self._listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Have this called at each wish, or at once if one has come already."""
        with self._lock:
            self._listener = listener
            if self._wishes:
                listener()

    @property
    def waiting(self) -> dict[str, float]:
        """What has been asked for and not taken up yet."""
        with self._lock:
            return dict(self._wishes)

    def take(self) -> dict[str, float]:
        """Take up all that was asked for."""
        with self._lock:
            taken, self._wishes = self._wishes, {}
            return taken
