"""`kill -9` at random moments of a training: nothing that has ended is lost, and it goes on."""

from __future__ import annotations

import hashlib
import math
import os
import random
import signal
import sqlite3
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from core.fitting.epoch_ends import STATE_SECONDS
from core.inside.kernel_history import KERNELS_FILE, read_kernel_history
from core.library.checkpoint_file import told_by
from core.library.kept_epochs import kept_epochs, kept_file, read_network
from core.library.state_file import read_state
from core.runs import STALE, Epoch, Library, Run, State
from tests.core.killed import Gauge, process, train
from tests.core.small import until
from tests.core.test_resume import same_bits, weights_in, without_seconds

KILLS = 40
SEED = 20261124
CHANGES = {
    "training_images": 800,
    "epochs": 24,
    "dropout_dense": 0.5,
    "dropout_convolution": 0.2,
    "batch_normalization": True,
    "learning_rate": 0.001,
}
"""Each epoch of 25 steps takes about as long as its save."""
IN_TIME = 300.0


class Trial:
    """A library in which one process after another trains, and is killed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.home, self.final = folder / "home", folder / "final.bin"
        self._gauge_file = folder / "gauge"
        self.gauge = Gauge(self._gauge_file)
        self.ahead = 0.0

    def begin(self, pause: float) -> ForkServerProcess:
        """Another process, that writes a state after so many seconds.

        The signs of life of the one before are too old for it.
        """
        self.ahead += STALE + 1
        self.gauge.clear()
        arguments = self.home, CHANGES, self.ahead, pause, self._gauge_file, self.final
        begun = process(train, *arguments)
        until(lambda: self.gauge.places or not begun.is_alive(), IN_TIME)
        return begun

    def wait_for_an_epoch(self, begun: ForkServerProcess) -> None:
        """Until the process has one more epoch to show, or has ended."""
        until(lambda: self.gauge.epoch or not begun.is_alive(), IN_TIME)

    def later(self) -> Library:
        """The library as it is found once it is clear that nobody lives."""
        return Library(self.home, clock=lambda: time.time() + self.ahead + STALE + 1)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, warm: None) -> Trial:
    """A run that nobody kills."""
    trial = Trial(tmp_path_factory.mktemp("whole") / "trial")
    begun = trial.begin(0.0)
    begun.join(IN_TIME)
    assert begun.exitcode == 0
    return trial


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    yield Trial(tmp_path / "trial")


@pytest.mark.slow
def test_forty_kills_at_random_moments_lose_at_most_an_epoch_and_change_no_bit(
    whole: Trial, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    """One process after another goes on with the run; each is killed at a random moment."""
    chance, hit, kills, finished = random.Random(SEED), Counter(), 0, {}
    reference = whole.later()
    (standard,) = reference.runs()
    course = without_seconds(reference.epochs(standard.id))
    lost, again, there = Counter(), 0, False
    while kills < KILLS:
        # In every other process with a state at each epoch, in the others as it is by default.
        begun = trial.begin(STATE_SECONDS if kills % 2 else 0.0)
        if chance.random() < 0.7:
            trial.wait_for_an_epoch(begun)
            begun.join(chance.uniform(0, 0.3))
        else:
            # While it gets ready, or builds its graphs.
            begun.join(chance.uniform(0, chance.choice([0.1, 0.5])))
        if begun.is_alive():
            os.kill(begun.pid, signal.SIGKILL)
        begun.join(IN_TIME)
        killed = begun.exitcode == -signal.SIGKILL
        assert killed or begun.exitcode == 0
        kills += killed
        hit.update(trial.gauge.places if killed else [])
        library = trial.later()
        if not (there := there or bool(library.runs())):
            # Killed before its run was on record, and before anybody was told of one.
            library.close()
            continue
        newest, *older = library.runs()
        assert {run.id: bytes_of(trial.home, run) for run in older} == finished
        if newest.state is State.FINISHED:
            assert_same_end(library, newest, trial, reference, standard, whole)
            finished[newest.id] = bytes_of(trial.home, newest)
        else:
            # Below what is on record, epochs are made again.
            lost[max(0, trial.gauge.epoch - newest.epochs_done)] += 1
            again += newest.epochs_done > (newest.resume_epoch or 0)
            assert_cut_off_within_the_rules(library, newest, course)
        library.close()
    finish(trial)
    library = trial.later()
    newest, *older = library.runs()
    assert {run.id: bytes_of(trial.home, run) for run in older} == finished
    assert_same_end(library, newest, trial, reference, standard, whole)
    library.close()
    reference.close()
    assert set(lost) <= {0, 1}
    with capsys.disabled():
        sys.stdout.write(
            f"\n{kills} kills, {len(finished) + 1} runs to their end, all alike; hit: {dict(hit)}\n"
            f"epochs that had ended and were lost, in how many kills: {dict(lost)}\n"
            f"epochs are made again that are on record: after {again} kills\n"
        )


def finish(trial: Trial) -> None:
    """Let the last process be."""
    begun = trial.begin(0.0)
    begun.join(IN_TIME)
    assert begun.exitcode == 0


def bytes_of(home: Path, run: Run) -> tuple[Run, dict[str, str]]:
    """A finished run, and the hashes of its files as they are on the disk."""
    with sqlite3.connect(home / "library.sqlite") as connection:
        recorded = dict(
            connection.execute("SELECT name, sha256 FROM files WHERE run = ?", (run.id,))
        )
    connection.close()
    folder = home / "runs" / run.id
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert found == recorded
    return run, found


def assert_cut_off_within_the_rules(library: Library, run: Run, course: list[Epoch]) -> None:
    """Interrupted; its epochs are the first of the whole run; its files are whole."""
    assert run.state is State.INTERRUPTED
    assert run.goes_on_after == (run.resume_epoch or 0) <= run.epochs_done
    assert run.resume_epoch or not run.epochs_done
    assert without_seconds(library.epochs(run.id)) == course[: run.epochs_done]
    assert len(library.batches(run.id).losses) == 25 * run.epochs_done
    if run.resume_epoch:
        assert read_state(library.state_file(run.id)).epoch == run.resume_epoch
        # The replay of the kernels has no gap up to there.
        replay = read_kernel_history(library.file(run.id, KERNELS_FILE)).epochs.tolist()
        assert replay[: run.resume_epoch + 1] == list(range(run.resume_epoch + 1))
        # Nor have the whole networks, of every third epoch.
        kept = [e for e in kept_epochs(library.files(run.id)) if e <= run.resume_epoch]
        assert kept == list(range(0, run.resume_epoch + 1, 3))
        for epoch in kept:
            read_network(library.file(run.id, kept_file(epoch)))
    if run.best_epoch is None:
        return
    best = course[run.best_epoch - 1]
    known = course[: run.resume_epoch or 0]
    assert best.validation_loss <= min((e.validation_loss for e in known), default=math.inf)
    figures = best.epoch, best.validation_loss, best.validation_accuracy
    assert (run.best_epoch, run.best_validation_loss, run.best_validation_accuracy) == figures
    path = library.file(run.id, "best.keras")
    assert told_by(path) == figures
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def assert_same_end(
    library: Library, run: Run, trial: Trial, reference: Library, standard: Run, whole: Trial
) -> None:
    """The run that was killed and the one that was not are the same, bit for bit."""
    assert run.state is State.FINISHED, run.sentence
    assert without_seconds(library.epochs(run.id)) == without_seconds(reference.epochs(standard.id))
    mine, theirs = library.batches(run.id), reference.batches(standard.id)
    assert same_bits([mine.losses, mine.accuracies], [theirs.losses, theirs.accuracies])
    assert trial.final.read_bytes() == whole.final.read_bytes()
    trial.final.unlink()
    for name in ("best.keras", "last.keras"):
        assert same_bits(weights_in(library, run, name), weights_in(reference, standard, name))
    replay, whole_one = (
        read_kernel_history(home.file(which.id, KERNELS_FILE))
        for home, which in ((library, run), (reference, standard))
    )
    assert replay.epochs.tolist() == whole_one.epochs.tolist()
    assert same_bits(list(replay.kernels.values()), list(whole_one.kernels.values()))
    kept = kept_epochs(library.files(run.id))
    assert kept == list(range(0, 25, 3))
    for epoch in kept:
        mine, theirs = (
            read_network(home.file(which.id, kept_file(epoch)))
            for home, which in ((library, run), (reference, standard))
        )
        assert same_bits(list(mine.values()), list(theirs.values()))
    assert (run.best_epoch, run.test_loss) == (standard.best_epoch, standard.test_loss)
