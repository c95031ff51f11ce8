"""One run from its settings to its end: data, network, training, checkpoints, test, words."""

from __future__ import annotations

import dataclasses
import logging
import platform
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata

import keras
import numpy as np

from core.augmentation.batches import augmentation_of
from core.checks import checked_plan
from core.data import Splits, facts, load, split
from core.errors import LearnscopeError
from core.fitting.begun_with import KIND, begun_with
from core.fitting.breaks import breaks_in_words, words_of_resuming
from core.fitting.callbacks import Best
from core.fitting.endings import Outcome, ending
from core.fitting.faults import StoppedError, fault_in_words
from core.fitting.fit import Fit
from core.fitting.going_on import Beginning, beginning, check_data
from core.fitting.keras_archive import form_between_steps
from core.fitting.knobs import Knobs
from core.fitting.listeners import Listeners
from core.fitting.networks import network_to_train, optimizer_for_file
from core.fitting.progress import ProgressBoard, StopRequest
from core.fitting.steps import Score, StopFlag
from core.fitting.thread_turns import short_turns
from core.fitting.turn_requests import TurnRequests
from core.inside.kernel_history import KERNELS_FILE
from core.model import build_optimizer
from core.predictions.stored import PREDICTIONS_FILE, Predictions, read_predictions
from core.runs import Library, Run, State
from core.settings import Change, settings_after

_log = logging.getLogger("learnscope.training")


def train_run(
    library: Library,
    run_id: str,
    board: ProgressBoard,
    stop: StopRequest,
    before: Run | None = None,
    turns: TurnRequests | None = None,
) -> None:
    """Train a run of the library to its end, whatever that is; raises nothing.

    Parameters
    ----------
    library : Library
        Holds the run's settings, and is told all that happens.
    run_id : str
        A run that waits.
    board : ProgressBoard
        Is told how far it is.
    stop : StopRequest
        Ends the training within one batch once somebody asks.
    before : Run, optional
        The run as it was when it was taken up again, to go on where it was cut off. If it cannot,
        it is put back as it was.
    turns : TurnRequests, optional
        Settings that somebody wants to be changed meanwhile. The changes that the run has on
        record are made in any case, at their steps.
    """
    turns = turns or TurnRequests()
    went_on = threading.Event()
    try:
        library.start(run_id, versions=None if before and before.goes_on_after else _versions())
        begin = beginning(library, before)
        with short_turns():
            _OneRun(library, run_id, board, stop, begin, went_on, turns).train()
    except Exception as error:
        state, sentence = fault_in_words(error)
        try:
            if before is None or went_on.is_set():
                library.finish(run_id, state, sentence)
            else:
                why = "" if state is State.STOPPED else sentence.removeprefix("Failed. ")
                library.put_back(before, why)
        except LearnscopeError:
            _log.exception("The end of run %s could not be written", run_id)


def _versions() -> dict[str, str]:
    packages = ("tensorflow", "keras", "numpy")
    return {"python": platform.python_version()} | {
        package: metadata.version(package) for package in packages
    }


