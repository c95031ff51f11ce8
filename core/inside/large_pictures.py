"""A large picture through the first convolution layer, a band at a time, at screen size."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from core.inside.layers import chain, kernels_of, layer_called
from core.inside.responses import Floats, Preview, Ranking
from core.inside.stages import LayerStages, layer_stages

BAND = 4_000_000
"""Numbers that the maps of one band hold together: 16 MB, of which a few are held at a time."""


@dataclass(frozen=True, eq=False)
class LargeResponses:
    """All responses of a layer to a large picture.

    Attributes
    ----------
    small : Preview
        The maps at screen size, in order of strength.
    ranking : Ranking
        By the root mean square of the whole maps at full resolution.
    size : tuple of int
        Rows and columns of the whole maps.
    """

    small: Preview
    ranking: Ranking
    size: tuple[int, int]


def goes_in_bands(model: keras.Model, name: str) -> bool:
    """Whether a picture can go through this layer band by band, each band by itself.

    So it is for the first convolution with stride 1, if nothing after it looks at the whole map.
    """
    layers = chain(model)
    place = [layer.name for layer in layers].index(name)
    if place or not isinstance(layers[0], keras.layers.Conv2D):
        return False
    tried = _tried(model, name)
    normal = tried.normalization
    known = not normal or isinstance(layer_called(model, normal), keras.layers.BatchNormalization)
    return tried.strides == (1, 1) and known


def _tried(model: keras.Model, name: str) -> LayerStages:
    """What a small black picture meets on its way through the layer."""
    rows, columns, channels = (32 if size is None else size for size in model.input_shape[1:])
    return layer_stages(model, name, np.zeros((rows, columns, channels), np.float32))


def large_responses(
    model: keras.Model,
    name: str,
    picture: NDArray[np.floating],
    stage: str = "before_activation",
    longest: int = 256,
    band: int = BAND,
) -> LargeResponses:
    """All responses to a picture whose maps would not fit into memory together.

    Parameters
    ----------
    model : keras.Model
    name : str
        A layer of which :func:`goes_in_bands` is true.
    picture : ndarray of shape (H, W, C), values in [0, 1]
    stage : {"before_activation", "activation"}
    longest : int
        The longer side of the small maps at most, in numbers.
    band : int
        Numbers that the maps of one band may hold together.
    """
    layer = layer_called(model, name)
    reach = (layer.kernel_size[0] - 1) * layer.dilation_rate[0] + 1
    above = (reach - 1) // 2 if layer.padding == "same" else 0
    beyond = (layer.kernel_size[1] - 1) * layer.dilation_rate[1]
    lost = (reach - 1, beyond) if layer.padding == "valid" else (0, 0)
    height, width = (size - less for size, less in zip(picture.shape, lost, strict=False))
    step = -(-max(height, width) // longest)
    rows = max(1, band // (width * layer.filters * step)) * step
    small: list[Floats] = []
    squares, sums = np.zeros(layer.filters), np.zeros(layer.filters)
    kernels, bias = kernels_of(model, name)
    plain = stage == "before_activation" and not _tried(model, name).normalization
    plain &= kernels.shape[2] == picture.shape[2]  # else its filters see a group of the channels
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        first = max(0, top - above)
        part = picture[first : bottom - above + reach - 1]
        if plain:  # the bias is added to the averages: a pass over all numbers less
            maps = _of_a_band(kernels, part, layer.padding, layer.dilation_rate)
        else:
            maps = getattr(layer_stages(model, name, part), stage)
        maps = maps[top - first : bottom - first]
        lines = maps.reshape(-1, layer.filters)
        squares += np.einsum("ij,ij->j", lines, lines)
        if plain:
            sums += np.einsum("ij->j", lines)
        small.append(_averages(maps, step))
    if plain and bias is not None:
        # The sum over (m + b)² is that over m², and 2b times that over m, and b² for each.
        squares += 2.0 * bias * sums + np.square(bias, dtype=np.float64) * height * width
        small = [one + bias for one in small]
    strengths = np.sqrt(squares.clip(0) / (height * width)).astype(np.float32)
    filters = np.argsort(-strengths, kind="stable")
    whole = np.concatenate(small)[:, :, filters]
    return LargeResponses(
        Preview(whole, step), Ranking(filters, strengths[filters]), (height, width)
    )


def _of_a_band(
    kernels: Floats, part: NDArray[np.floating], padding: str, dilation: tuple[int, int]
) -> Floats:
    """As :func:`respond` with stride 1, in memory that the next band finds free again.

    TensorFlow's maps of many bands took up to 1.4 GB, by what thread happened to make which.
    """
    gaps = (*dilation, 1)
    reach = [gap * (size - 1) + 1 for gap, size in zip(gaps, kernels.shape[:3], strict=True)]
    pixels = np.asarray(part, np.float32)
    if padding == "same":
        around = [((size - 1) // 2, size // 2) for size in reach[:2]]
        pixels = np.pad(pixels, [*around, (0, 0)])
    windows = sliding_window_view(pixels, tuple(reach))[:, :, 0, :: gaps[0], :: gaps[1]]
    height, width = windows.shape[:2]
    numbers = kernels.reshape(-1, kernels.shape[3])
    maps: Floats = windows.reshape(-1, len(numbers)) @ numbers
    return maps.reshape(height, width, -1)


def _averages(maps: Floats, step: int) -> Floats:
    """Averages over squares of `step` numbers; the last ones hold what there is."""
    height, width, filters = maps.shape
    whole = height // step * step
    rows = [maps[:whole].reshape(-1, step, width * filters).sum(axis=1)]
    if whole < height:
        rows.append(maps[whole:].reshape(1, -1, width * filters).sum(axis=1))
    lines = np.concatenate(rows).reshape(-1, width, filters)
    sums = np.add.reduceat(lines, np.arange(0, width, step), axis=1)
    there = [np.minimum(step, size - np.arange(0, size, step)) for size in (height, width)]
    return np.asarray(sums / np.outer(*there)[:, :, np.newaxis], np.float32)


def full_resolution(
    picture: NDArray[np.floating], across: float, down: float, side: int = 128
) -> tuple[Floats, tuple[int, int]]:
    """A square of a large picture to look at with all its pixels, and its upper left corner.

    Parameters
    ----------
    picture : ndarray of shape (H, W, C)
    across, down : float
        Where its middle lies, from 0 (left, top) to 1.
    side : int
        Its rows and columns, as far as the picture has so many.
    """
    top, left = (
        int(min(max(0, share * size - side / 2), max(0, size - side)))
        for share, size in zip((down, across), picture.shape, strict=False)
    )
    part = picture[top : top + side, left : left + side]
    return np.ascontiguousarray(part, np.float32), (top, left)
