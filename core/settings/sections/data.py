"""The controls of the data: which images, how many, how many labels wrong."""

from __future__ import annotations

from collections.abc import Mapping

from core.settings.control import Control
from core.settings.parts import Value

DATASETS: Mapping[Value, str] = {
    "mnist-5k": "MNIST (5,000 images, built in)",
    "digits": "Digits 8x8 (built in)",
    "fashion-mnist": "Fashion-MNIST",
    "mnist": "MNIST (full)",
    "cifar10": "CIFAR-10",
}

DATA: tuple[Control, ...] = (
    Control(
        "dataset",
        "data",
        "Data set",
        "The labelled images that the network learns to tell apart. The built-in sets need no "
        "internet connection.",
        choices=tuple(DATASETS),
        words=DATASETS,
    ),
    Control(
        "training_images",
        "data",
        "Training images",
        "How many images the network may learn from. Few images are easy to learn by heart: "
        "overfitting shows soonest here.",
        low=50,
        high=60000,
        step=50,
    ),
    Control(
        "wrong_labels",
        "data",
        "Wrong labels",
        "The share of training labels replaced by a wrong class. A network that gets these "
        "right has memorised them, for there is nothing in them to understand.",
        low=0.0,
        high=0.9,
        step=0.05,
    ),
)
