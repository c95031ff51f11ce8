"""Settings that can be changed while a run trains, and the record of such a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import LearnscopeError
from core.settings.control import Control
from core.settings.controls import CONTROLS
from core.settings.parts import Settings, value_of

KNOBS = (
    "dropout_convolution",
    "dropout_dense",
    "noise",
    "l1",
    "l2",
    "weight_decay",
    "learning_rate",
)
"""Names of the settings that can be changed in mid-run, in page order."""

NOISES = ("dropout_convolution", "dropout_dense", "noise")
"""Those of them that are the rate of layers, which a network has only if it is above 0."""


@dataclass(frozen=True)
class Change:
    """A setting that was changed while its run trained.

    Attributes
    ----------
    name : str
        One of :data:`KNOBS`.
    old, new : float
    epoch : int
        The epoch of the first step that was made with the new value, from 1.
    step : int
        How many steps of the run had been made before that one.
    """

    name: str
    old: float
    new: float
    epoch: int
    step: int

    @property
    def control(self) -> Control:
        """The setting as a person knows it."""
        return CONTROLS[self.name]

    @property
    def short(self) -> str:
        """Such as "Dropout rate (dense) 0.2 → 0.5"."""
        control = self.control
        return f"{control.label} {control.word(self.old)} → {control.word(self.new)}"

    @property
    def words(self) -> str:
        """Such as "Dropout rate (dense) 0.2 → 0.5 after step 320, in epoch 11"."""
        return f"{self.short} after step {self.step:,}, in epoch {self.epoch:,}"


def why_fixed(settings: Settings, name: str) -> str:
    """Why a knob does nothing in a run with these settings, as a sentence; empty if it does."""
    if name == "weight_decay" and settings.optimisation.optimizer != "adamw":
        return "Only AdamW has weight decay, and the optimizer of a run stays what it is."
    if name == "learning_rate" and settings.optimisation.schedule != "constant":
        return (
            "The schedule sets the learning rate of this run at each epoch. Begin with a constant "
            "one to turn it by hand."
        )
    return ""


def turned(settings: Settings, name: str, value: float) -> float:
    """The value that a knob gets, to six digits, so that it reads as it is.

    Parameters
    ----------
    settings : Settings
        Those with which the run began.
    name : str
        One of :data:`KNOBS`.
    value : float
        In the limits of its control.

    Raises
    ------
    LearnscopeError
        If there is no such knob, it does nothing in this run, or the value lies outside.
    """
    if name not in KNOBS:
        raise LearnscopeError(
            f"Expected a setting that can change in mid-run: {', '.join(KNOBS)}. Received: "
            f"{name[:60]!r}. Train another run with it."
        )
    control = CONTROLS[name]
    if why := why_fixed(settings, name):
        raise LearnscopeError(f"{control.label} cannot be changed in this run. {why}")
    low, high = control.low, control.high
    if low is not None and high is not None and not low <= value <= high:
        raise LearnscopeError(
            f"{control.label}: expected a number in [{low:.10g}, {high:.10g}]. Received: "
            f"{name}={value:.10g}. Choose one between."
        )
    return float(f"{value:.6g}")


def values_after(settings: Settings, changes: Sequence[Change]) -> Mapping[str, float]:
    """What each of :data:`KNOBS` is at after these changes."""
    values = {name: float(value_of(settings, name)) for name in KNOBS}
    return values | {change.name: change.new for change in changes}


def values_at(settings: Settings, changes: Sequence[Change], epoch: int) -> Mapping[str, float]:
    """What each of :data:`KNOBS` was at when an epoch ended, 1 for the first."""
    return values_after(settings, [change for change in changes if change.epoch <= epoch])
