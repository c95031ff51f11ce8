"""What keeping a run costs: training with the whole store, and with one that keeps nothing.

`python -m benchmarks.store [pairs]` from the project's folder. With the store, all is kept that the
app keeps: each epoch's record and the state of the training at its end, flushed to the disk; the
best and the last checkpoint; kernels and how they move; the predictions. Without it, the same
network is trained on the same images, scored after each epoch and tested at the end, and nothing
is written, copied or measured for the sake of being written. Both take turns in one process in
which TensorFlow is warm. Figures are medians of pairs; the first pair is left out.

On a machine with other work the pairs differ by more than what is looked for. So it is also added
up what the store's own threads and calls take of the processor in a run, and how long the training
waits for them.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import core.fitting.listeners
import core.fitting.one_run
import core.library.writer
from core import warmup
from core.fitting.callbacks import Best
from core.fitting.one_run import train_run
from core.fitting.progress import ProgressBoard, StopRequest
from core.runs import Library, Run, State
from core.settings import DataSettings, Settings

PAIRS = 15
ALLOWED = 1.02


class Times(NamedTuple):
    """Seconds: as a clock counts them, and of all cores together."""

    total: float
    processor: float


class Nothing:
    """In the place of a library, a checkpoint writer and an epoch writer: keeps nothing."""

    def __init__(self, *_: object) -> None:
        self.trouble, self.lost = "", {}
        self.stored: Best | None = None
        self.ended: State | None = None

    def run(self, run_id: str) -> Run:
        """The record of a run, which is nowhere on record."""
        return Run(run_id, "", 0.0, State.RUNNING, SETTINGS[run_id])

    def give(self, best: Best, *_: object) -> None:
        """What is the best is remembered, for it is tested."""
        self.stored = best

    def finish(self, run_id: str, state: State, sentence: str, *_: object) -> None:
        """The end."""
        self.ended = state

    def save(self, *_: object) -> bool:
        """All is well."""
        return True

    def save_file(self, *_: object) -> str:
        """No trouble."""
        return ""

    def events(self, run_id: str) -> list[object]:
        """None."""
        return []

    def ignore(self, *_: object, **__: object) -> None:
        """Whatever else is told."""

    start = flush = record_epoch = record_event = record_best = place_state = store_file = ignore
    hold = give_file = wait = close = hand_over = record = best = ignore


class NoKernels(core.fitting.listeners.KernelRecorder):
    """Does not look at the kernels."""

    def on_train_begin(self, logs: object = None) -> None:
        """Nothing."""

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Nothing."""


SETTINGS = {
    dataset: Settings(data=DataSettings(dataset, training_images=1000))
    for dataset in ("mnist-5k", "digits")
}


@contextlib.contextmanager
def nothing_is_kept() -> Iterator[None]:
    """What listens to the training writes nothing, and copies nothing for it."""
    stand_ins: dict[str, Any] = {
        "CheckpointWriter": Nothing,
        "EpochWriter": Nothing,
        "EpochEnds": _Ends,
        "KernelRecorder": NoKernels,
    }
    with mock.patch.multiple(core.fitting.listeners, **stand_ins):
        yield


class _Ends(Nothing):
    """Hands a new best on, for it is tested, and no state."""

    makes_again = False

    def __init__(self, _: object, better: Any, *__: object) -> None:
        super().__init__()
        self.best = better


def without(dataset: str) -> Times:
    """Train, and keep nothing."""
    library = Nothing()
    with nothing_is_kept():
        times = timed(library, dataset)
    if library.ended is not State.FINISHED:
        raise RuntimeError("The run without a store did not come to its end.")
    return times


def kept(dataset: str, library: Library) -> Times:
    """Train, and keep all of it."""
    run_id = library.create(SETTINGS[dataset]).id
    times = timed(library, run_id)
    run = library.run(run_id)
    if run.state is not State.FINISHED:
        raise RuntimeError(run.sentence)
    return times


def timed(library: Any, run_id: str) -> Times:
    """Train a run to its end."""
    gc.collect()
    begin, processor = time.perf_counter(), time.process_time()
    train_run(library, run_id, ProgressBoard("Waiting"), StopRequest())
    return Times(time.perf_counter() - begin, time.process_time() - processor)


