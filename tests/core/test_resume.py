"""A run that was cut off goes on as if it had not been: bit for bit, curves, words and all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

import core.fitting.epoch_ends
import core.fitting.fit
import core.fitting.going_on
import core.fitting.one_run
from core.errors import LearnscopeError
from core.fitting.one_run import train_run
from core.fitting.progress import ProgressBoard, StopRequest
from core.fitting.training_state import captured
from core.inside.kernel_history import KERNELS_FILE, read_kernel_history
from core.library.kept_epochs import kept_file
from core.library.state_file import TrainingState
from core.predictions.stored import PREDICTIONS_FILE
from core.runs import Epoch, Library, Run, State
from core.settings import Settings
from tests.core.small import evaluated, parts, small, train


@pytest.fixture
def library(tmp_path: Path, warm: None) -> Iterator[Library]:
    library = Library(tmp_path / "home")
    yield library
    library.close()


@pytest.fixture(autouse=True)
def a_state_at_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else there would be one a second, which is all epochs of a test."""
    monkeypatch.setattr(core.fitting.epoch_ends, "STATE_SECONDS", 0.0)


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> list[TrainingState]:
    """Every state that a training was in at an epoch's end, in order."""
    seen: list[TrainingState] = []

    def noted(*arguments: object) -> TrainingState:
        seen.append(captured(*arguments))
        return seen[-1]

    monkeypatch.setattr(core.fitting.epoch_ends, "captured", noted)
    return seen


class StopAt(ProgressBoard):
    """Asks for the end once so many steps are made."""

    def __init__(self, steps: int) -> None:
        super().__init__("Waiting")
        self.stop, self._wanted = StopRequest(), steps

    def made(self) -> None:
        super().made()
        if self._curves is not None and self._curves.steps >= self._wanted:
            self.stop.ask()


def stopped(
    library: Library, settings: Settings, steps: int, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """A run that a person stopped after so many steps."""
    with monkeypatch.context() as patch:
        patch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)
        board = StopAt(steps)
        run = train(library, settings, board.stop, board)
    assert run.state is State.STOPPED
    return run


def resumed(library: Library, run_id: str, board: ProgressBoard | None = None) -> Run:
    """The run, taken up again and trained to its end."""
    before = library.wait_again(run_id)
    train_run(library, run_id, board or ProgressBoard("Waiting"), StopRequest(), before)
    library.flush()
    return library.run(run_id)


def without_seconds(epochs: list[Epoch]) -> list[Epoch]:
    return [dataclasses.replace(epoch, seconds=0.0) for epoch in epochs]


def weights_in(library: Library, run: Run, filename: str) -> list[np.ndarray]:
    return keras.models.load_model(library.file(run.id, filename)).get_weights()


