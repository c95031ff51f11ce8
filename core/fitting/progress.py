"""How far a run is, as any thread may ask at any time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.learning.curves import Curves, GrowingCurves

_TRAINING, _CHANGING = "Training", "Changing"


@dataclass(frozen=True)
class Progress:
    """A moment of a run under way.

    Attributes
    ----------
    phase : str
        What is being done, in words.
    fraction : float
        Share of that phase that is done, in [0, 1].
    epoch, epochs : int
        The epoch of the newest step, from 1, and how many there are to be.
    step, steps : int
        Steps made in this epoch, and in a whole one.
    steps_per_second : float or None
        Since the first step, evaluation and all; None before there is a speed.
    seconds_left : float or None
        Until the last epoch ends, at that speed.
    curves : Curves or None
        None until the first step.
    """

    phase: str
    fraction: float = 0.0
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    steps_per_second: float | None = None
    seconds_left: float | None = None
    curves: Curves | None = None

    @property
    def words(self) -> str:
        """The moment in a line: what is done, how fast, and how long it will take."""
        if self.curves is None or not self.steps:
            return f"{self.phase} ..."
        parts = [f"{self.phase}: epoch {self.epoch} of {self.epochs}"]
        if self.steps_per_second is not None and self.seconds_left is not None:
            parts.append(f"{self.steps_per_second:,.0f} steps a second")
            parts.append(f"{duration(self.seconds_left)} left")
        return " · ".join(parts)

    @property
    def done(self) -> int:
        """Epochs that have ended."""
        return len(self.curves.epochs) if self.curves is not None else 0


def duration(seconds: float) -> str:
    """A length of time in words, such as "40 s", "3 min 20 s" or "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class StopRequest:
    """Somebody's wish that a run should end, which may come before there is anything to end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listener: Callable[[], None] | None = None
        self.asked = False

    def ask(self) -> None:
        """Ask for the end."""
        with self._lock:
            self.asked = True
            if self._listener is not None:
                self._listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Have this called at the wish, or at once if it has come already."""
        with self._lock:
            self._listener = listener
            if self.asked:
                listener()


class ProgressBoard:
    """Where the training thread writes how far it is."""

    def __init__(self, phase: str) -> None:
        self._lock = threading.Lock()
        self._phase, self._share = phase, 0.0
        self._epochs, self._steps = 0, 0
        self._curves: GrowingCurves | None = None
        self._first: tuple[float, int] | None = None
        self._latest: tuple[float, int] | None = None

    def tell(self, share: float, phase: str) -> None:
        """Say what is being done, and how much of it is done, in [0, 1]."""
        with self._lock:
            self._phase, self._share = phase, share

    def changing(self) -> None:
        """A setting is about to change, until the next steps are made."""
        with self._lock:
            if self._phase == _TRAINING:
                self._phase = _CHANGING

    def begin(
        self, epochs: int, steps_per_epoch: int, before: Curves | None = None
    ) -> GrowingCurves:
        """The first step is about to be made; returns the curves to write into.

        Parameters
        ----------
        epochs, steps_per_epoch : int
            How many there are to be, all in all.
        before : Curves, optional
            Those of a resumed run up to here.
        """
        with self._lock:
            self._epochs, self._steps = epochs, steps_per_epoch
            self._curves = GrowingCurves(steps_per_epoch, before)
            self._phase = _TRAINING
            return self._curves

    def made(self) -> None:
        """Some steps were made; what went before the first ones counts for no speed."""
        if self._curves is None:
            return
        moment = time.monotonic(), self._curves.steps
        with self._lock:
            self._first = self._first or moment
            self._latest = moment
            if self._phase == _CHANGING:
                self._phase = _TRAINING

    def read(self) -> Progress:
        """How far the run is now."""
        with self._lock:
            phase, share, curves = self._phase, self._share, self._curves
            first, latest = self._first, self._latest
        if curves is None:
            return Progress(phase, share)
        snapshot = curves.snapshot()
        done = len(snapshot.batches.losses)
        total = self._epochs * self._steps
        speed = None
        if first is not None and latest is not None and latest[1] > first[1]:
            speed = (latest[1] - first[1]) / max(latest[0] - first[0], 1e-9)
        epoch = max(1, -(-done // self._steps))
        return Progress(
            phase=phase,
            fraction=done / total,
            epoch=epoch,
            epochs=self._epochs,
            step=done - (epoch - 1) * self._steps,
            steps=self._steps,
            steps_per_second=speed,
            seconds_left=None if speed is None else (total - done) / speed,
            curves=snapshot,
        )
