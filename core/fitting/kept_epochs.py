"""What keeps the whole network after some epochs: a Keras callback, and what it leaves to write."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np

from core.errors import LearnscopeError
from core.fitting.kernel_callbacks import KernelRecorder
from core.fitting.training_state import copied
from core.inside.recorded import weights_by_name
from core.library.kept_epochs import (
    FloatArray,
    check_network,
    kept_file,
    step_between,
    write_network,
)

_log = logging.getLogger("learnscope.checkpoints")
Files = Mapping[str, tuple[Callable[[Path], None], Callable[[Path], object]]]


class KeptEpochs:
    """Networks that wait to be written: the training gives them, another thread stores them.

    Parameters
    ----------
    store : callable
        Keeps files: called with how each is written and read back, by its name.

    Attributes
    ----------
    trouble : str
        Why those that wait were not stored when that was tried last, in a sentence; else empty.
    """

    def __init__(self, store: Callable[[Files], None]) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._waiting: dict[int, Mapping[str, FloatArray]] = {}
        self.trouble = ""

    @property
    def waiting(self) -> list[int]:
        """The epochs of those that are not stored yet."""
        with self._lock:
            return sorted(self._waiting)

    @property
    def lost(self) -> str:
        """What a run says at its end if some could not be stored; else empty."""
        if not self.trouble:
            return ""
        epochs = ", ".join(map(str, self.waiting))
        return f" The whole network after these epochs is lost ({epochs}): {self.trouble}"

    def give(self, epoch: int, weights: Mapping[str, FloatArray]) -> None:
        """Have a network stored; returns at once. The arrays are not to be changed afterwards."""
        with self._lock:
            self._waiting[epoch] = weights

    def store(self) -> None:
        """Store all that wait, now; raises nothing. What the disk refuses goes on waiting."""
        with self._lock:
            waiting = dict(self._waiting)
        if not waiting:
            return
        try:
            self._store(
                {
                    kept_file(epoch): (functools.partial(write_network, weights), check_network)
                    for epoch, weights in waiting.items()
                }
            )
        except LearnscopeError as error:
            _log.warning("The network after epochs %s was not stored: %s", list(waiting), error)
            self.trouble = str(error)
            return
        except Exception as error:
            _log.exception("The network after epochs %s was not stored", list(waiting))
            self.trouble = f"It could not be saved: {type(error).__name__}."
            return
        self.trouble = ""
        with self._lock:
            for epoch in waiting:
                del self._waiting[epoch]


class NetworkRecorder(keras.callbacks.Callback):
    """Gives the whole network away, before the first step and after every few epochs.

    Parameters
    ----------
    kernels : KernelRecorder
        Stands before it, and has copied the kernels, nearly all of a network, already.
    kept : KeptEpochs
        Gets the networks.
    epochs : int
        For how many the run is to be trained.
    done : int
        How many it has been trained for already.
    """

    def __init__(self, kernels: KernelRecorder, kept: KeptEpochs, epochs: int, done: int) -> None:
        super().__init__()
        self._kernels, self._kept = kernels, kept
        self._epochs, self._done = epochs, done
        self._step: int | None = None
        self._weights: dict[str, keras.Variable] = {}

    def on_train_begin(self, logs: object = None) -> None:
        self._weights = weights_by_name(self.model)
        size = sum(4 * int(np.prod(weight.shape)) for weight in self._weights.values())
        self._step = step_between(self._epochs, size)
        if self._done == 0:
            self._give(0)

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self._give(epoch + 1)

    def _give(self, epoch: int) -> None:
        if self._step is None or epoch % self._step:
            return
        kernels = {f"{layer}/kernel": kernel for layer, kernel in self._kernels.last.after.items()}
        self._kept.give(
            epoch,
            {
                name: kernels[name] if name in kernels else np.asarray(copied(weight), np.float32)
                for name, weight in self._weights.items()
            },
        )
