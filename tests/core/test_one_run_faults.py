"""Full disks and killed processes in mid-training: what was stored before is whole and kept."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from core.errors import LearnscopeError
from core.fitting.fit import Fit
from core.fitting.one_run import train_run
from core.fitting.progress import ProgressBoard, StopRequest
from core.library.reader import Reader
from core.runs import Library, Run, State
from tests.core.small import evaluated, parts, small, train, until

ROOT = Path(__file__).resolve().parents[2]


def full_disk(
    monkeypatch: pytest.MonkeyPatch, library: Library, refused: Callable[[str, int], bool]
) -> None:
    """Let the disk be full in mid-write of those files, by name and number of the save."""
    store, counts = library.store_file, Counter[str]()

    def store_file(
        run_id: str, name: str, write: Callable[[Path], None], check: Callable[[Path], None]
    ) -> str:
        counts[name] += 1

        def write_half(path: Path) -> None:
            write(path)
            if refused(name, counts[name]):
                os.truncate(path, path.stat().st_size // 2)
                raise OSError(errno.ENOSPC, "No space left on device")

        return store(run_id, name, write_half, check)

    monkeypatch.setattr(library, "store_file", store_file)


def test_a_full_disk_ends_in_words_keeps_the_previous_best_and_its_test_figure(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_stored = []
    full_disk(monkeypatch, library, lambda name, number: name == "best.keras" and number > 1)
    record_best = library.record_best
    monkeypatch.setattr(
        library, "record_best", lambda *best: (first_stored.append(best), record_best(*best))
    )
    scores = Fit._scores

    def scores_after_a_save(fit: Fit, epoch: int, whole: bool) -> dict[str, float]:
        """Each epoch is better than the one before; the second waits for the first's save."""
        if epoch == 1:
            until(lambda: first_stored)
        return scores(fit, epoch, whole) | {"val_loss": 10.0 - epoch}

    monkeypatch.setattr(Fit, "_scores", scores_after_a_save)
    run = train(library, small(epochs=3))
    assert run.state is State.FAILED
    assert run.sentence.startswith(
        "Failed because the best checkpoint, of epoch 3, could not be stored. The disk is full: "
    )
    assert run.sentence.endswith("The checkpoint of epoch 1 is kept.")
    assert run.best_epoch == 1
    data = parts(run.settings)
    _, accuracy = evaluated(library.file(run.id, "best.keras"), data.test_images, data.test_labels)
    assert accuracy == pytest.approx(run.test_accuracy, abs=1e-6)


def test_last_weights_that_cannot_be_stored_cost_neither_the_state_nor_the_test_figure(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_disk(monkeypatch, library, lambda name, number: name == "last.keras")
    run = train(library, small(epochs=2))
    assert run.state is State.FINISHED
    assert " The last weights are lost: The disk is full: " in run.sentence
    assert run.test_accuracy is not None
    monkeypatch.undo()
    assert train(library, small(epochs=1)).state is State.FINISHED


def test_a_disk_that_takes_nothing_leaves_the_curves(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_disk(monkeypatch, library, lambda name, number: True)
    run = train(library, small(epochs=2))
    assert run.state is State.FAILED
    assert "could not be stored. The disk is full: " in run.sentence
    assert (run.test_accuracy, run.best_epoch) == (None, None)
    assert len(library.epochs(run.id)) == 2


def test_a_folder_that_goes_away_in_mid_training_is_not_made_anew_and_costs_no_record(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be written waits, and is written once the folder is back."""
    away, scores = tmp_path / "away", Fit._scores

    def scores_in_between(fit: Fit, epoch: int, whole: bool) -> dict[str, float]:
        if epoch == 1:
            library.home.rename(away)
        return scores(fit, epoch, whole)

    monkeypatch.setattr(Fit, "_scores", scores_in_between)
    run_id = library.create(small(epochs=3)).id
    train_run(library, run_id, ProgressBoard("Waiting"), StopRequest())
    assert not library.home.exists()
    assert "removed or replaced" in str(library.trouble())
    away.rename(library.home)
    library.flush()
    assert library.trouble() is None
    run = library.run(run_id)
    assert run.state is State.FAILED
    assert "could not be stored" in run.sentence
    assert len(library.epochs(run_id)) == 3


@pytest.mark.slow
def test_a_killed_process_leaves_a_whole_checkpoint_and_an_interrupted_run(
    tmp_path: Path, warm: None
) -> None:
    """SIGKILL in mid-training, once a best is recorded."""
    program = textwrap.dedent(
        """
        import sys, threading
        from pathlib import Path
        from core.runs import Library
        from core.training import TrainingQueue
        from tests.core.small import small
        queue = TrainingQueue(Library(Path(sys.argv[1])))
        queue.submit(small(epochs=1000, learning_rate=0.0001))
        threading.Event().wait()
        """
    )
    home = tmp_path / "home"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(home)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: any(run.best_epoch for run in _runs(home)), seconds=180)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    later = Library(home)
    (run,) = later.runs()
    assert run.state is State.INTERRUPTED
    assert run.sentence.startswith(f"Interrupted after epoch {run.epochs_done}: ")
    assert run.sentence.endswith(f"The best checkpoint, of epoch {run.best_epoch}, is kept.")
    model = keras.models.load_model(later.file(run.id, "best.keras"))
    assert np.isfinite(model.predict(parts(run.settings).test_images, verbose=0)).all()
    assert len(later.epochs(run.id)) == run.epochs_done
    later.close()


def _runs(home: Path) -> list[Run]:
    """What another process sees, which does not write; nothing before the tables are made."""
    try:
        return Reader(home, time.time).runs()
    except LearnscopeError:
        return []
