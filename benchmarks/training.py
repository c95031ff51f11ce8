"""Training through the app's own path, against the plain script that a person would write.

`python -m benchmarks.training [pairs]` from the project's folder. Ours is all of it: the queue's
thread, the callbacks, a library on the disk, checkpoints, the final test, and a reader that asks
for the progress and makes both charts' data twice a second. The script compiles and fits the same
network, written with Keras's own layers, on the same images for as many epochs, and neither draws,
nor stores, nor evaluates the training part or the test part. Both take turns in one process in
which TensorFlow is warm; figures are medians. Exit status 1 if two runs of one seed differ.
"""

from __future__ import annotations

import logging
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import keras

from core import warmup
from core.data import Splits, load, split
from core.figures.curves import accuracy_curves, loss_curves
from core.runs import Library, State
from core.settings import DataSettings, Settings
from core.training import TrainingQueue
from pages.shared.live_chart import chart_message

PAIRS = 7
ALLOWED = 1.0
WANTED = 0.8


class Times(NamedTuple):
    """Seconds: all in all, building and tracing included, and of an epoch after the first.

    `processor` is the time of all cores together, in which other programs count for little.
    """

    total: float
    epoch: float
    processor: float


class EpochClock(keras.callbacks.Callback):
    """Notes when each epoch ended."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.ends.append(time.perf_counter())

    @property
    def later_epoch(self) -> float:
        """Seconds of an epoch, without the first."""
        return (self.ends[-1] - self.ends[0]) / (len(self.ends) - 1)


def script(settings: Settings, parts: Splits) -> Times:
    """What a person would write for the default settings."""
    begin, processor = time.perf_counter(), time.process_time()
    keras.utils.set_random_seed(settings.optimisation.seed)
    model = keras.Sequential(
        [
            keras.Input(parts.training_images.shape[1:]),
            keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(len(parts.class_names), activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    clock = EpochClock()
    model.fit(
        parts.training_images,
        parts.training_labels,
        batch_size=settings.optimisation.batch_size,
        epochs=settings.optimisation.epochs,
        validation_data=(parts.validation_images, parts.validation_labels),
        callbacks=[clock],
        verbose=0,
    )
    total = time.perf_counter() - begin
    return Times(total, clock.later_epoch, time.process_time() - processor)


def app(settings: Settings, queue: TrainingQueue, library: Library) -> Times:
    """The same through the queue, while a page looks on."""
    begin, processor = time.perf_counter(), time.process_time()
    run_id = queue.submit(settings)
    ended = threading.Event()
    with ThreadPoolExecutor(1) as pages:
        page = pages.submit(look_on, queue, run_id, ended)
        queue.wait(run_id)
        total = time.perf_counter() - begin
        processor = time.process_time() - processor
        ended.set()
        page.result()
    run, epochs = library.run(run_id), library.epochs(run_id)
    if run.state is not State.FINISHED:
        raise RuntimeError(run.sentence)
    later_epoch = (epochs[-1].seconds - epochs[0].seconds) / (len(epochs) - 1)
    return Times(total, later_epoch, processor)


def look_on(queue: TrainingQueue, run_id: str, ended: threading.Event) -> None:
    """What a page does: twice a second, both charts as they go to the browser."""
    while not ended.wait(0.5):
        progress = queue.progress(run_id)
        if progress is not None and progress.curves is not None:
            for chart in (loss_curves, accuracy_curves):
                chart_message(chart(progress.curves, progress.epochs, 400), "", 400, "")


def compare(dataset: str, pairs: int, home: Path) -> float:
    """Measure one data set, print, and return the ratio of the whole times."""
    images = {"mnist-5k": 1000, "digits": 1000}[dataset]
    settings = Settings(data=DataSettings(dataset, training_images=images))
    parts = split(load(dataset), settings.data, settings.optimisation.seed)
    library = Library(home / dataset)
    queue = TrainingQueue(library)
    ours, theirs = [], []
    for number in range(pairs + 1):
        # Whoever comes first may find the machine in another state, so they take turns in that.
        if number % 2:
            theirs.append(script(settings, parts))
            ours.append(app(settings, queue, library))
        else:
            ours.append(app(settings, queue, library))
            theirs.append(script(settings, parts))
    last = {library.epochs(run.id)[-1].validation_loss for run in library.runs()}
    queue.close()
    library.close()
    if len(last) > 1:
        sys.exit(f"Runs of one seed ended at different validation losses: {sorted(last)}")
    return report(dataset, settings, ours[1:], theirs[1:])


def report(dataset: str, settings: Settings, ours: list[Times], theirs: list[Times]) -> float:
    """Print medians; the first pair has been left out, for it warms the caches."""
    print(f"{dataset}, {settings.optimisation.epochs} epochs, median of {len(ours)} pairs")
    print("                         app   script    ratio of pairs: median (least to most)")
    ratios = {}
    for name, unit, factor in (("total", "s ", 1), ("epoch", "ms", 1000), ("processor", "s ", 1)):
        mine = [getattr(times, name) * factor for times in ours]
        other = [getattr(times, name) * factor for times in theirs]
        pairs = sorted(a / b for a, b in zip(mine, other, strict=True))
        ratios[name] = statistics.median(pairs)
        print(
            f"  {name:9} {unit}   {statistics.median(mine):10.2f} {statistics.median(other):8.2f}"
            f"    {ratios[name]:.2f} ({pairs[0]:.2f} to {pairs[-1]:.2f})"
        )
    return ratios["total"]


def main() -> None:
    """Measure both built-in data sets."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    logging.basicConfig(level=logging.WARNING)
    warmup.wait()
    with tempfile.TemporaryDirectory() as home:
        worst = max(compare(dataset, pairs, Path(home)) for dataset in ("mnist-5k", "digits"))
    print(f"ratio of the whole times: {worst:.2f}    (allowed: {ALLOWED:g}, wanted: {WANTED:g})")


if __name__ == "__main__":
    main()
