"""The convolution at one position: patch, kernel, products, sum, bias, activation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.kernels import symmetric_limit
from core.inside.responses import channel_responses
from core.inside.stages import LayerStages

Floats = NDArray[np.float32]

MOST_NUMBERS = 300_000
"""The most that the input of a scene may hold: more would make a browser wait."""


@dataclass(frozen=True, eq=False)
class Scene:
    """One filter on one image, with all that its steps need, position by position.

    Attributes
    ----------
    input : ndarray of shape (H, W, I)
        What the kernel passes over, the zeros of the padding included.
    outside : ndarray of bool, shape (H, W)
        Where `input` is padding.
    kernel : ndarray of shape (R, C, I)
    bias : float
    by_channel : ndarray of shape (H', W', I)
        The sum of the products, each input channel by itself.
    convolved, before_activation, activation : ndarray of shape (H', W')
        The sum of all channels with the bias; after a normalization between; what is passed on.
    strides, dilation : pair of int
    top, left : int
        Row and column of the whole map that the scene's first position has: 0 but for large maps.
    channels : tuple of int
        The layer's own numbers of the input channels.
    normalization, function : str
        As in :class:`core.inside.stages.LayerStages`.
    """

    input: Floats
    outside: NDArray[np.bool_]
    kernel: Floats
    bias: float
    by_channel: Floats
    convolved: Floats
    before_activation: Floats
    activation: Floats
    strides: tuple[int, int]
    dilation: tuple[int, int]
    top: int
    left: int
    channels: tuple[int, ...]
    normalization: str
    function: str

    @property
    def total(self) -> Floats:
        """(H', W'): the sum of all products, before the bias."""
        return np.asarray(self.by_channel.sum(axis=2, dtype=np.float64), np.float32)

    @property
    def strongest(self) -> tuple[int, int]:
        """Row and column, in the scene, of the largest number in absolute value.

        Of what is passed on, so that a ReLU has not silenced it; where nothing is, of what comes
        ahead of the activation.
        """
        return _strongest(self.before_activation, self.activation)

    @property
    def leading_channel(self) -> int:
        """The input channel, in the scene, that adds most to the strongest place."""
        return int(np.abs(self.by_channel[self.strongest]).argmax())

    @property
    def limits(self) -> dict[str, float]:
        """Ends of the symmetric colour scales, by what they are for."""
        largest = [symmetric_limit(part) for part in (self.input, self.kernel)]
        return {
            "input": largest[0],
            "kernel": largest[1],
            "products": largest[0] * largest[1],
            "channels": symmetric_limit(self.by_channel),
            "sum": symmetric_limit(self.convolved),
            "before": symmetric_limit(self.before_activation),
            "activation": symmetric_limit(self.activation),
        }


@dataclass(frozen=True, eq=False)
class OneStep:
    """What the layer computes at one position.

    Attributes
    ----------
    patch, kernel, products : ndarray of shape (R, C, I)
        The part of the input under the kernel, the kernel, and the one times the other.
    outside : ndarray of bool, shape (R, C)
        Which places of the patch are padding.
    channel_sums : ndarray of shape (I,)
        The sum of the products of each input channel.
    total : float
        The sum of all products.
    with_bias, before_activation, activation : float
    """

    patch: Floats
    kernel: Floats
    products: Floats
    outside: NDArray[np.bool_]
    channel_sums: Floats
    total: float
    with_bias: float
    before_activation: float
    activation: float


def scene_of(
    kernels: NDArray[np.floating],
    bias: NDArray[np.floating] | None,
    stages: LayerStages,
    filter_number: int,
    most_numbers: int = MOST_NUMBERS,
) -> Scene:
    """Set the scene for one filter; of a large map, for the part around its strongest place.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
    bias : ndarray of shape (O,) or None
    stages : LayerStages
        Of the same layer.
    filter_number : int
    most_numbers : int
        The most that the scene's input may hold.
    """
    kernel = np.asarray(kernels[:, :, :, filter_number], np.float32)
    channels = stages.channels_of(filter_number, kernels.shape[3])
    image = stages.input[:, :, channels.start : channels.stop]
    each = channel_responses(kernel, image, stages.padding, stages.strides, stages.dilation)
    before = stages.before_activation[:, :, filter_number]
    activation = stages.activation[:, :, filter_number]
    middle = _strongest(before, activation)
    down, right = _parts(before.shape, middle, stages.strides, len(channels), most_numbers)
    framed, outside = _framed(image, kernel.shape[:2], stages, down, right)
    return Scene(
        input=framed,
        outside=outside,
        kernel=kernel,
        bias=0.0 if bias is None else float(bias[filter_number]),
        by_channel=np.ascontiguousarray(each[down, right]),
        convolved=stages.convolved[down, right, filter_number],
        before_activation=before[down, right],
        activation=activation[down, right],
        strides=stages.strides,
        dilation=stages.dilation,
        top=down.start,
        left=right.start,
        channels=tuple(channels),
        normalization=stages.normalization,
        function=stages.function,
    )


def step_at(scene: Scene, row: int, column: int) -> OneStep:
    """What happens at one position of the scene, number by number.

    Parameters
    ----------
    scene : Scene
    row, column : int
        Of the scene's map.
    """
    rows, columns = (
        start * stride + gap * np.arange(size)
        for start, stride, gap, size in zip(
            (row, column), scene.strides, scene.dilation, scene.kernel.shape[:2], strict=True
        )
    )
    under = np.ix_(rows, columns)
    patch = scene.input[under]
    products = patch * scene.kernel
    sums = products.sum(axis=(0, 1), dtype=np.float64)
    return OneStep(
        patch=patch,
        kernel=scene.kernel,
        products=products,
        outside=scene.outside[under],
        channel_sums=np.asarray(sums, np.float32),
        total=float(sums.sum()),
        with_bias=float(sums.sum()) + scene.bias,
        before_activation=float(scene.before_activation[row, column]),
        activation=float(scene.activation[row, column]),
    )


def padding_before(size: int, reach: int, stride: int, padding: str) -> int:
    """How many rows (or columns) of zeros stand before an image, as TensorFlow counts them.

    Parameters
    ----------
    size : int
        Rows of the image.
    reach : int
        Rows that the kernel covers, its gaps included.
    stride : int
    padding : {"same", "valid"}
    """
    if padding == "valid":
        return 0
    places = -(-size // stride)
    return max((places - 1) * stride + reach - size, 0) // 2


def _strongest(before: Floats, activation: Floats) -> tuple[int, int]:
    map_ = activation if activation.any() else before
    row, column = divmod(int(np.abs(map_).argmax()), map_.shape[1])
    return row, column


def _parts(
    shape: tuple[int, int],
    middle: tuple[int, int],
    strides: tuple[int, int],
    channels: int,
    most_numbers: int,
) -> tuple[slice, slice]:
    """The rows and columns of the map that the scene shows: all, or a square of it."""
    if shape[0] * shape[1] * strides[0] * strides[1] * channels <= most_numbers:
        return slice(0, shape[0]), slice(0, shape[1])
    side = max(8, int((most_numbers / channels / strides[0] / strides[1]) ** 0.5))
    starts = [
        max(0, min(place - side // 2, size - side))
        for place, size in zip(middle, shape, strict=True)
    ]
    down, right = (
        slice(start, min(start + side, size)) for start, size in zip(starts, shape, strict=True)
    )
    return down, right


def _framed(
    image: Floats, kernel: tuple[int, ...], stages: LayerStages, down: slice, right: slice
) -> tuple[Floats, NDArray[np.bool_]]:
    """What the kernel passes over at these places of the map, and where that is padding."""
    wanted = []
    for axis, places in enumerate((down, right)):
        stride, size = stages.strides[axis], image.shape[axis]
        reach = (kernel[axis] - 1) * stages.dilation[axis] + 1
        before = padding_before(size, reach, stride, stages.padding)
        first = places.start * stride - before
        wanted.append(np.arange(first, (places.stop - 1) * stride - before + reach))
    beyond = [(w < 0) | (w >= size) for w, size in zip(wanted, image.shape, strict=False)]
    outside = beyond[0][:, None] | beyond[1][None, :]
    within = [w.clip(0, size - 1) for w, size in zip(wanted, image.shape, strict=False)]
    framed = image[np.ix_(*within)]
    framed[outside] = 0
    return framed, outside
