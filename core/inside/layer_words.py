"""What layers do and what their axes mean, in words."""

from __future__ import annotations

from collections.abc import Sequence

PURPOSES: dict[str, str] = {
    "Conv2D": "slides small kernels over the image and notes where each pattern occurs",
    "DepthwiseConv2D": "slides one kernel over each channel by itself",
    "Conv1D": "slides kernels along one axis; its kernels are not shown here",
    "Conv3D": "slides kernels through a volume; its kernels are not shown here",
    "SeparableConv2D": "slides one kernel over each channel, then mixes the channels",
    "MaxPooling2D": "keeps the largest number of every small window, so the maps shrink",
    "AveragePooling2D": "keeps the average of every small window, so the maps shrink",
    "GlobalAveragePooling2D": "replaces each map by its average",
    "GlobalMaxPooling2D": "replaces each map by its largest number",
    "BatchNormalization": "brings every channel to a common mean and spread, then rescales it",
    "LayerNormalization": "brings every image to a common mean and spread, then rescales it",
    "GroupNormalization": "brings groups of an image's channels to a common mean and spread, then "
    "rescales each channel",
    "Dropout": "silences numbers at random while training; does nothing afterwards",
    "SpatialDropout2D": "silences whole maps at random while training; does nothing afterwards",
    "GaussianDropout": "multiplies numbers by noise around 1 while training; does nothing "
    "afterwards",
    "GaussianNoise": "adds noise while training; does nothing afterwards",
    "Flatten": "lines up all numbers of the maps in one row",
    "Dense": "weighs all numbers together, once for each of its units",
    "Dense softmax": "weighs all numbers together and gives each class a probability",
    "ReLU": "sets negative numbers to zero",
    "LeakyReLU": "makes negative numbers smaller",
    "ELU": "bends negative numbers towards a floor",
    "Softmax": "turns scores into probabilities that sum to 1",
    "Rescaling": "multiplies every number by a constant and adds another",
    "relu": "sets negative numbers to zero",
    "leaky_relu": "makes negative numbers smaller",
    "elu": "bends negative numbers towards a floor",
    "gelu": "lets positive numbers through and fades negative ones out",
    "silu": "lets positive numbers through and fades negative ones out",
    "sigmoid": "squeezes every number into 0 to 1",
    "tanh": "squeezes every number into -1 to 1",
    "softmax": "turns scores into probabilities that sum to 1",
    "linear": "lets every number through as it is",
}

_AXES: dict[tuple[str, str], tuple[str, ...]] = {
    ("Conv2D", "kernel"): ("rows", "columns", "input channels", "filters"),
    ("Conv2D", "bias"): ("filters",),
    ("DepthwiseConv2D", "kernel"): ("rows", "columns", "input channels", "filters a channel"),
    ("Dense", "kernel"): ("inputs", "units"),
    ("Dense", "bias"): ("units",),
    ("BatchNormalization", "gamma"): ("channels",),
    ("BatchNormalization", "beta"): ("channels",),
    ("LayerNormalization", "gamma"): ("units",),
    ("LayerNormalization", "beta"): ("units",),
    ("GroupNormalization", "gamma"): ("channels",),
    ("GroupNormalization", "beta"): ("channels",),
    ("BatchNormalization", "moving_mean"): ("channels",),
    ("BatchNormalization", "moving_variance"): ("channels",),
}

WEIGHT_MEANINGS: dict[str, str] = {
    "kernel": "the numbers that are multiplied with the input",
    "bias": "added to every result",
    "gamma": "the spread that the layer has chosen for each channel",
    "beta": "the mean that the layer has chosen for each channel",
    "moving_mean": "each channel's mean, averaged over the batches of training",
    "moving_variance": "each channel's variance, averaged over the batches of training",
}


def shape_words(shape: Sequence[int | None]) -> str:
    """A layer's output shape, without the batch axis, in words.

    Three axes are rows, columns and channels: ``"28 x 28, 16 channels"``.
    """
    sizes = ["any" if size is None else f"{size:,}" for size in shape]
    if len(sizes) == 3:
        plural = "channel" if shape[2] == 1 else "channels"
        return f"{sizes[0]} x {sizes[1]}, {sizes[2]} {plural}"
    if len(sizes) == 1:
        return f"{sizes[0]} {'number' if shape[0] == 1 else 'numbers'}"
    return " x ".join(sizes)


def axis_words(kind: str, weight: str, shape: Sequence[int]) -> str:
    """A weight array's shape with its axes named: ``"(3, 3, 1, 32): rows, columns, ..."``."""
    axes = _AXES.get((kind, weight), ())
    shown = str(tuple(shape))
    return f"{shown}: {', '.join(axes)}" if len(axes) == len(shape) and axes else shown
