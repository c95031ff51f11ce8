"""Processes that train or save until they are killed, and that tell where they were just then.

They are forked from a server that has imported TensorFlow and run nothing of it, so that each is
there in a moment; each has its own Keras state and its own threads.
"""

from __future__ import annotations

import functools
import mmap
import multiprocessing
import os
import signal
import struct
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.core.turning import At

PLACES = ("preparing", "training", "ending", "state", "database", "checkpoint")
"""Where a process can be; the first three exclude each other, the others are other threads."""
_EPOCH = struct.Struct("<I")


class Gauge:
    """A page of memory that a process writes into and that is read when it is dead."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(64))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 64)

    def enter(self, place: str) -> None:
        """Be somewhere, besides."""
        self._memory[PLACES.index(place)] = 1

    def leave(self, place: str) -> None:
        """Be there no more."""
        self._memory[PLACES.index(place)] = 0

    def clear(self) -> None:
        """Be nowhere."""
        self._memory[:] = bytes(64)

    @property
    def places(self) -> list[str]:
        """Where the process is, or was when it died."""
        return [place for number, place in enumerate(PLACES) if self._memory[number]]

    @property
    def epoch(self) -> int:
        """The last epoch that has ended for whoever looks on."""
        return int(_EPOCH.unpack_from(self._memory, 32)[0])

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        _EPOCH.pack_into(self._memory, 32, epoch)

    def around(self, place: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, during which the process is there."""

        @functools.wraps(function)
        def noted(*arguments: Any, **options: Any) -> Any:
            self.enter(place)
            try:
                return function(*arguments, **options)
            finally:
                self.leave(place)

        return noted


def process(target: Callable[..., None], *arguments: object) -> ForkServerProcess:
    """Begin a process in which the target is called."""
    context = multiprocessing.get_context("forkserver")
    # TensorFlow brings an SQLite of its own, which a later import of sqlite3 would be bound to.
    context.set_forkserver_preload(
        ["sqlite3", "tensorflow", "keras", "h5py", "core.fitting.one_run"]
    )
    begun = context.Process(target=target, args=arguments, daemon=True)
    begun.start()
    return begun


def train(
    home: Path,
    changes: dict[str, Any],
    ahead: float,
    pause: float,
    gauge_file: Path,
    final: Path,
) -> None:
    """Begin a run, or go on with the one that was cut off, to its end.

    Parameters
    ----------
    home : Path
    changes : dict
        Of the small settings.
    ahead : float
        How far the clock goes ahead, in seconds: what was killed gives no signs of life then.
    pause : float
        Seconds between two states.
    gauge_file : Path
    final : Path
        Gets the state of the training at the end of the last epoch.
    """
    import core.fitting.epoch_ends
    from core.fitting.checkpoints import CheckpointWriter
    from core.fitting.epoch_ends import EpochEnds
    from core.fitting.fit import Fit
    from core.fitting.one_run import train_run
    from core.fitting.progress import ProgressBoard, StopRequest
    from core.fitting.training_state import captured
    from core.keras_state import keep_keras_state
    from core.learning.curves import GrowingCurves
    from core.library.records import Epoch
    from core.library.state_file import write_state
    from core.library.writer import Writer
    from core.runs import Library
    from tests.core.small import small

    keep_keras_state()
    gauge, settings = Gauge(gauge_file), small(**changes)
    Library.place_state = gauge.around("state", Library.place_state)
    Writer._transaction = gauge.around("database", Writer._transaction)
    CheckpointWriter.save = gauge.around("checkpoint", CheckpointWriter.save)
    add_epoch, run_fit, hand_over = GrowingCurves.add_epoch, Fit.run, EpochEnds.hand_over

    def noted_epoch(curves: GrowingCurves, epoch: Epoch) -> None:
        add_epoch(curves, epoch)
        gauge.epoch = epoch.epoch

    def noted_fit(fit: Fit, *arguments: Any) -> None:
        gauge.leave("preparing")
        gauge.around("training", run_fit)(fit, *arguments)
        gauge.enter("ending")

    def noted_end(ends: EpochEnds, steps: int, *network: Any) -> None:
        if gauge.epoch == settings.optimisation.epochs:
            write_state(captured(gauge.epoch, *network, []), final)
        hand_over(ends, steps, *network)

    GrowingCurves.add_epoch, Fit.run, EpochEnds.hand_over = noted_epoch, noted_fit, noted_end
    core.fitting.epoch_ends.STATE_SECONDS = pause
    library = Library(home, clock=lambda: time.time() + ahead)
    gauge.enter("preparing")
    cut_off = [run.id for run in library.runs() if run.goes_on_after is not None]
    before = library.wait_again(cut_off[0]) if cut_off else None
    run_id = cut_off[0] if cut_off else library.create(settings).id
    train_run(library, run_id, ProgressBoard("Waiting"), StopRequest(), before)
    library.close()
    gauge.clear()


