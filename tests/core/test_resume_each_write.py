"""`kill -9` at each write of a save, of Learnscope's own and of SQLite's: all or nothing of it."""

from __future__ import annotations

import math
import pickle
import shutil
import signal
import sys
import time
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import core.fitting.epoch_ends
from core.fitting.training_state import captured
from core.inside.kernel_history import KERNELS_FILE
from core.library.checkpoint_file import WEIGHTS_PART, form_of, tell, told_by
from core.library.kept_epochs import kept_epochs, kept_file
from core.library.state_file import TrainingState, read_state, write_state
from core.runs import STALE, Epoch, Library, State
from core.settings import Settings
from tests.core.killed import process, save
from tests.core.small import small, train
from tests.core.test_resume import same_bits, stopped, without_seconds
from tests.core.test_resume_killed import bytes_of

SETTINGS: Settings = small(epochs=3, dropout_dense=0.5)
EPOCH = 3
"""The one that is saved; it is the best."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A library with a whole run, and a run that was cut off in its third epoch."""

    folder: Path
    whole: str
    cut_off: str
    course: list[Epoch]
    states: list[TrainingState]
    networks: list[bytes]

    @property
    def home(self) -> Path:
        return self.folder / "home"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, warm: None) -> Prepared:
    folder, states = tmp_path_factory.mktemp("prepared"), []
    library = Library(folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.fitting.epoch_ends, "STATE_SECONDS", 0.0)
        patch.setattr(
            core.fitting.epoch_ends,
            "captured",
            lambda *arguments: states.append(captured(*arguments)) or states[-1],
        )
        whole = train(library, SETTINGS)
        patch.setattr(core.fitting.epoch_ends, "captured", captured)
        cut_off = stopped(library, SETTINGS, 10, patch)
    course = library.epochs(whole.id)
    assert whole.best_epoch == EPOCH
    batches = library.batches(whole.id)
    third = course[2], batches.losses[8:], batches.accuracies[8:]
    (folder / "epoch.pickle").write_bytes(pickle.dumps(third))
    write_state(states[2], folder / "state.bin")
    shutil.copy(library.file(whole.id, kept_file(EPOCH)), folder / "network.npz")
    best = folder / "best.keras"
    shutil.copy(library.file(whole.id, "best.keras"), best)
    tell(best, EPOCH, course[2].validation_loss, course[2].validation_accuracy)
    # As a kill leaves it, and not a wish to stop.
    library._change(cut_off.id, "state = 'running', sentence = '', heartbeat = 0")
    library.close()
    networks = [(folder / "home/runs" / whole.id / kept_file(e)).read_bytes() for e in range(4)]
    return Prepared(folder, whole.id, cut_off.id, course, states, networks)


def saved(prepared: Prepared, home: Path, at: int) -> tuple[int | None, list[str]]:
    """How a process ends that saves until it dies at a write, and the writes up to there."""
    shutil.copytree(prepared.home, home)
    names = home.with_suffix(".names")
    begun = process(save, home, prepared.cut_off, prepared.folder, at, names)
    begun.join(120)
    return begun.exitcode, names.read_text().splitlines()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reaches into SQLite as Linux has it")
def test_a_kill_at_each_write_leaves_all_or_nothing_of_it(
    prepared: Prepared, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, writes = saved(prepared, tmp_path / "unharmed", 0)
    assert code == 0
    library = Library(tmp_path / "unharmed")
    assert library.run(prepared.cut_off).state is State.FINISHED
    finished = bytes_of(library.home, library.run(prepared.whole))
    library.close()

    def found_in(home: Path) -> tuple[str, int]:
        library = Library(home, clock=lambda: time.time() + STALE + 1)
        assert bytes_of(home, library.run(prepared.whole)) == finished
        found = assert_all_or_nothing(library, prepared)
        library.close()
        shutil.rmtree(home)
        return found

    with ThreadPoolExecutor(1) as beside:
        looks = []
        for at in range(1, len(writes) + 1):
            home = tmp_path / f"at-{at}"
            code, until_then = saved(prepared, home, at)
            assert (code, until_then) == (-signal.SIGKILL, writes[:at])
            looks.append(beside.submit(found_in, home))
        found = Counter(look.result() for look in looks)
    assert {state for state, _ in found} == {"interrupted", "finished"}
    assert {epochs for _, epochs in found} == {EPOCH - 1, EPOCH}
    with capsys.disabled():
        sys.stdout.write(f"\nkilled at each of {len(writes)} writes: {dict(Counter(writes))}\n")
        for (state, epochs), count in found.items():
            sys.stdout.write(f"after {count} of the kills: {state}, {epochs} whole epochs\n")


def weights_in_place(path: Path) -> list[np.ndarray]:
    """Those in a checkpoint, without a network."""
    form = form_of(path)
    assert form is not None
    content = form.parts[WEIGHTS_PART]
    return [
        np.frombuffer(content, "<f4", math.prod(place.shape), place.first).reshape(place.shape)
        for place in form.places
    ]


def assert_all_or_nothing(library: Library, prepared: Prepared) -> tuple[str, int]:
    """The state of the run that was killed, and how many epochs it has, once all is checked."""
    run = library.run(prepared.cut_off)
    epochs = library.epochs(run.id)
    whole = run.epochs_done
    if run.epochs_done == len(epochs) == EPOCH and epochs[-1].steps < 4 * EPOCH:
        whole -= 1  # Not yet taken up again: the epoch that was cut short is still there.
    assert without_seconds(epochs[:whole]) == without_seconds(prepared.course[:whole])
    path = library.file(run.id, "best.keras")
    best = min(prepared.course[:whole], key=lambda epoch: epoch.validation_loss)
    figures = (best.epoch, best.validation_loss, best.validation_accuracy)
    assert (run.best_epoch, run.best_validation_loss, run.best_validation_accuracy) == figures
    assert told_by(path) == figures
    assert same_bits(weights_in_place(path), prepared.states[best.epoch - 1].best_weights)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    kept = kept_epochs(library.files(run.id))
    assert kept[: whole + 1] == list(range(whole + 1))
    for epoch in range(whole + 1):
        assert library.file(run.id, kept_file(epoch)).read_bytes() == prepared.networks[epoch]
    names = {path.name for path in library.folder(run.id).iterdir()}
    assert not any(name.startswith(".") for name in names)
    if run.state is State.FINISHED:
        networks = map(kept_file, range(EPOCH + 1))
        assert names == {"best.keras", "last.keras", KERNELS_FILE, *networks}
        assert (whole, run.best_epoch, run.goes_on_after) == (EPOCH, EPOCH, None)
    else:
        assert run.state is State.INTERRUPTED
        assert run.goes_on_after == run.resume_epoch == whole
        state = read_state(library.state_file(run.id))
        expected = prepared.states[whole - 1]
        assert state.epoch == expected.epoch
        assert same_bits(state.network + state.optimizer, expected.network + expected.optimizer)
    return run.state.value, whole
