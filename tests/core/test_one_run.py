"""One run from settings to end: what is on the disk is what the record says."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

import core.fitting.one_run
from core.data import Splits, split
from core.fitting.fit import Fit
from core.fitting.progress import Progress, ProgressBoard, StopRequest
from core.runs import Library, Run, State
from tests.core.small import evaluated, parts, small, train

ROOT = Path(__file__).resolve().parents[2]
GROWS_WITHOUT_END = {"optimizer": "sgd", "learning_rate": 1000, "l2": 0.1}


def with_validation_losses(monkeypatch: pytest.MonkeyPatch, losses: list[float]) -> None:
    """Have these validation losses measured, one an epoch."""
    true_scores, waiting = Fit._scores, list(losses)

    def scores(fit: Fit, epoch: int, whole: bool) -> dict[str, float]:
        return true_scores(fit, epoch, whole) | {"val_loss": waiting.pop(0)}

    monkeypatch.setattr(Fit, "_scores", scores)


WHOLE = small(batch_normalization=True, dropout_dense=0.3, l2=0.001, epochs=6)


@pytest.fixture(scope="module")
def trained(warm: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Run]]:
    library = Library(tmp_path_factory.mktemp("home"))
    yield library, train(library, WHOLE)
    library.close()


def test_it_finished_and_says_so(trained: tuple[Library, Run]) -> None:
    run = trained[1]
    assert run.state is State.FINISHED
    assert run.sentence == (
        f"Finished all 6 epochs. The best checkpoint, of epoch {run.best_epoch}, is kept."
    )
    assert run.epochs_done == 6
    assert run.fingerprint == parts(WHOLE).fingerprint
    assert set(run.versions) == {"python", "tensorflow", "keras", "numpy"}


def test_the_best_epoch_has_the_lowest_recorded_validation_loss(
    trained: tuple[Library, Run],
) -> None:
    library, run = trained
    losses = [epoch.validation_loss for epoch in library.epochs(run.id)]
    assert run.best_epoch == 1 + int(np.argmin(losses))
    assert run.best_validation_loss == min(losses)


def test_the_stored_best_gives_the_recorded_figures(trained: tuple[Library, Run]) -> None:
    """Loaded by Keras without a warning, since warnings are errors here."""
    library, run = trained
    data, best = parts(WHOLE), library.file(run.id, "best.keras")
    loss, accuracy = evaluated(best, data.validation_images, data.validation_labels)
    assert loss == pytest.approx(run.best_validation_loss, rel=1e-4)
    assert accuracy == pytest.approx(run.best_validation_accuracy, abs=1e-6)
    loss, accuracy = evaluated(best, data.test_images, data.test_labels)
    assert loss == pytest.approx(run.test_loss, rel=1e-4)
    assert accuracy == pytest.approx(run.test_accuracy, abs=1e-6)
    assert run.test_images == len(data.test_images) == 300


def test_the_stored_last_gives_the_figures_of_the_last_epoch(trained: tuple[Library, Run]) -> None:
    library, run = trained
    data, last = parts(WHOLE), library.file(run.id, "last.keras")
    loss, accuracy = evaluated(last, data.validation_images, data.validation_labels)
    epoch = library.epochs(run.id)[-1]
    assert loss == pytest.approx(epoch.validation_loss, rel=1e-4)
    assert accuracy == pytest.approx(epoch.validation_accuracy, abs=1e-6)


def test_the_weights_are_counted_as_keras_counts_them(trained: tuple[Library, Run]) -> None:
    library, run = trained
    model = keras.models.load_model(library.file(run.id, "last.keras"))
    assert run.weights == model.count_params()


def test_every_batch_is_recorded(trained: tuple[Library, Run]) -> None:
    library, run = trained
    batches = library.batches(run.id)
    assert batches.epoch_ends == (4, 8, 12, 16, 20, 24)
    assert np.isfinite(batches.losses).all()


def test_the_file_can_be_trained_further(trained: tuple[Library, Run]) -> None:
    library, run = trained
    data, model = (
        parts(WHOLE),
        keras.models.load_model(library.file(run.id, "best.keras")),
    )
    assert type(model.optimizer) is keras.optimizers.Adam
    history = model.fit(data.training_images, data.training_labels, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def test_patience_ends_the_run_at_its_epoch_and_says_so(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_validation_losses(monkeypatch, [9, 8, 7, 6, 5, 4, 3, 2, 1, 2, 2, 2, 2, 2, 0])
    run = train(library, small(early_stopping=True, patience=5, epochs=30))
    assert run.state is State.STOPPED_EARLY
    assert run.sentence == (
        "Stopped early at epoch 14 by patience 5: the validation loss did not improve in the 5 "
        "epochs after epoch 9. The best checkpoint, of epoch 9, is kept."
    )
    assert (run.epochs_done, run.best_epoch) == (14, 9)


def test_a_loss_that_is_no_number_from_the_first_epoch_leaves_no_checkpoint(
    library: Library,
) -> None:
    run = train(library, small(**GROWS_WITHOUT_END, batch_size=2, epochs=3))
    assert run.state is State.FAILED
    assert run.sentence.startswith("Failed because the loss was no longer a number at step ")
    assert "of epoch 1: " in run.sentence
    assert run.sentence.endswith(
        "Lower the learning rate of 1000. There is no checkpoint: no validation loss was a number."
    )
    assert (run.best_epoch, run.best_validation_loss, run.test_accuracy) == (None, None, None)
    assert not (library.folder(run.id) / "best.keras").exists()
    (epoch,) = library.epochs(run.id)
    assert math.isnan(epoch.validation_loss)


def test_a_loss_that_grows_later_keeps_the_best_of_before(library: Library) -> None:
    run = train(library, small(**GROWS_WITHOUT_END | {"learning_rate": 20}, epochs=30))
    epochs = library.epochs(run.id)
    finite = [e.validation_loss for e in epochs if math.isfinite(e.validation_loss)]
    assert run.state is State.FAILED
    assert 0 < len(finite) < len(epochs) < 30
    assert f"at step {1 + _first_that_is_no_number(library, run) % 4} of epoch " in run.sentence
    assert run.sentence.endswith(f"The best checkpoint, of epoch {run.best_epoch}, is kept.")
    assert run.best_validation_loss == min(finite)
    assert run.test_accuracy is not None
    data = parts(run.settings)
    loss, _ = evaluated(
        library.file(run.id, "best.keras"), data.validation_images, data.validation_labels
    )
    assert loss == pytest.approx(run.best_validation_loss, rel=1e-3)


def _first_that_is_no_number(library: Library, run: Run) -> int:
    return int(np.argmin(np.isfinite(library.batches(run.id).losses)))


def test_a_stop_keeps_the_best_and_says_where(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for after the tenth step: the second of the third epoch."""
    monkeypatch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)
    stop, board = StopRequest(), ProgressBoard("Waiting")
    made = board.made

    def ask_at_the_tenth() -> None:
        made()
        progress = board.read()
        if progress.curves is not None and len(progress.curves.batches.losses) == 10:
            stop.ask()

    monkeypatch.setattr(board, "made", ask_at_the_tenth)
    run = train(library, small(epochs=20), stop, board)
    assert run.state is State.STOPPED
    assert run.sentence == (
        "Stopped by you in epoch 3 of 20, after step 2 of 4. The best checkpoint, of epoch "
        f"{run.best_epoch}, is kept."
    )
    assert len(library.batches(run.id).losses) == 10
    assert run.best_epoch in (1, 2)
    assert library.file(run.id, "best.keras").exists()
    assert run.test_accuracy is not None


