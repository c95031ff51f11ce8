"""Runs small enough for tests: a hundred digits, a network that traces in a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from core.data import Splits, load, split
from core.fitting.one_run import train_run
from core.fitting.progress import ProgressBoard, StopRequest
from core.runs import Library, Run
from core.settings import Settings, Value, from_mapping

SMALL: dict[str, Value] = {
    "dataset": "digits",
    "training_images": 100,
    "blocks": 1,
    "filters": 4,
    "dense_units": 16,
    "batch_size": 32,
    "epochs": 3,
    "learning_rate": 0.01,
}
"""Four steps an epoch, of which the last has four images."""


def small(**changes: Value) -> Settings:
    """Small settings, with some of them changed."""
    return from_mapping(SMALL | changes)


def parts(settings: Settings) -> Splits:
    """The data of a run with these settings."""
    return split(load(settings.data.dataset), settings.data, settings.optimisation.seed)


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for something that another thread or process brings about."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("It did not come about.")
        time.sleep(0.002)


def train(
    library: Library,
    settings: Settings,
    stop: StopRequest | None = None,
    board: ProgressBoard | None = None,
) -> Run:
    """Train a run of the library here and now; its record afterwards."""
    run_id = library.create(settings).id
    train_run(library, run_id, board or ProgressBoard("Waiting"), stop or StopRequest())
    library.flush()
    return library.run(run_id)


def evaluated(path: Path, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Data loss and accuracy of a checkpoint, by Keras alone."""
    model = keras.models.load_model(path)
    loss, accuracy = model.evaluate(images, labels, verbose=0)
    return loss - float(sum(model.losses)), accuracy
