"""The controls of the network's shape."""

from __future__ import annotations

from core.settings.control import Control

NETWORK: tuple[Control, ...] = (
    Control(
        "blocks",
        "network",
        "Convolution blocks",
        "How often the image passes a convolution and a pooling. Each block sees a larger "
        "part of the image and has twice the filters of the one before.",
        low=1,
        high=4,
        step=1,
    ),
    Control(
        "filters",
        "network",
        "Filters in the first block",
        "How many kernels the first layer has. Each kernel looks for one pattern, such as an "
        "edge in one direction.",
        low=1,
        high=256,
        choices=(4, 8, 16, 32, 64, 128),
    ),
    Control(
        "kernel_size",
        "network",
        "Kernel size",
        "The side of the small window that slides over the image: 3 means 3x3 numbers a "
        "kernel and input channel.",
        choices=(3, 5, 7),
        words={3: "3x3", 5: "5x5", 7: "7x7"},
    ),
    Control(
        "pooling",
        "network",
        "Pooling",
        "How each block halves the sides of its maps: by the largest or by the average of "
        "every 2x2 numbers, or not at all.",
        choices=("max", "average", "none"),
        words={"max": "Max", "average": "Average", "none": "None"},
    ),
    Control(
        "dense_units",
        "network",
        "Dense units",
        "The width of the layer that weighs all the maps together before the decision. Most "
        "weights sit here, and so does most memorising.",
        low=4,
        high=2048,
        choices=(16, 32, 64, 128, 256, 512, 1024),
    ),
)
