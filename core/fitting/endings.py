"""How a run ended, in words."""

from __future__ import annotations

from dataclasses import dataclass

from core.fitting.progress import Progress
from core.library.records import State
from core.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """What the end of a run is told by.

    Attributes
    ----------
    settings : Settings
    progress : Progress
        As it was at the end.
    best_epoch : int or None
        The epoch of the lowest validation loss; None if no loss was a number.
    kept_epoch : int or None
        The epoch whose checkpoint is stored.
    not_a_number_at : tuple of int, or None
        The epoch and the step in it at which the loss was no longer a number.
    asked : bool
        Whether somebody asked for the end.
    out_of_patience : bool
        Whether early stopping ended it.
    trouble : str
        Why the best checkpoint was not stored, if it was not.
    """

    settings: Settings
    progress: Progress
    best_epoch: int | None
    kept_epoch: int | None
    not_a_number_at: tuple[int, int] | None = None
    asked: bool = False
    out_of_patience: bool = False
    trouble: str = ""


def ending(outcome: Outcome) -> tuple[State, str]:
    """The state in which a run ended, and the sentences that say why and what is kept."""
    state, sentence = _what_happened(outcome)
    if outcome.best_epoch is None:
        return state, f"{sentence} There is no checkpoint: no validation loss was a number."
    if outcome.best_epoch == outcome.kept_epoch:
        return state, f"{sentence} The best checkpoint, of epoch {outcome.best_epoch}, is kept."
    sentence = (
        f"Failed because the best checkpoint, of epoch {outcome.best_epoch}, could not be stored. "
        f"{outcome.trouble}"
    )
    if outcome.kept_epoch is None:
        return State.FAILED, f"{sentence} There is no checkpoint."
    return State.FAILED, f"{sentence} The checkpoint of epoch {outcome.kept_epoch} is kept."


def _what_happened(outcome: Outcome) -> tuple[State, str]:
    progress = outcome.progress
    if outcome.not_a_number_at is not None:
        epoch, step = outcome.not_a_number_at
        rate = outcome.settings.optimisation.learning_rate
        return State.FAILED, (
            f"Failed because the loss was no longer a number at step {step} of epoch {epoch}: the "
            f"steps became too large. Lower the learning rate of {rate:g}."
        )
    if outcome.asked:
        return State.STOPPED, (
            f"Stopped by you in epoch {progress.epoch} of {progress.epochs}, after step "
            f"{progress.step} of {progress.steps}."
        )
    if outcome.out_of_patience:
        patience = outcome.settings.regularization.patience
        waited = "epoch" if patience == 1 else f"{patience} epochs"
        return State.STOPPED_EARLY, (
            f"Stopped early at epoch {progress.done} by patience {patience}: the validation loss "
            f"did not improve in the {waited} after epoch {outcome.best_epoch}."
        )
    epochs = "its one epoch" if progress.epochs == 1 else f"all {progress.epochs} epochs"
    return State.FINISHED, f"Finished {epochs}."