class Account:
    """Adds up the time within some functions; of one that calls another, that of the outer one."""

    def __init__(self) -> None:
        self.total = self.processor = 0.0
        self._here = threading.local()

    def of(self, owner: object, name: str) -> contextlib.AbstractContextManager[object]:
        """Have calls of a function counted, in a ``with`` block."""
        function = getattr(owner, name)

        def counted(*arguments: Any, **more: Any) -> Any:
            if getattr(self._here, "counting", False):
                return function(*arguments, **more)
            began, worked = time.perf_counter(), time.thread_time()
            self._here.counting = True
            try:
                return function(*arguments, **more)
            finally:
                self._here.counting = False
                self.total += time.perf_counter() - began
                self.processor += time.thread_time() - worked

        return mock.patch.object(owner, name, counted)


IN_THE_TRAINING = (
    (core.fitting.one_run, "form_between_steps"),
    (core.fitting.listeners.KernelRecorder, "on_train_begin"),
    (core.fitting.listeners.KernelRecorder, "on_epoch_end"),
    (core.fitting.listeners.EpochEnds, "hand_over"),
    (core.fitting.listeners.Listeners, "close"),
    (Library, "start"),
    (Library, "record_event"),
    (Library, "finish"),
)
BESIDE_IT = (
    (core.fitting.listeners.EpochWriter, "_work"),
    (core.fitting.listeners.CheckpointWriter, "_work"),
    (core.fitting.listeners.CheckpointWriter, "save_file"),
    (core.library.writer.Writer, "_work"),
)


def account(dataset: str, home: Path) -> None:
    """Print what the store takes in the second of two runs; the first has Keras write its form."""
    for name in ("first", "second"):
        inside, beside = Account(), Account()
        with contextlib.ExitStack() as counting:
            for counted, functions in ((inside, IN_THE_TRAINING), (beside, BESIDE_IT)):
                for owner, function in functions:
                    counting.enter_context(counted.of(owner, function))
            library = Library(home / f"{dataset} {name}")
            times = kept(dataset, library)
            library.close()
    print(
        f"{dataset}: of {times.processor:.2f} s of the processor the store takes "
        f"{inside.processor / times.processor:.2%} in the training's thread and "
        f"{beside.processor / times.processor:.2%} beside it; of {times.total:.2f} s the training "
        f"spends {inside.total / times.total:.2%} in it"
    )


def compare(dataset: str, pairs: int, home: Path) -> float:
    """Measure one data set, print, and return the ratio of the whole times."""
    library = Library(home / dataset)
    with_store, without_store = [], []
    for number in range(pairs + 1):
        # Whoever comes first may find the machine in another state, so they take turns in that.
        if number % 2:
            without_store.append(without(dataset))
            with_store.append(kept(dataset, library))
        else:
            with_store.append(kept(dataset, library))
            without_store.append(without(dataset))
    library.close()
    return report(dataset, with_store[1:], without_store[1:])


def report(dataset: str, with_store: list[Times], without_store: list[Times]) -> float:
    """Print medians, and return the ratio of the whole times."""
    print(f"{dataset}, {SETTINGS[dataset].optimisation.epochs} epochs, {len(with_store)} pairs")
    print("                     kept  nothing    of medians    of pairs: median (middle half)")
    ratios = {}
    for name in Times._fields:
        mine = [getattr(times, name) for times in with_store]
        other = [getattr(times, name) for times in without_store]
        pairs = [a / b for a, b in zip(mine, other, strict=True)]
        low, middle, high = statistics.quantiles(pairs, n=4)
        ratios[name] = statistics.median(mine) / statistics.median(other)
        print(
            f"  {name:9} s   {statistics.median(mine):8.2f} {statistics.median(other):8.2f}"
            f"         {ratios[name]:.3f}    {middle:.3f} ({low:.3f} to {high:.3f})"
        )
    return ratios["total"]


def main() -> None:
    """Measure both built-in data sets."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    logging.basicConfig(level=logging.WARNING)
    warmup.wait()
    with tempfile.TemporaryDirectory() as home:
        for dataset in SETTINGS:
            account(dataset, Path(home))
        worst = max(compare(dataset, pairs, Path(home)) for dataset in SETTINGS)
    print(f"ratio of the whole times: {worst:.3f}    (allowed: {ALLOWED:g})")


if __name__ == "__main__":
    main()
