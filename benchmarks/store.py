"""What keeping a run costs: training with the whole store, and with one that keeps nothing.

`python -m benchmarks.store [runs]` from the project's folder. With the store, all is kept that the
app keeps: each epoch's record, at once in the run's log and within a second flushed to the disk;
now and then the state of the training, the best checkpoint and the whole network; kernels and how
they move; at the end both checkpoints and the predictions. Without it, the same network is trained
on the same images, scored after each epoch and tested at the end, and nothing is written, copied or
measured for the sake of being written.

Two whole runs differ by more than what is looked for, on a machine with other work. So epochs are
compared within one run: for some seconds what they leave is kept, then for some seconds it is not,
and an epoch's time goes from its own end to that of the next, beside which the store's threads
write. (A state whose time has come in a stretch that is not kept is passed over. A checkpoint that
waits for its pause is written in any case; pauses keep these to a four-hundredth of the time.) Each
two stretches that follow each other give a ratio. What a run does before the end of its first epoch
and after that of its last comes from whole runs of both kinds, in turns.
"""

from __future__ import annotations

import gc
import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from benchmarks._store_stand_ins import (
    NoKernels,
    NoLibrary,
    SomeEnds,
    SomeKernels,
    SomeNetworks,
    Turns,
    nothing_is_kept,
    some_epochs_are_kept,
)
from core import warmup
from core.fitting.one_run import train_run
from core.fitting.progress import ProgressBoard, StopRequest
from core.runs import Library, State
from core.settings import DataSettings, OptimisationSettings, Settings

RUNS = 16
ALLOWED = 1.02
CUT = 0.1
"""Share of the pairs that is left out at either end: meanwhile the machine did something else."""

EPOCHS = 30
"""Of the run whose ratio is told, as by default."""
SETTINGS = {
    dataset: Settings(
        data=DataSettings(dataset, training_images=1000),
        optimisation=OptimisationSettings(epochs=epochs),
    )
    # Thirty epochs of digits take less time than a turn.
    for dataset, epochs in (("mnist-5k", EPOCHS), ("digits", 5 * EPOCHS))
}


class Times(NamedTuple):
    """Seconds of one run: of an epoch that is kept and one beside it that is not, and the rest."""

    pairs: list[tuple[float, float]]
    besides: float


def without(dataset: str) -> Times:
    """Train, and keep nothing."""
    library = NoLibrary(SETTINGS[dataset])
    with nothing_is_kept():
        times = timed(library, dataset, dataset, first=True)
    if library.ended is not State.FINISHED:
        raise RuntimeError("The run without a store did not come to its end.")
    return times


def kept(dataset: str, library: Library, first: bool) -> Times:
    """Train, and keep what epochs leave, by turns."""
    run_id = library.create(SETTINGS[dataset]).id
    with some_epochs_are_kept():
        times = timed(library, run_id, dataset, first)
    run = library.run(run_id)
    if run.state is not State.FINISHED:
        raise RuntimeError(run.sentence)
    return times


def timed(library: Any, run_id: str, dataset: str, first: bool) -> Times:
    """Train a run to its end."""
    turns = Turns(SETTINGS[dataset].optimisation.epochs, first)
    for listener in (NoKernels, SomeKernels, SomeNetworks, SomeEnds):
        listener.turns = turns
    gc.collect()
    begin = time.perf_counter()
    train_run(library, run_id, ProgressBoard("Waiting"), StopRequest())
    total = time.perf_counter() - begin
    return Times(_pairs(turns.stretches), total - turns.between)


def _pairs(stretches: list[tuple[bool, list[float]]]) -> list[tuple[float, float]]:
    """The mean epochs of each two stretches that follow each other: kept, not kept."""
    means = [(keeps, statistics.mean(seconds)) for keeps, seconds in stretches if seconds]
    pairs = []
    for (keeps, one), (_, other) in zip(means[::2], means[1::2], strict=False):
        pairs.append((one, other) if keeps else (other, one))
    return pairs


def compare(dataset: str, runs: int, home: Path) -> float:
    """Measure one data set, print, and return the ratio of the whole times."""
    library = Library(home / dataset)
    with_store, without_store = [], []
    for number in range(runs + 1):
        # Whoever comes first may find the machine in another state, so they take turns in that.
        if number % 2:
            without_store.append(without(dataset))
            with_store.append(kept(dataset, library, first=number % 4 == 1))
        else:
            with_store.append(kept(dataset, library, first=number % 4 == 0))
            without_store.append(without(dataset))
    library.close()
    return report(dataset, with_store[1:], without_store[1:])


def report(dataset: str, with_store: list[Times], without_store: list[Times]) -> float:
    """Print means of epochs and medians of the rest, and return the ratio of the whole times."""
    pairs = np.array([pair for times in with_store for pair in times.pairs])
    passed_over = float(stats.trim_mean(pairs[:, 1], CUT))
    besides = [
        statistics.median(times.besides for times in runs) for runs in (with_store, without_store)
    ]
    more = (EPOCHS - 1) * passed_over

    def whole(ratios: Any, axis: int = -1) -> Any:
        ratio = np.exp(stats.trim_mean(np.log(ratios), CUT, axis=axis))
        return (besides[0] + more * ratio) / (besides[1] + more)

    ratios = pairs[:, 0] / pairs[:, 1]
    sure = stats.bootstrap((ratios,), whole, method="percentile", rng=0).confidence_interval
    ratio = float(whole(ratios))
    epoch = float(np.exp(stats.trim_mean(np.log(ratios), CUT)))
    print(
        f"{dataset}: {EPOCHS} epochs, {len(with_store)} runs, {len(pairs)} pairs of stretches\n"
        f"  an epoch that is not kept {passed_over * 1e3:.1f} ms, one that is {epoch:.3f} of that\n"
        f"  besides, in a run {besides[0] * 1e3:.0f} ms, where nothing is kept "
        f"{besides[1] * 1e3:.0f} ms\n"
        f"  a whole run {ratio:.3f} (95 % of resampled pairs: {sure.low:.3f} to {sure.high:.3f})"
    )
    return ratio


def main() -> None:
    """Measure both built-in data sets."""
    runs = max(2, int(sys.argv[1])) if len(sys.argv) > 1 else RUNS
    logging.basicConfig(level=logging.WARNING)
    warmup.wait()
    with tempfile.TemporaryDirectory() as home:
        worst = max(compare(dataset, runs, Path(home)) for dataset in SETTINGS)
    print(f"ratio of the whole times: {worst:.3f}    (allowed: {ALLOWED:g})")


if __name__ == "__main__":
    main()
