"""The queue of runs: one background thread for the process, one run at a time.

Importable without TensorFlow; the thread waits for the warm-up before its first run.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from core import warmup
from core.errors import LearnscopeError
from core.fitting.progress import Progress, ProgressBoard, StopRequest
from core.fitting.turn_requests import TurnRequests
from core.runs import Library, Run, State
from core.settings import Settings, turned

_log = logging.getLogger("learnscope.training")


@dataclass(frozen=True, eq=False)
class _Job:
    run_id: str
    board: ProgressBoard
    stop: StopRequest
    before: Run | None = None
    turns: TurnRequests = field(default_factory=TurnRequests)


class TrainingQueue:
    """Trains runs one after another in a thread of its own.

    It knows no session: held once per process, its runs outlive every tab.

    Parameters
    ----------
    library : Library
        Where the runs are kept.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._changed = threading.Condition()
        self._waiting: list[_Job] = []
        self._running: _Job | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)
        self._thread.start()

    def submit(self, settings: Settings, name: str = "") -> str:
        """Queue a run and return its id; it begins as soon as those before it have ended.

        Raises
        ------
        LearnscopeError
            If the library cannot take it.
        """
        with self._changed:
            run = self._library.create(settings, name)
            self._waiting.append(_Job(run.id, ProgressBoard("Waiting"), StopRequest()))
            self._changed.notify_all()
        return run.id

    def resume(self, run_id: str) -> None:
        """Queue a run that was interrupted or stopped, to go on where it was cut off.

        Raises
        ------
        LearnscopeError
            If it is no such run, or the state of its training is missing or damaged: it stays as
            it is.
        """
        with self._changed:
            before = self._library.wait_again(run_id)
            self._waiting.append(_Job(run_id, ProgressBoard("Waiting"), StopRequest(), before))
            self._changed.notify_all()

    def stop(self, run_id: str) -> None:
        """End a run within one batch, or take it out of the queue; nothing if it has ended."""
        with self._changed:
            waiting = next((job for job in self._waiting if job.run_id == run_id), None)
            if waiting is not None:
                # Within the lock, so that nobody finds it neither waiting nor ended.
                if waiting.before is not None:
                    self._library.put_back(waiting.before, "")
                else:
                    self._library.finish(run_id, State.STOPPED, "Stopped by you while it waited.")
                self._waiting.remove(waiting)
            elif self._running is not None and self._running.run_id == run_id:
                self._running.board.tell(0.0, "Stopping")
                self._running.stop.ask()
            self._changed.notify_all()

    def turn(self, run_id: str, values: Mapping[str, float]) -> None:
        """Change settings of the run that is being trained, at its next batch.

        Parameters
        ----------
        run_id : str
        values : Mapping of str to float
            By the names in :data:`core.settings.KNOBS`. The library's record of the run says once
            they are in force, and :meth:`turns` what is asked for still.

        Raises
        ------
        LearnscopeError
            If it is not being trained here, or cannot have these values; none is changed then.
        """
        settings = self._library.run(run_id).settings
        wanted = {name: turned(settings, name, value) for name, value in values.items()}
        turns = self.turns(run_id)
        if turns is None:
            raise LearnscopeError(
                "Expected a run that is being trained here, to change its settings. Received: one "
                "that is not. Train another run with these settings."
            )
        turns.ask(wanted)

    def turns(self, run_id: str) -> TurnRequests | None:
        """What is asked for of a run that is being trained here; None of any other."""
        with self._changed:
            job = self._running
            return job.turns if job is not None and job.run_id == run_id else None

    def progress(self, run_id: str) -> Progress | None:
        """How far a run is; None if it neither runs nor waits here."""
        with self._changed:
            jobs = [*self._waiting, *([self._running] if self._running else [])]
        return next((job.board.read() for job in jobs if job.run_id == run_id), None)

    def place(self, run_id: str) -> int | None:
        """Its place in the queue: 0 while it runs, 1 for the next, None if it is not in it."""
        with self._changed:
            return self._place(run_id)

    def _place(self, run_id: str) -> int | None:
        if self._running is not None and self._running.run_id == run_id:
            return 0
        ids = [job.run_id for job in self._waiting]
        return ids.index(run_id) + 1 if run_id in ids else None

    def running(self) -> str | None:
        """Id of the run that is being trained."""
        with self._changed:
            return self._running.run_id if self._running else None

    def waiting(self) -> tuple[str, ...]:
        """Ids of the runs that wait, the next one first."""
        with self._changed:
            return tuple(job.run_id for job in self._waiting)

    def busy(self) -> bool:
        """Whether a run is trained or waits."""
        with self._changed:
            return self._running is not None or bool(self._waiting)

    def wait(self, run_id: str, timeout: float | None = None) -> bool:
        """Wait until a run has ended; False if the time, in seconds, ran out."""
        with self._changed:
            return self._changed.wait_for(lambda: self._place(run_id) is None, timeout)

    def close(self) -> None:
        """Stop what runs, leave what waits, and wait for the thread."""
        with self._changed:
            self._closing = True
            if self._running is not None:
                self._running.stop.ask()
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._closing)
                if self._closing:
                    return
                self._running = self._waiting.pop(0)
                job = self._running
            try:
                self._train(job)
            finally:
                with self._changed:
                    self._running = None
                    self._changed.notify_all()

    def _train(self, job: _Job) -> None:
        try:
            job.board.tell(0.0, "Getting TensorFlow ready")
            warmup.wait()
            from core.fitting.one_run import train_run

            train_run(self._library, job.run_id, job.board, job.stop, job.before, job.turns)
        except Exception:
            _log.exception("Run %s could not be trained", job.run_id)
            try:
                sentence = (
                    "Failed because TensorFlow could not be made ready; see the server's log."
                )
                if job.before is not None:
                    self._library.put_back(job.before, sentence)
                else:
                    self._library.finish(job.run_id, State.FAILED, sentence)
            except LearnscopeError:
                _log.exception("The end of run %s could not be written", job.run_id)