def turn(home: Path, at: At, death: int | None, ahead: float) -> None:
    """Begin a run of five small epochs, or go on with it, and turn its knobs, until it dies.

    One step is made a call, and after each epoch its state is stored.

    Parameters
    ----------
    home : Path
    at : mapping of int to mapping
        Which knobs are turned after so many steps of the run, and to what.
    death : int or None
        The process kills itself after so many steps; with 0 as soon as a change is on record, ahead
        of its being in force; with None it lives.
    ahead : float
        How far the clock goes ahead, in seconds.
    """
    import core.fitting.epoch_ends
    import core.fitting.fit
    from core.fitting.one_run import train_run
    from core.keras_state import keep_keras_state
    from core.runs import Library
    from tests.core.small import small
    from tests.core.turning import TurnAt

    class Board(TurnAt):
        def made(self) -> None:
            super().made()
            if death and self._curves.steps >= death:
                os.kill(os.getpid(), signal.SIGKILL)

    record_change = Library.record_change

    def recorded(*arguments: Any) -> None:
        record_change(*arguments)
        if death == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    keep_keras_state()
    Library.record_change = recorded
    core.fitting.fit._CALL_SECONDS = core.fitting.epoch_ends.STATE_SECONDS = 0.0
    library, board = Library(home, clock=lambda: time.time() + ahead), Board(at)
    cut_off = [run.id for run in library.runs() if run.goes_on_after is not None]
    before = library.wait_again(cut_off[0]) if cut_off else None
    settings = small(dropout_dense=0.2, noise=0.1, optimizer="adamw", epochs=5)
    run_id = cut_off[0] if cut_off else library.create(settings).id
    train_run(library, run_id, board, board.stop, before, board.turns)
    library.close()


def save(home: Path, run_id: str, prepared: Path, at: int, names: Path) -> None:
    """Take a run up again, save an epoch and its best, and end it; die at one of the writes.

    Parameters
    ----------
    home : Path
        Of the library, in which the run was cut off.
    run_id : str
    prepared : Path
        A folder with what a training would have made: ``epoch.pickle`` with the arguments of
        ``Library.record_epoch``, ``state.bin``, ``network.npz`` and ``best.keras``.
    at : int
        The number of the write; 0 for none.
    names : Path
        Gets what each write was.
    """
    import pickle
    import shutil

    from core.fitting.checkpoints import check_archive
    from core.fitting.epoch_writer import EpochWriter
    from core.library.checkpoint_file import told_by
    from core.library.kept_epochs import check_network, kept_file
    from core.library.state_file import read_state
    from core.runs import Library, State
    from tests.core.kill_points import KillPoints

    epoch, losses, accuracies = pickle.loads((prepared / "epoch.pickle").read_bytes())
    state, best = read_state(prepared / "state.bin"), prepared / "best.keras"
    told = told_by(best)
    KillPoints(at, names).arm()
    library = Library(home)
    library.wait_again(run_id)
    library.start(run_id)
    library.go_on(run_id, state.epoch - 1, "Resumed.")
    network = (prepared / "network.npz").read_bytes()

    def write_network(path: Path) -> None:
        with path.open("wb", buffering=0) as file:
            file.write(memoryview(network))

    def place(*functions: Any) -> Any:
        files = {kept_file(state.epoch): (write_network, check_network)}
        library.store_together(run_id, files)
        return library.place_state(run_id, *functions)

    writer = EpochWriter(place)
    writer.give(functools.partial(library.record_epoch, run_id, epoch, losses, accuracies), state)
    writer.close()
    for filename in ("best.keras", "last.keras"):

        def write(path: Path) -> None:
            with path.open("wb", buffering=0) as file:
                file.write(memoryview(best.read_bytes()))

        library.store_file(run_id, filename, write, check_archive)
        if filename == "best.keras" and told is not None:
            library.record_best(run_id, *told)
            library.flush()
    library.finish(run_id, State.FINISHED, "Finished.", 0.5, 0.5, 300)
    library.close()
    shutil.copy(best, names.with_suffix(".end"))


def log_epochs(home: Path, at: int, names: Path) -> None:
    """Put five epochs of a run on record, and its end; die at one of the writes.

    Parameters
    ----------
    home : Path
        Of a library; made, with its run, before the writes count.
    at : int
        The number of the write; 0 for none.
    names : Path
        Gets what each write was, and "given" for each epoch that was given to the library.
    """
    import core.library.recording
    from core.runs import Library, State
    from core.settings import Settings
    from tests.core.kill_points import KillPoints
    from tests.core.test_epoch_log import record

    core.library.recording.WITHIN = 3600.0
    library = Library(home)
    run_id = library.create(Settings()).id
    library.start(run_id)
    library.flush()
    points = KillPoints(at, names)
    points.arm()
    for number in range(1, 6):
        record(library, run_id, number)
        points.note("given")
        if number == 3:
            library.flush()
    library.finish(run_id, State.FINISHED, "Finished.")
    library.close()
