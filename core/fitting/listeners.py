"""What listens to the training of one run, wired to the library in which all of it is kept."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future

import keras
import numpy.typing as npt

from core.errors import LearnscopeError
from core.fitting.callbacks import Best, BestWeights, CurveRecorder, NotANumber, Patience
from core.fitting.checkpoints import CheckpointWriter, Write
from core.fitting.epoch_ends import EpochEnds
from core.fitting.epoch_writer import EpochWriter
from core.fitting.going_on import Beginning
from core.fitting.kept_epochs import KeptEpochs, NetworkRecorder
from core.fitting.kernel_callbacks import KernelRecorder
from core.fitting.rates import rate_callbacks
from core.inside.kernel_history import (
    KERNELS_FILE,
    GrowingKernels,
    KernelHistory,
    read_kernel_history,
)
from core.learning.curves import GrowingCurves
from core.library.checkpoint_file import CheckpointForm
from core.library.records import Epoch
from core.library.states import StoredState
from core.runs import Library, Run


class Listeners:
    """The callbacks of one run, and the threads that write for them.

    Parameters
    ----------
    library : Library
    run : Run
        As it is when its training begins, or goes on.
    begin : Beginning
        What it has behind it.
    best : Best or None
        The best epoch of these.
    form : Future of CheckpointForm
        That of the checkpoints.
    go_on : callable
        Called when a resumed run goes on, with the last epoch that is kept, and whether those that
        were made again came out as before.

    Attributes
    ----------
    checkpoints : CheckpointWriter
    kept : KeptEpochs
    best : BestWeights
    not_a_number : NotANumber
    patience : Patience or None
        None without early stopping.
    """

    def __init__(
        self,
        library: Library,
        run: Run,
        begin: Beginning,
        best: Best | None,
        form: Future[CheckpointForm],
        go_on: Callable[[int, bool], None],
    ) -> None:
        self._library, self._id, self._begin = library, run.id, begin
        self._told_of_going_on, self._stored_epoch = go_on, run.best_epoch
        self.checkpoints = CheckpointWriter(
            form,
            lambda filename, *functions: library.store_file(run.id, filename, *functions),
            lambda best: library.record_best(
                run.id, best.epoch, best.validation_loss, best.validation_accuracy
            ),
        )
        self.kept = KeptEpochs(functools.partial(library.store_together, run.id))
        self._history = GrowingKernels(self._earlier_kernels())
        self._epochs = EpochWriter(self._place_state)
        self._ends = EpochEnds(self._epochs, self.checkpoints.give, best, begin.again, self._go_on)
        self.best = BestWeights(self._ends.best, best)
        self.not_a_number = NotANumber()
        regularization, self._optimisation = run.settings.regularization, run.settings.optimisation
        self.patience = (
            Patience(regularization.patience, begin.validation_losses)
            if regularization.early_stopping
            else None
        )

    def _go_on(self, epoch: int, same: bool) -> None:
        self._told_of_going_on(epoch, same)
        best = self._ends.best_so_far
        if best is not None and best.epoch == self._stored_epoch:
            self.checkpoints.hold(best)
        elif best is not None:
            self.checkpoints.give(best)

    def callbacks(
        self,
        curves: GrowingCurves,
        steps_per_epoch: int,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        beside: Sequence[keras.Variable],
    ) -> list[keras.callbacks.Callback]:
        """All of them, in the order in which they have to be called; the run begins, or goes on."""
        if self._begin.run is not None and not self._begin.again:
            self._go_on(self._begin.epoch, True)
        kernels = KernelRecorder(self._history, self._begin.epoch)
        recorder = CurveRecorder(
            curves,
            lambda epoch, *batches: self._ends.record(
                epoch, functools.partial(self._record, epoch, batches, kernels.last.movements())
            ),
        )
        at_the_end = keras.callbacks.LambdaCallback
        return [
            # No epoch ends before the one before it is on the disk: a kill costs at most one.
            at_the_end(on_epoch_end=lambda epoch, logs: self._epochs.wait()),
            kernels,
            NetworkRecorder(kernels, self.kept, self._optimisation.epochs, self._begin.epoch),
            recorder,
            self.best,
            self.not_a_number,
            *([] if self.patience is None else [self.patience]),
            *rate_callbacks(self._optimisation, self._begin.validation_losses),
            at_the_end(
                on_epoch_end=lambda epoch, logs: self._ends.hand_over(
                    steps_per_epoch, model, optimizer, beside
                ),
                on_train_end=lambda logs: self._keep_kernels(),
            ),
        ]

    def close(self) -> None:
        """Wait until all that was given to the threads is written, or refused."""
        try:
            self._epochs.close()
            # Those of epochs that are made again are on the disk already, or will be.
            if not self._ends.makes_again:
                self.kept.store()
        finally:
            self.checkpoints.close()

    def _place_state(self, write: Write, check: Write) -> StoredState:
        # First what is to look at: from whatever state the run goes on, it reaches as far.
        self.checkpoints.save_file(KERNELS_FILE, self._history.write, read_kernel_history)
        self.kept.store()
        return self._library.place_state(self._id, write, check)

    def _keep_kernels(self) -> None:
        # The file holds more than that already while epochs are made again.
        if not self._ends.makes_again:
            self.checkpoints.give_file(KERNELS_FILE, self._history.write, read_kernel_history)

    def _record(
        self,
        epoch: Epoch,
        batches: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
        movements: Mapping[str, tuple[float, float]],
        state: StoredState | None = None,
    ) -> Callable[[], None]:
        losses, accuracies, penalties = batches
        return self._library.record_epoch(
            self._id, epoch, losses, accuracies, movements, penalties, state
        )

    def _earlier_kernels(self) -> KernelHistory | None:
        """Those of the epochs before."""
        if not self._begin.epoch:
            return None
        try:
            path = self._library.file(self._id, KERNELS_FILE)
            return read_kernel_history(path).until(self._begin.epoch)
        except LearnscopeError:
            # A history that begins late is better than no training.
            return None