def test_a_stop_before_the_data_is_loaded_loads_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.fitting.one_run, "load", lambda *_: pytest.fail("It was loaded."))
    stop = StopRequest()
    stop.ask()
    run = train(library, small(), stop)
    assert (run.state, run.sentence) == (State.STOPPED, "Stopped by you before its first step.")


def test_a_stop_while_the_network_is_built_makes_no_step(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, build = StopRequest(), core.fitting.one_run.build_optimizer

    def ask_and_build(settings: object) -> object:
        stop.ask()
        return build(settings)

    monkeypatch.setattr(core.fitting.one_run, "build_optimizer", ask_and_build)
    run = train(library, small(), stop)
    assert (run.state, run.sentence) == (State.STOPPED, "Stopped by you before its first step.")
    assert library.epochs(run.id) == []


def test_asking_to_stop_once_all_is_trained_changes_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, board = StopRequest(), ProgressBoard("Waiting")
    tell = board.tell

    def ask_late(share: float, phase: str) -> None:
        if phase.startswith("Storing"):
            stop.ask()
        tell(share, phase)

    monkeypatch.setattr(board, "tell", ask_late)
    assert train(library, small(epochs=1), stop, board).state is State.FINISHED


class Untouchable:
    """A test part that may not be looked at yet."""

    def __init__(self, array: np.ndarray, allowed: list[bool]) -> None:
        self._array, self._allowed = array, allowed

    def __array__(self, dtype: object = None, copy: bool | None = None) -> np.ndarray:
        assert self._allowed, "The test part was looked at before the end."
        return self._array

    def __getitem__(self, key: object) -> np.ndarray:
        assert self._allowed, "The test part was looked at before the end."
        return self._array[key]

    def __len__(self) -> int:
        assert self._allowed, "The test part was looked at before the end."
        return len(self._array)


def test_the_test_part_is_not_touched_before_the_training_is_over(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: list[bool] = []
    fit = Fit.run

    def guarded_split(*arguments: object) -> Splits:
        whole = split(*arguments)
        guarded = dataclasses.replace(
            whole,
            test_images=Untouchable(whole.test_images, allowed),
            test_labels=Untouchable(whole.test_labels, allowed),
        )
        # The fingerprint says which images there were, and chooses nothing.
        guarded.__dict__["fingerprint"] = whole.fingerprint
        return guarded

    def run(self: Fit, *arguments: object) -> None:
        fit(self, *arguments)
        allowed.append(True)

    monkeypatch.setattr(core.fitting.one_run, "split", guarded_split)
    monkeypatch.setattr(Fit, "run", run)
    finished = train(library, small(epochs=2))
    assert finished.state is State.FINISHED, finished.sentence
    assert finished.test_images == 300


def test_phases_are_told_in_their_order(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    board = ProgressBoard("Waiting")
    phases: list[Progress] = [board.read()]
    tell, made = board.tell, board.made
    monkeypatch.setattr(board, "tell", lambda *what: (tell(*what), phases.append(board.read())))
    monkeypatch.setattr(board, "made", lambda: (made(), phases.append(board.read())))
    train(library, small(epochs=1), board=board)
    assert list(dict.fromkeys(progress.phase for progress in phases)) == [
        "Waiting",
        "Loading the data",
        "Building the network",
        "Training",
        "Storing the checkpoints and taking the test",
    ]
    last = phases[-1]
    assert (last.epoch, last.epochs, last.step, last.steps) == (1, 1, 4, 4)
