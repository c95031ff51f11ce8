"""What is known of a run: its state, its settings, its epochs and its batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.settings import Change, Settings, describe, settings_after

_NAME_LENGTH = 120
FloatArray = npt.NDArray[np.float32]


class State(StrEnum):
    """Where a run stands, from waiting to one of the five ways in which it can end."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED_EARLY = "stopped early"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def words(self) -> str:
        """The state as a page says it."""
        return _WORDS[self]

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the run."""
        return self not in (State.QUEUED, State.RUNNING)


_WORDS = {
    State.QUEUED: "waiting for its turn",
    State.RUNNING: "training",
    State.FINISHED: "finished",
    State.STOPPED_EARLY: "stopped early",
    State.STOPPED: "stopped by you",
    State.FAILED: "failed",
    State.INTERRUPTED: "interrupted",
}


@dataclass(frozen=True)
class Epoch:
    """The figures at the end of one epoch.

    Attributes
    ----------
    epoch : int
        1 for the first.
    steps : int
        Optimizer steps since the start of the run.
    seconds : float
        Time since the start of the run.
    running_loss, running_accuracy : float
        Means over the epoch's batches, taken while the weights moved, in training mode (dropout
        on). Losses are data losses: the penalty is not in them. Accuracies lie in [0, 1].
    fair_loss, fair_accuracy : float
        On the fixed sample of the training part at the epoch's end, dropout off.
    validation_loss, validation_accuracy : float
        On the validation part at the epoch's end, dropout off.
    penalty : float
        Sum of the L1 and L2 terms at the epoch's end.
    learning_rate : float
        The rate of the epoch's last step.
    """

    epoch: int
    steps: int
    seconds: float
    running_loss: float
    running_accuracy: float
    fair_loss: float
    fair_accuracy: float
    validation_loss: float
    validation_accuracy: float
    penalty: float
    learning_rate: float

    @property
    def middle(self) -> float:
        """Where a mean over the epoch belongs on an axis of epochs."""
        return self.epoch - 0.5


@dataclass(frozen=True, eq=False)
class BatchLosses:
    """The true data loss and accuracy of every batch of a run, dropout on.

    Attributes
    ----------
    losses, accuracies : ndarray of shape (S,), float32
        One a step; the accuracies in [0, 1].
    epoch_ends : tuple of int
        How many of the S steps had been made at the end of each epoch.
    penalties : ndarray of shape (S,), float32
        The L1 and L2 terms of the weights before each step; NaN where it was not recorded, as by
        the first versions.
    """

    losses: FloatArray
    accuracies: FloatArray
    epoch_ends: tuple[int, ...]
    penalties: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))

    def __post_init__(self) -> None:
        if len(self.penalties) != len(self.losses):
            object.__setattr__(self, "penalties", np.full(len(self.losses), np.nan, np.float32))


@dataclass(frozen=True)
class Run:
    """One run of the library. What is not known yet, or never came to be, is None.

    Attributes
    ----------
    id : str
        Short and fit for a link; the first eight digits are the day.
    created : float
        Unix time, seconds.
    sentence : str
        What happened, in words; empty until the run ends.
    weights : int or None
        How many numbers the network learns.
    seconds : float or None
        How long it has trained.
    versions : dict of str to str
        The packages that trained it.
    fingerprint : str or None
        SHA-256 of the data, hexadecimal.
    note : str
        Said if a setting came from another version of Learnscope and could not be read.
    tags : tuple of str
        What a person has marked it with.
    remark : str
        What a person has written about it.
    kept : bool
        Whether it is protected from being deleted.
    archived : bool
        Whether it is out of the way of the others.
    resume_epoch : int or None
        The epoch after which it could go on, if its training was cut off.
    changes : tuple of Change
        The settings that were changed while it trained, in order.
    """

    id: str
    name: str
    created: float
    state: State
    settings: Settings
    sentence: str = ""
    epochs_done: int = 0
    best_epoch: int | None = None
    best_validation_loss: float | None = None
    best_validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    test_images: int | None = None
    weights: int | None = None
    seconds: float | None = None
    versions: dict[str, str] = field(default_factory=dict, hash=False)
    fingerprint: str | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    remark: str = ""
    kept: bool = False
    archived: bool = False
    resume_epoch: int | None = None
    changes: tuple[Change, ...] = ()

    @property
    def latest_settings(self) -> Settings:
        """As they stand after the changes in mid-run: with what the newest epoch was made."""
        return settings_after(self.settings, self.changes) if self.changes else self.settings

    @property
    def goes_on_after(self) -> int | None:
        """The epoch after which its training can be taken up again; None if it cannot be.

        0 stands for a run that was cut off before its first epoch had ended: it begins anew.
        """
        if self.state not in (State.INTERRUPTED, State.STOPPED):
            return None
        if self.resume_epoch is None and self.state is State.INTERRUPTED and not self.epochs_done:
            return 0
        return self.resume_epoch


@dataclass(frozen=True)
class Movement:
    """How far one layer's kernel has come in one epoch.

    Attributes
    ----------
    epoch : int
        1 for the first.
    layer : str
        The layer's name.
    norm : float
        Euclidean norm of its kernel at the epoch's end.
    change : float
        Euclidean norm of the difference to the epoch's beginning, relative to `norm`.
    """

    epoch: int
    layer: str
    norm: float
    change: float


@dataclass(frozen=True)
class Event:
    """Something that happened to a run.

    Attributes
    ----------
    at : float
        Unix time, seconds.
    epoch, step : int or None
        Where in the training, the step counted from the start of the run.
    kind : str
        A word: "started", "turned" for a setting that was changed in mid-run, "interrupted",
        "resumed", "finished" and the other ends.
    words : str
        What happened, as a sentence.
    """

    at: float
    epoch: int | None
    step: int | None
    kind: str
    words: str


def run_name(name: str, settings: Settings) -> str:
    """The name on one line and of bounded length; the settings in words if there is none."""
    line = " ".join(name.split()) or describe(settings)
    return line if len(line) <= _NAME_LENGTH else line[: _NAME_LENGTH - 1] + "…"
