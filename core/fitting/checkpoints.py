"""Weights -> `.keras` files in the run library, written beside the training."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path

from core.errors import LearnscopeError
from core.fitting.callbacks import Best, WeightArrays
from core.library.checkpoint_file import CheckpointForm, check_archive, tell

_log = logging.getLogger("learnscope.checkpoints")
_SHARE = 0.0025
"""Of the time, what writing may take while the training goes on."""

Write = Callable[[Path], None]
Check = Callable[[Path], object]
Store = Callable[[str, Write, Check], object]


class CheckpointWriter:
    """Writes the newest best weights that it was given, in a thread of its own.

    Only the newest of the waiting weights is written, with pauses that keep the cost to a
    four-hundredth of the time. What was given last is always tried before :meth:`close` returns.

    Parameters
    ----------
    form : Future of CheckpointForm
        The form of the run's first checkpoints, or why it could not be had.
    store : callable
        Keeps a file: called with its name, a function that writes it to a path, and one that
        reads it back.
    announce : callable
        Called with each best that has been stored.

    Attributes
    ----------
    stored : Best or None
        What ``best.keras`` holds.
    trouble : str
        Why the last save of weights came to nothing, in a sentence; empty if all is well.
    lost : dict of str to str
        The same of the other files, by name; those that are well are not in it.
    """

    def __init__(
        self,
        form: Future[CheckpointForm],
        store: Store,
        announce: Callable[[Best], None],
    ) -> None:
        self._form, self._store, self._announce = form, store, announce
        self._newest: Best | None = None
        self._form_of_newest = form
        self._tried: Best | None = None
        self._files: dict[str, tuple[Write, Check]] = {}
        self._refused: dict[str, tuple[Write, Check]] = {}
        self._changed = threading.Condition()
        self._closing = False
        self.stored: Best | None = None
        self.trouble = ""
        self.lost: dict[str, str] = {}
        self._thread = threading.Thread(target=self._work, name="checkpoints", daemon=True)
        self._thread.start()

    def give(self, best: Best) -> None:
        """Have these weights stored as ``best.keras``; returns at once."""
        with self._changed:
            self._newest, self._form_of_newest = best, self._form
            self._changed.notify()

    def describe(self, form: Future[CheckpointForm]) -> None:
        """Weights that are given from here on are of a network of this form."""
        with self._changed:
            self._form = form

    def hold(self, best: Best) -> None:
        """This is the best so far, and ``best.keras`` holds it already."""
        with self._changed:
            self._newest = self._tried = self.stored = best

    def give_file(self, filename: str, write: Write, check: Check) -> None:
        """Have a file stored besides, at the same pace, after the first best; returns at once.

        Parameters
        ----------
        filename : str
        write : callable
            Called later, in the other thread, to write what is newest by then.
        check : callable
            Reads it back.
        """
        with self._changed:
            self._files[filename] = write, check
            self._changed.notify()

    def close(self) -> None:
        """Wait until what was given last is stored, or is refused for the second time."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        if self._newest is not None and self.stored is not self._newest:
            self._save_best(self._newest, self._form_of_newest)
        self._save_files(self._refused)

    def save(
        self,
        filename: str,
        weights: WeightArrays,
        best: Best | None = None,
        described: Future[CheckpointForm] | None = None,
    ) -> bool:
        """Store weights under a name, now; whether they are stored. Raises nothing.

        If they are those of a best epoch, the file says so itself. Their form is the newest, if
        none is given.
        """
        try:
            form = (described or self._form).result()

            def write(path: Path) -> None:
                form.write(path, weights)
                if best is not None:
                    tell(path, best.epoch, best.validation_loss, best.validation_accuracy)

            self.trouble = self.save_file(filename, write, check_archive)
        except Exception as error:
            self.trouble = _unforeseen(filename, error)
        return not self.trouble

    def save_file(self, filename: str, write: Write, check: Check) -> str:
        """Store any file, now; why it came to nothing, or an empty text. Raises nothing."""
        try:
            self._store(filename, write, check)
        except LearnscopeError as error:
            _log.warning("%s was not stored: %s", filename, error)
            return str(error)
        except Exception as error:
            # h5py has more than one type for a disk that refuses.
            return _unforeseen(filename, error)
        return ""

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work)
                best, form = self._newest, self._form_of_newest
                files, self._files = self._files, {}
            if best is self._tried and not files:
                return
            began = time.monotonic()
            if best is not None and best is not self._tried:
                self._tried = best
                self._save_best(best, form)
            self._save_files(files)
            pause = (time.monotonic() - began) / _SHARE
            with self._changed:
                self._changed.wait_for(lambda: self._closing, timeout=pause)

    def _has_work(self) -> bool:
        # The rest after any other file would keep the first best off the disk: it goes first.
        files = bool(self._files) and self._tried is not None
        return self._newest is not self._tried or files or self._closing

    def _save_best(self, best: Best, form: Future[CheckpointForm]) -> None:
        if self.save("best.keras", best.weights, best, form):
            self.stored = best
            self._announce(best)

    def _save_files(self, files: Mapping[str, tuple[Write, Check]]) -> None:
        for filename, functions in list(files.items()):
            self._refused.pop(filename, None)
            self.lost.pop(filename, None)
            if trouble := self.save_file(filename, *functions):
                self._refused[filename], self.lost[filename] = functions, trouble


def _unforeseen(filename: str, error: Exception) -> str:
    _log.exception("%s was not stored", filename)
    return f"{filename} could not be saved: {type(error).__name__}."
