"""What is known of every data set before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import LearnscopeError
from core.settings import DATASETS


@dataclass(frozen=True)
class DataFacts:
    """What is known of a data set before anything is loaded.

    Attributes
    ----------
    key, title : str
        Its name in the settings, and on the page.
    image_shape : tuple of int
        Rows, columns, channels.
    class_names : tuple of str
        In the order of the labels.
    training_limit : int
        The most images that training can have.
    validation_images, test_images : int
        The sizes of the other two parts, whatever training takes.
    built_in : bool
        Whether it needs no network, ever.
    value_range_raw : tuple of float
        The lowest and highest pixel value as published, before scaling to [0, 1].
    """

    key: str
    title: str
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    training_limit: int
    validation_images: int
    test_images: int
    built_in: bool
    value_range_raw: tuple[float, float] = (0.0, 255.0)


_DIGITS = tuple("0123456789")
_CLOTHES = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
]
_THINGS = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]

FACTS: Mapping[str, DataFacts] = {
    key: DataFacts(key, str(DATASETS[key]), shape, tuple(names), limit, held, test, built_in, raw)
    for key, shape, names, limit, held, test, built_in, raw in (
        ("mnist-5k", (28, 28, 1), _DIGITS, 3000, 1000, 1000, True, (0.0, 255.0)),
        ("digits", (8, 8, 1), _DIGITS, 1197, 300, 300, True, (0.0, 16.0)),
        ("fashion-mnist", (28, 28, 1), _CLOTHES, 55000, 5000, 10000, False, (0.0, 255.0)),
        ("mnist", (28, 28, 1), _DIGITS, 55000, 5000, 10000, False, (0.0, 255.0)),
        ("cifar10", (32, 32, 3), _THINGS, 45000, 5000, 10000, False, (0.0, 255.0)),
    )
}


def facts(dataset: str) -> DataFacts:
    """What is known of a data set without loading it.

    Raises
    ------
    LearnscopeError
        If there is no data set of that name.
    """
    if dataset not in FACTS:
        raise LearnscopeError(
            f"Data set: expected one of {', '.join(FACTS)}. Received: dataset={dataset}."
        )
    return FACTS[dataset]