def same_bits(these: list[np.ndarray], those: list[np.ndarray]) -> bool:
    return [array.tobytes() for array in these] == [array.tobytes() for array in those]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"dropout_dense": 0.5, "dropout_convolution": 0.2}, id="adam, dropout"),
        pytest.param(
            {
                "optimizer": "sgd",
                "dropout_convolution": 0.3,
                "spatial_dropout": True,
                "batch_normalization": True,
            },
            id="sgd, spatial dropout, batch normalization",
        ),
        pytest.param(
            {"optimizer": "rmsprop", "l2": 0.01, "early_stopping": True, "learning_rate": 0.05},
            id="rmsprop, penalty, early stopping",
        ),
        pytest.param(
            {"optimizer": "adamw", "batch_normalization": True, "dropout_dense": 0.5},
            id="adamw, batch normalization, dropout",
        ),
        pytest.param(
            {
                "dropout_convolution": 0.2,
                "dropout_dense": 0.5,
                "dropout_kind": "gaussian",
                "noise": 0.2,
                "normalization": "group",
                "max_norm": 1.0,
                "label_smoothing": 0.1,
                "gradient_clipping": 0.5,
                "schedule": "cosine",
            },
            id="gaussian dropout, noise, groups, max-norm, smoothing, clipping, cosine",
        ),
        pytest.param(
            {
                "weight_averaging": True,
                "averaging_momentum": 0.9,
                "dropout_dense": 0.5,
                "normalization": "layer",
                "noise": 0.1,
                "noise_place": "blocks",
                "schedule": "step",
                "schedule_epochs": 2,
            },
            id="averaged weights, layers, noise behind blocks, steps of the rate",
        ),
        pytest.param(
            # Lowered six times, after breaks too.
            {"schedule": "plateau", "schedule_patience": 1, "learning_rate": 0.3}
            | {"optimizer": "sgd", "weight_averaging": True, "l2": 0.01},
            id="plateau, averaged weights, penalty",
        ),
        pytest.param(
            # Averaged from epoch 4 on: the first break is ahead of it, the second one behind.
            {"averaging": "swa", "averaging_start": 0.25, "normalization": "batch"}
            | {"dropout_dense": 0.5, "noise": 0.1, "schedule": "step", "schedule_epochs": 5},
            id="equal average, batch normalization, dropout, noise",
        ),
        pytest.param(
            {"shift": 0.1, "rotation": 10, "zoom": 0.1, "flip": "horizontal", "contrast": 0.2}
            | {"cutout": 0.25, "dropout_dense": 0.5},
            id="augmentation, dropout",
        ),
        pytest.param({"mixup": 0.4, "cutmix": 1.0, "shift": 0.1}, id="mixed labels"),
    ],
)
def test_a_resumed_run_is_bit_for_bit_the_one_that_was_never_stopped(
    library: Library,
    states: list[TrainingState],
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, object],
) -> None:
    """Stopped in mid-epoch, twice; all that is random or remembered goes on where it was."""
    settings = small(**{"epochs": 12} | changes)
    whole = train(library, settings)
    last_of_whole = states[-1]
    run = stopped(library, settings, 10, monkeypatch)
    assert run.resume_epoch == 2
    with monkeypatch.context() as patch:
        patch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)
        board = StopAt(19)
        train_run(library, run.id, board, board.stop, library.wait_again(run.id))
    assert library.run(run.id).resume_epoch == 4
    run = resumed(library, run.id)
    assert (run.state, run.best_epoch) == (whole.state, whole.best_epoch)
    assert run.state is (State.STOPPED_EARLY if "early_stopping" in changes else State.FINISHED)
    assert same_bits(states[-1].network, last_of_whole.network)
    assert same_bits(states[-1].optimizer, last_of_whole.optimizer)
    assert same_bits(states[-1].beside, last_of_whole.beside)
    for filename in ("best.keras", "last.keras"):
        assert same_bits(weights_in(library, run, filename), weights_in(library, whole, filename))
    assert without_seconds(library.epochs(run.id)) == without_seconds(library.epochs(whole.id))
    batches, theirs = library.batches(run.id), library.batches(whole.id)
    for name in ("losses", "accuracies", "penalties"):
        assert same_bits([getattr(batches, name)], [getattr(theirs, name)])
    assert library.movements(run.id) == library.movements(whole.id)
    kernels, theirs = (read_kernel_history(library.file(r.id, KERNELS_FILE)) for r in (run, whole))
    assert kernels.epochs.tolist() == theirs.epochs.tolist()
    assert kernels.kernels.keys() == theirs.kernels.keys()
    assert same_bits(list(kernels.kernels.values()), list(theirs.kernels.values()))
    assert list(kernels.counts) == list(theirs.counts) == ["dense", "classes"]
    for layer, counts in kernels.counts.items():
        assert counts.first == theirs.counts[layer].first
        for name in ("counts", "spreads"):
            assert same_bits([getattr(counts, name)], [getattr(theirs.counts[layer], name)])
    assert (run.test_loss, run.test_accuracy) == (whole.test_loss, whole.test_accuracy)


