"""What a run begins with: nothing or, if it was cut off, all that it had by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import keras

from core.errors import LearnscopeError
from core.fitting.callbacks import Best
from core.fitting.training_state import restore
from core.learning.curves import Curves, best_epoch
from core.learning.run_curves import curves_of_run
from core.library.records import BatchLosses, Epoch, Run
from core.library.state_file import TrainingState, read_state
from core.runs import Library


@dataclass(frozen=True, eq=False)
class Beginning:
    """Where a training begins.

    Attributes
    ----------
    run : Run or None
        The run as it was before it was taken up again; None if it is a new one.
    curves : Curves or None
        Its curves, up to the end of the last epoch whose state is stored.
    state : TrainingState or None
        That state; None if the run begins with its first step.
    again : tuple of Epoch
        The whole epochs on record after that state. They are made again, the same, before the
        training goes on.
    """

    run: Run | None = None
    curves: Curves | None = None
    state: TrainingState | None = None
    again: tuple[Epoch, ...] = ()

    @property
    def epoch(self) -> int:
        """How many epochs there are already."""
        return 0 if self.state is None else self.state.epoch

    @property
    def seconds(self) -> float:
        """How long all epochs on record took."""
        epochs = (*(self.curves.epochs if self.curves is not None else ()), *self.again)
        return max((epoch.seconds for epoch in epochs), default=0.0)

    @property
    def validation_losses(self) -> list[float]:
        """One an epoch."""
        epochs = self.curves.epochs if self.curves is not None else ()
        return [epoch.validation_loss for epoch in epochs]

    def restored(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        beside: Sequence[keras.Variable],
    ) -> Best | None:
        """Put a fresh network, its optimizer and the rest into the state; the best so far."""
        if self.state is None or self.curves is None:
            return None
        restore(self.state, model, optimizer, beside)
        best = best_epoch(self.curves.epochs)
        if best is None:
            return None
        weights = self.state.best_weights
        return Best(best.epoch, best.validation_loss, best.validation_accuracy, weights)


def beginning(library: Library, before: Run | None) -> Beginning:
    """Read from the library where a run goes on, or begins.

    Parameters
    ----------
    library : Library
    before : Run or None
        The run as it was before it was taken up again; None if it is a new one.

    Raises
    ------
    LearnscopeError
        If the state is missing or damaged, or the record of the epochs does not lead up to it.
    """
    if before is None or not before.goes_on_after:
        return Beginning(before)
    state = read_state(library.state_file(before.id))
    whole = curves_of_run(library, before)
    epochs = whole.epochs[: state.epoch]
    steps = epochs[-1].steps if epochs else 0
    ends = whole.batches.epoch_ends[: state.epoch]
    if [epoch.epoch for epoch in epochs] != list(range(1, state.epoch + 1)) or ends[-1] != steps:
        raise LearnscopeError(
            f"Expected the record of {state.epoch} whole epochs before the stored state. Received: "
            f"{len(epochs)}. Train the run again."
        )
    every = whole.batches
    batches = BatchLosses(
        every.losses[:steps], every.accuracies[:steps], ends, every.penalties[:steps]
    )
    later = whole.epochs[state.epoch :]
    again = tuple(e for e in later if e.steps == e.epoch * whole.steps_per_epoch)
    return Beginning(before, replace(whole, epochs=epochs, batches=batches), state, again)


def check_data(before: Run, fingerprint: str) -> None:
    """See that the images are those with which a run began.

    Raises
    ------
    LearnscopeError
        If they are others.
    """
    if before.fingerprint not in (None, fingerprint):
        raise LearnscopeError(
            f"Expected the images with which the run began, of fingerprint "
            f"{str(before.fingerprint)[:12]}. Received: other images, of fingerprint "
            f"{fingerprint[:12]}. Train the run again."
        )