class _OneRun:
    """What the parts of one run share."""

    def __init__(
        self,
        library: Library,
        run_id: str,
        board: ProgressBoard,
        stop: StopRequest,
        begin: Beginning,
        went_on: threading.Event,
        turns: TurnRequests,
    ) -> None:
        self._library, self._id, self._board, self._stop = library, run_id, board, stop
        self._begin, self._went_on, self._turns = begin, went_on, turns
        self._settings = library.run(run_id).settings
        self._asked = False
        self._breaks = ""

    def train(self) -> None:
        splits = self._load()
        self._tell(0.0, "Building the network")
        model, optimizer, fit = self._build(splits)
        test = splits.test_images, splits.test_labels
        # The fit has the images by now, and a large set shall not lie in memory twice.
        del splits
        listeners = self._fit(fit, model, optimizer)
        self._board.tell(1.0, "Storing the checkpoints and taking the test")
        checkpoints, last = listeners.checkpoints, model.get_weights()
        with ThreadPoolExecutor(1) as beside:
            closed = beside.submit(listeners.close)
            tested = _tested(listeners.best.best, model, fit, *test)
            closed.result()
            state, sentence = self._ending(listeners)
            if checkpoints.stored is not listeners.best.best:
                # The disk refused it: what the file holds is what has to be tested.
                tested = _tested(checkpoints.stored, model, fit, *test)
            saved = beside.submit(checkpoints.save, "last.keras", last)
            lost = tested and checkpoints.save_file(
                PREDICTIONS_FILE, tested[1].write, read_predictions
            )
        if not saved.result():
            sentence += f" The last weights are lost: {checkpoints.trouble}"
        if lost:
            sentence += f" The predictions are lost: {lost}"
        figures = dataclasses.astuple(tested[0]) if tested else ()
        self._library.finish(self._id, state, sentence, *figures)

    def _tell(self, share: float, words: str) -> None:
        """Say how far the preparations are; the place where a wish to stop ends them."""
        if self._stop.asked:
            raise StoppedError
        self._board.tell(share, words)

    def _load(self) -> Splits:
        settings = self._settings
        checked_plan(settings, facts(settings.data.dataset))
        self._tell(0.0, "Loading the data")
        data = load(settings.data.dataset, self._tell)
        splits = split(data, settings.data, settings.optimisation.seed)
        if self._begin.run is not None:
            check_data(self._begin.run, splits.fingerprint)
        return splits

    def _build(self, splits: Splits) -> tuple[keras.Model, keras.optimizers.Optimizer, Fit]:
        model = network_to_train(self._settings, self._begin.state)
        optimizer = build_optimizer(self._settings.optimisation)
        flag = StopFlag()
        smoothing = self._settings.regularization.label_smoothing
        self._knobs = self._knobs_of(model, optimizer)
        fit = Fit(
            model,
            optimizer,
            splits,
            self._settings.optimisation,
            flag,
            smoothing,
            augmentation_of(self._settings),
            self._knobs,
        )
        weights = int(model.count_params())
        self._library.start(self._id, weights=weights, fingerprint=splits.fingerprint, wait=False)
        if self._begin.state is None:
            images = len(splits.training_images)
            known = begun_with(model, self._settings.optimisation, images)
            self._library.record_event(self._id, KIND, known.words, 1, 0)
        self._stop.listen(flag.raise_it)
        self._turns.listen(flag.pause)
        return model, optimizer, fit

    def _knobs_of(self, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> Knobs:
        again = self._begin.again
        return Knobs(
            model,
            optimizer,
            self._settings,
            self._turns,
            on_record=self._library.run(self._id).changes,
            earliest=again[-1].steps if again else 0,
            record=self._record_change,
            turned=lambda: self._describe_anew(model),
        )

    def _record_change(self, change: Change) -> None:
        self._board.changing()
        self._library.record_change(self._id, change)

    def _describe_anew(self, model: keras.Model) -> None:
        """Checkpoints say from here on how the network and the optimizer are set now."""
        settings = settings_after(self._settings, self._knobs.made)
        self._checkpoints.describe(form_between_steps(model, optimizer_for_file(settings, model)))

    def _go_on(self, epoch: int, same: bool) -> None:
        """From here on a resumed run is another than it was."""
        before = self._begin.run
        if before is not None:
            words = words_of_resuming(epoch, before.versions, _versions(), same)
            self._library.go_on(self._id, epoch, words)
            self._went_on.set()
            # Now, for at its end a library that cannot be read shall not cost the run its state.
            self._breaks = breaks_in_words(self._library.events(self._id))

    def _fit(
        self, fit: Fit, model: keras.Model, optimizer: keras.optimizers.Optimizer
    ) -> Listeners:
        begin, settings = self._begin, self._settings
        form = form_between_steps(model, optimizer)
        best = begin.restored(model, optimizer, fit.beside)
        if self._stop.asked:
            raise StoppedError
        curves = self._board.begin(settings.optimisation.epochs, fit.steps_per_epoch, begin.curves)
        listeners = Listeners(
            self._library,
            self._library.run(self._id),
            begin,
            best,
            form,
            self._go_on,
        )
        self._checkpoints = listeners.checkpoints
        try:
            callbacks = listeners.callbacks(
                curves, fit.steps_per_epoch, model, optimizer, fit.beside
            )
            fit.run(callbacks, self._board.made, begin.epoch, begin.seconds)
            # Whoever asks from here on asks too late.
            self._asked = self._stop.asked
            if curves.steps == 0 or not (begin.run is None or self._went_on.is_set()):
                raise StoppedError
        except BaseException:
            listeners.close()
            raise
        return listeners

    def _ending(self, listeners: Listeners) -> tuple[State, str]:
        patience, checkpoints = listeners.patience, listeners.checkpoints
        state, sentence = ending(
            Outcome(
                settings=settings_after(self._settings, self._knobs.made),
                progress=self._board.read(),
                best_epoch=_epoch_of(listeners.best.best),
                kept_epoch=_epoch_of(checkpoints.stored),
                not_a_number_at=listeners.not_a_number.at,
                asked=self._asked,
                out_of_patience=patience is not None and patience.ran_out,
                trouble=checkpoints.trouble,
            )
        )
        if self._breaks:
            sentence += f" {self._breaks}"
        if trouble := checkpoints.lost.get(KERNELS_FILE):
            sentence += f" The kernels of the newest epochs are lost: {trouble}"
        return state, sentence + listeners.kept.lost


def _tested(
    best: Best | None, model: keras.Model, fit: Fit, images: np.ndarray, labels: np.ndarray
) -> tuple[Score, Predictions] | None:
    """What a best reaches on the test part, which is used for nothing else; None without one."""
    if best is None:
        return None
    model.set_weights(best.weights)
    return fit.predict(best.epoch, images, labels)


def _epoch_of(best: Best | None) -> int | None:
    return None if best is None else best.epoch