def test_epochs_after_the_state_are_made_again_and_stay_on_record_meanwhile(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one state a second, only the first epoch has one here, and six are on record."""
    monkeypatch.setattr(core.fitting.epoch_ends, "STATE_SECONDS", 1000.0)
    settings = small(dropout_dense=0.5, epochs=8)
    whole = train(library, settings)
    run = stopped(library, settings, 26, monkeypatch)
    assert (run.resume_epoch, run.epochs_done) == (1, 7)

    board, on_record = ProgressBoard("Waiting"), []
    made = board.made

    def look() -> None:
        made()
        on_record.append([epoch.epoch for epoch in library.epochs(run.id)])

    monkeypatch.setattr(board, "made", look)
    after = resumed(library, run.id, board)
    assert all(epochs[:6] == [1, 2, 3, 4, 5, 6] for epochs in on_record)
    assert "Resumed after epoch 6, it is the same run" in after.sentence
    assert without_seconds(library.epochs(run.id)) == without_seconds(library.epochs(whole.id))
    for filename in ("best.keras", "last.keras"):
        assert same_bits(weights_in(library, after, filename), weights_in(library, whole, filename))


def test_a_stop_among_the_epochs_that_are_made_again_forgets_none_of_them(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.fitting.epoch_ends, "STATE_SECONDS", 1000.0)
    run = stopped(library, small(epochs=8), 26, monkeypatch)
    before = library.epochs(run.id)
    with monkeypatch.context() as patch:
        patch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)
        board = StopAt(10)
        train_run(library, run.id, board, board.stop, library.wait_again(run.id))
    assert library.run(run.id) == run
    assert library.epochs(run.id) == before
    assert library.file(run.id, "last.keras").exists()
    assert resumed(library, run.id).state is State.FINISHED


def test_a_machine_that_computes_otherwise_is_found_out_and_told(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Epoch 4, made again, is not as it is on record: it is the first that is forgotten."""
    monkeypatch.setattr(core.fitting.epoch_ends, "STATE_SECONDS", 1000.0)
    run = stopped(library, small(epochs=8), 26, monkeypatch)
    scores = core.fitting.fit.Fit._scores

    def others(fit: core.fitting.fit.Fit, epoch: int, whole: bool) -> dict[str, float]:
        made = scores(fit, epoch, whole)
        return made | {"fair_loss": made["fair_loss"] * (1 + 1e-7 * (epoch == 3))}

    monkeypatch.setattr(core.fitting.fit.Fit, "_scores", others)
    after = resumed(library, run.id)
    assert after.state is State.FINISHED
    assert (
        "Resumed after epoch 3, on a machine that computes the next ones otherwise. So its weights "
        "need not be those of a run without a break."
    ) in after.sentence
    assert [epoch.epoch for epoch in library.epochs(run.id)] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_the_state_holds_what_a_checkpoint_lacks(
    library: Library, states: list[TrainingState]
) -> None:
    """The seeds that dropout draws from move; were they left out, the test above would fail."""
    train(library, small(dropout_dense=0.5))
    seeds = [
        [array for array in state.network if array.dtype == np.int64 and array.shape == (2,)]
        for state in states
    ]
    different = [len({array.tobytes() for array in place}) for place in zip(*seeds, strict=True)]
    # Noise and dropout of the block are silent; the dense layer's dropout draws.
    assert different == [1, 1, 3]


def test_the_curve_goes_on_where_it_stopped_and_so_does_the_time(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(library, small(epochs=6), 10, monkeypatch)
    before = library.epochs(run.id)
    assert [epoch.steps for epoch in before] == [4, 8, 10]

    board, moments = ProgressBoard("Waiting"), []
    made = board.made
    monkeypatch.setattr(board, "made", lambda: (made(), moments.append(board.read())))
    run = resumed(library, run.id, board)
    first = moments[0]
    assert first.curves is not None
    assert first.curves.epochs == tuple(before[:2])
    assert (first.epoch, first.epochs, first.step) == (3, 6, 1)
    assert len(first.curves.batches.losses) == 9
    assert first.fraction == pytest.approx(9 / 24)
    seconds = [epoch.seconds for epoch in library.epochs(run.id)]
    assert seconds == sorted(seconds)
    assert seconds[:2] == [epoch.seconds for epoch in before[:2]]
    assert run.seconds == seconds[-1]


def test_it_is_told_where_it_was_resumed(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    run = resumed(library, stopped(library, small(epochs=4), 10, monkeypatch).id)
    assert run.state is State.FINISHED
    assert run.sentence.endswith(
        "Resumed after epoch 2, it is the same run as one without a break."
    )
    assert [event.kind for event in library.events(run.id)] == [
        "started",
        "begun with",
        "stopped",
        "resumed",
        "finished",
    ]
    event = library.events(run.id)[3]
    assert (event.epoch, event.step, event.words) == (2, 8, "Resumed after epoch 2.")


def test_the_state_is_removed_once_the_run_needs_it_no_more(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(library, small(epochs=4), 10, monkeypatch)
    assert library.state_file(run.id).parent == library.folder(run.id)
    run = resumed(library, run.id)
    assert run.resume_epoch is None
    names = {path.name for path in library.folder(run.id).iterdir()}
    networks = map(kept_file, range(5))
    assert names == {"best.keras", "last.keras", KERNELS_FILE, PREDICTIONS_FILE, *networks}
    assert run.goes_on_after is None
    with pytest.raises(LearnscopeError, match="Expected a run that was interrupted or stopped"):
        library.wait_again(run.id)


@pytest.mark.parametrize("how", ["damaged", "missing"])
def test_without_its_state_a_run_stays_as_it_was_and_says_why(
    library: Library, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    run = stopped(library, small(epochs=4), 10, monkeypatch)
    path = library.state_file(run.id)
    if how == "damaged":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    else:
        path.unlink()
    with pytest.raises(LearnscopeError, match=r"not as it was stored|cannot be read"):
        library.wait_again(run.id)
    assert library.run(run.id) == run
    assert library.file(run.id, "best.keras").exists()


def test_a_state_that_is_damaged_while_the_run_waits_puts_it_back(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(library, small(epochs=4), 10, monkeypatch)
    epochs = library.epochs(run.id)
    before = library.wait_again(run.id)
    library.state_file(run.id).write_bytes(b"")
    train_run(library, run.id, ProgressBoard("Waiting"), StopRequest(), before)
    after = library.run(run.id)
    assert after.sentence.startswith(run.sentence + " It could not go on: ")
    assert dataclasses.replace(after, sentence=run.sentence) == run
    assert library.epochs(run.id) == epochs
    assert library.file(run.id, "last.keras").exists()


def test_other_images_are_refused_and_the_run_stays_as_it_was(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(library, small(epochs=4), 10, monkeypatch)
    split = core.fitting.one_run.split

    def of_another_kind(*arguments: object) -> object:
        splits = split(*arguments)
        return dataclasses.replace(splits, training_images=splits.training_images[::-1])

    with monkeypatch.context() as patch:
        patch.setattr(core.fitting.one_run, "split", of_another_kind)
        after = resumed(library, run.id)
    assert "It could not go on: Expected the images with which the run began" in after.sentence
    assert (after.state, after.resume_epoch) == (State.STOPPED, 2)
    assert after.test_accuracy == run.test_accuracy
    assert library.events(run.id)[-1].kind == "not resumed"
    again = resumed(library, run.id)
    assert again.state is State.FINISHED


def test_other_versions_go_on_and_the_run_says_that_it_may_be_another(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(library, small(epochs=4), 10, monkeypatch)
    newer = core.fitting.one_run._versions() | {"keras": "9.9.9"}
    monkeypatch.setattr(core.fitting.one_run, "_versions", lambda: newer)
    after = resumed(library, run.id)
    told = (
        f"with other versions than those it began with: keras 9.9.9 instead of {keras.__version__}."
    )
    assert f"Resumed after epoch 2 {told} So its weights need not be those" in after.sentence
    assert after.versions == run.versions
    assert library.events(run.id)[3].words == f"Resumed after epoch 2 {told}"


def test_a_best_whose_file_was_not_yet_written_is_written_from_the_state(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of the best lags behind; here that of the first epoch is all that there is."""
    run = stopped(library, small(epochs=6), 18, monkeypatch)
    first = library.epochs(run.id)[0]
    assert run.best_epoch is not None
    assert run.best_epoch > 1
    library.record_best(run.id, 1, first.validation_loss, first.validation_accuracy)
    monkeypatch.setattr(core.fitting.fit.Fit, "run", lambda *_: None)
    after = resumed(library, run.id)
    assert (after.best_epoch, after.best_validation_loss) == (
        run.best_epoch,
        run.best_validation_loss,
    )
    data = parts(run.settings)
    loss, _ = evaluated(
        library.file(run.id, "best.keras"), data.validation_images, data.validation_labels
    )
    assert loss == pytest.approx(after.best_validation_loss, rel=1e-4)


def test_a_run_that_is_stopped_again_before_a_step_stays_resumable(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(library, small(epochs=4), 10, monkeypatch)
    before, stop = library.wait_again(run.id), StopRequest()
    stop.ask()
    train_run(library, run.id, ProgressBoard("Waiting"), stop, before)
    assert library.run(run.id) == run


def test_a_run_that_was_cut_off_after_its_last_epoch_only_ends(
    library: Library, states: list[TrainingState], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill while the last checkpoint is written: all epochs are there, no end is."""
    settings = small(early_stopping=True, patience=2, learning_rate=0.1, epochs=30)
    finish = Library.finish
    monkeypatch.setattr(Library, "finish", lambda *_: None)
    run = train(library, settings)
    monkeypatch.setattr(Library, "finish", finish)
    library._alive.discard(run.id)
    library._change(run.id, "heartbeat = 0")
    library.reconcile()
    cut = library.run(run.id)
    assert (cut.state, cut.resume_epoch) == (State.INTERRUPTED, cut.epochs_done)
    count = len(states)
    after = resumed(library, run.id)
    assert after.state is State.STOPPED_EARLY
    assert after.epochs_done == cut.epochs_done < 30
    assert len(states) == count


def test_a_run_that_was_cut_off_in_its_first_epoch_begins_anew(library: Library) -> None:
    settings = small()
    whole = train(library, settings)
    run = library.create(settings)
    library.start(run.id)
    library._alive.discard(run.id)
    library._change(run.id, "heartbeat = 0")
    library.reconcile()
    assert library.run(run.id).goes_on_after == 0
    after = resumed(library, run.id)
    assert after.state is State.FINISHED
    assert "Resumed" not in after.sentence
    assert without_seconds(library.epochs(run.id)) == without_seconds(library.epochs(whole.id))


def test_a_state_that_the_disk_refuses_costs_no_epoch_of_the_curve(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise LearnscopeError("The disk is full.")

    monkeypatch.setattr(library, "place_state", refuse)
    run = train(library, small())
    assert (run.state, run.epochs_done, run.resume_epoch) == (State.FINISHED, 3, None)
    assert len(library.epochs(run.id)) == 3
