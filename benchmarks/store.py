"""What keeping a run costs: training with the whole store, and with one that keeps nothing.

`python -m benchmarks.store [runs]` from the project's folder. With the store, all is kept that the
app keeps: each epoch's record, at once in the run's log and within a second flushed to the disk;
now and then the state of the training, the best checkpoint and the whole network; kernels and how
they move; at the end both checkpoints and the predictions. Without it, the same network is trained
on the same images, scored after each epoch and tested at the end, and nothing is written, copied or
measured for the sake of being written.

Two whole runs differ by more than what is looked for, on a machine with other work. So epochs are
compared within one run: for some seconds at a time a coin says whether what they leave is kept, and
an epoch's time goes from its own end to that of the next, beside which the store's threads write.
(A state whose time has come then is passed over. A checkpoint that waits for its pause is written
whatever the coin says; pauses keep these to a four-hundredth of the time.) What a run does before
the end of its first epoch and after that of its last comes from whole runs of both kinds, in turns.
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
    Coin,
    NoKernels,
    NoLibrary,
    SomeEnds,
    SomeKernels,
    SomeNetworks,
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
"""Share of the epochs that is left out at either end: meanwhile the machine did something else."""

EPOCHS = 30
"""Of the run whose ratio is told, as by default."""
SETTINGS = {
    dataset: Settings(
        data=DataSettings(dataset, training_images=1000),
        optimisation=OptimisationSettings(epochs=epochs),
    )
    # Thirty epochs of digits take less time than the coin needs to turn.
    for dataset, epochs in (("mnist-5k", EPOCHS), ("digits", 5 * EPOCHS))
}


class Times(NamedTuple):
    """Seconds of one run: between the ends of its epochs, by what is kept, and besides."""

    kept: list[float]
    passed_over: list[float]
    besides: float


def without(dataset: str) -> Times:
    """Train, and keep nothing."""
    library = NoLibrary(SETTINGS[dataset])
    with nothing_is_kept():
        times = timed(library, dataset, dataset)
    if library.ended is not State.FINISHED:
        raise RuntimeError("The run without a store did not come to its end.")
    return times


def kept(dataset: str, library: Library) -> Times:
    """Train, and keep what the coin says."""
    run_id = library.create(SETTINGS[dataset]).id
    with some_epochs_are_kept():
        times = timed(library, run_id, dataset)
    run = library.run(run_id)
    if run.state is not State.FINISHED:
        raise RuntimeError(run.sentence)
    return times


def timed(library: Any, run_id: str, dataset: str) -> Times:
    """Train a run to its end."""
    coin = Coin(SETTINGS[dataset].optimisation.epochs)
    for listener in (NoKernels, SomeKernels, SomeNetworks, SomeEnds):
        listener.coin = coin
    gc.collect()
    begin = time.perf_counter()
    train_run(library, run_id, ProgressBoard("Waiting"), StopRequest())
    total = time.perf_counter() - begin
    return Times(coin.seconds[True], coin.seconds[False], total - coin.between)


def compare(dataset: str, runs: int, home: Path) -> float:
    """Measure one data set, print, and return the ratio of the whole times."""
    library = Library(home / dataset)
    with_store, without_store = [], []
    for number in range(runs + 1):
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
    """Print means of epochs and medians of the rest, and return the ratio of the whole times."""
    kept = np.concatenate([times.kept for times in with_store])
    over = np.concatenate([times.passed_over for times in with_store])
    besides = [
        statistics.median(times.besides for times in runs) for runs in (with_store, without_store)
    ]
    more = EPOCHS - 1

    def whole(kept: Any, over: Any, axis: int = -1) -> Any:
        mine, other = (stats.trim_mean(part, CUT, axis=axis) for part in (kept, over))
        return (besides[0] + more * mine) / (besides[1] + more * other)

    sure = stats.bootstrap((kept, over), whole, method="percentile", rng=0).confidence_interval
    ratio = float(whole(kept, over))
    epochs = [stats.trim_mean(part, CUT) * 1e3 for part in (kept, over)]
    print(
        f"{dataset}: {more + 1} epochs, {len(with_store)} runs\n"
        f"  an epoch that is kept {epochs[0]:.1f} ms ({len(kept)}), that is not {epochs[1]:.1f} ms "
        f"({len(over)}): {epochs[0] / epochs[1]:.3f}\n"
        f"  besides, in a run {besides[0] * 1e3:.0f} ms, where nothing is kept "
        f"{besides[1] * 1e3:.0f} ms\n"
        f"  a whole run {ratio:.3f} (95 % of resampled epochs: {sure.low:.3f} to {sure.high:.3f})"
    )
    return ratio


def main() -> None:
    """Measure both built-in data sets."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    logging.basicConfig(level=logging.WARNING)
    warmup.wait()
    with tempfile.TemporaryDirectory() as home:
        worst = max(compare(dataset, runs, Path(home)) for dataset in SETTINGS)
    print(f"ratio of the whole times: {worst:.3f}    (allowed: {ALLOWED:g})")


if __name__ == "__main__":
    main()
