"""What kernels do to an image: cross-correlation, as convolution layers compute it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.errors import LearnscopeError
from core.inside.kernels import checked_kernels

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Ranking:
    """All maps of a layer, strongest first.

    Attributes
    ----------
    filters : ndarray of shape (O,)
        Filter numbers in this order.
    strengths : ndarray of shape (O,)
        The root mean square of each map, in the same order.
    """

    filters: NDArray[np.intp]
    strengths: Floats


def checked_image(image: NDArray[np.floating], channels: int) -> Floats:
    """The image as float32 of shape (H, W, I), or a sentence on why it does not fit."""
    if image.ndim != 3 or image.shape[2] != channels or 0 in image.shape:
        noun = "channel" if channels == 1 else "channels"
        raise LearnscopeError(
            f"Expected an image of shape (rows, columns, channels) with {channels} {noun}. "
            f"Received: shape {image.shape}. Choose another image or another layer."
        )
    return np.ascontiguousarray(image, dtype=np.float32)


def respond(
    kernels: NDArray[np.floating],
    image: NDArray[np.floating],
    bias: NDArray[np.floating] | None = None,
    padding: str = "same",
    strides: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Floats:
    """Responses of all kernels to an image, as a convolution layer computes them.

    This is cross-correlation: the kernel is laid on the image as it is, not turned.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
    image : ndarray of shape (H, W, I)
    bias : ndarray of shape (O,), optional
    padding : {"same", "valid"}
        Zeros around the image so that it keeps its size, or only places where the kernel fits.
    strides, dilation : int or pair of int
        Step between two places; distance between two numbers of the kernel.

    Returns
    -------
    ndarray of shape (H', W', O)
        Read-only: it lies in TensorFlow's own memory.

    Raises
    ------
    LearnscopeError
        If channels do not agree, or the image is smaller than the kernel under "valid".
    """
    array = checked_kernels(kernels)
    rows, columns, channels, _ = array.shape
    grouped = image.ndim == 3 and image.shape[2] and not image.shape[2] % channels
    pixels = checked_image(image, image.shape[2] if grouped else channels)
    groups = pixels.shape[2] // channels
    if array.shape[3] % groups:
        checked_image(image, channels)
    steps, gaps = _pair(strides), _pair(dilation)
    reach = ((rows - 1) * gaps[0] + 1, (columns - 1) * gaps[1] + 1)
    if padding == "valid" and (pixels.shape[0] < reach[0] or pixels.shape[1] < reach[1]):
        raise LearnscopeError(
            f"Expected an image of at least {reach[0]} x {reach[1]} pixels, the size of the "
            f"kernel. Received: {pixels.shape[0]} x {pixels.shape[1]}. Choose a larger image."
        )
    maps = tf.nn.conv2d(
        pixels[np.newaxis], array, strides=steps, padding=padding.upper(), dilations=gaps
    )
    if bias is not None:
        maps = tf.nn.bias_add(maps, np.asarray(bias, dtype=np.float32))
    # `maps.numpy()` would copy: twice the time for 32 maps of a megapixel each.
    result: Floats = np.asarray(maps)[0]
    return result


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def channel_responses(
    kernel: NDArray[np.floating],
    image: NDArray[np.floating],
    padding: str = "same",
    strides: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Floats:
    """Responses of one filter, each input channel by itself, before the sum.

    Parameters
    ----------
    kernel : ndarray of shape (R, C, I)
    image : ndarray of shape (H, W, I)
    padding, strides, dilation
        As in :func:`respond`.

    Returns
    -------
    ndarray of shape (H', W', I)
        Their sum over the last axis is the filter's response without its bias.
    """
    if kernel.ndim != 3:
        raise LearnscopeError(
            "Expected one kernel of shape (rows, columns, input channels). "
            f"Received: shape {kernel.shape}. Choose one filter of the layer."
        )
    pixels = checked_image(image, kernel.shape[2])
    each = [
        respond(
            kernel[:, :, channel : channel + 1, np.newaxis],
            pixels[:, :, channel : channel + 1],
            padding=padding,
            strides=strides,
            dilation=dilation,
        )
        for channel in range(kernel.shape[2])
    ]
    return np.concatenate(each, axis=2)


def strengths(maps: NDArray[np.floating]) -> Floats:
    """Strength of each response: its root mean square over all places.

    Positive and negative count alike, and a few strong places count more than many faint ones,
    as they should where a kernel looks for something rare such as an edge.

    Parameters
    ----------
    maps : ndarray of shape (H, W, O)

    Returns
    -------
    ndarray of shape (O,)
    """
    squares = np.square(maps, dtype=np.float64)
    return np.asarray(np.sqrt(squares.mean(axis=(0, 1))), dtype=np.float32)


def strongest_first(maps: NDArray[np.floating]) -> Ranking:
    """Rank the maps of a layer by :func:`strengths`; equal ones stay in order of number.

    Parameters
    ----------
    maps : ndarray of shape (H, W, O)
    """
    strength = strengths(maps)
    filters = np.argsort(-strength, kind="stable")
    return Ranking(filters=filters, strengths=strength[filters])


@dataclass(frozen=True, eq=False)
class Preview:
    """Maps at screen size.

    Attributes
    ----------
    maps : ndarray of shape (h, w, O)
    step : int
        Each number is the average over `step` x `step` numbers of the whole maps; 1 if they are
        shown as they are.
    """

    maps: Floats
    step: int


def preview(maps: NDArray[np.floating], longest: int = 256) -> Preview:
    """Maps small enough for the screen: averages over squares of pixels, nothing left out.

    Parameters
    ----------
    maps : ndarray of shape (H, W, O)
    longest : int
        The longer side of the result is at most this; smaller maps are returned as they are.
        The last square of a row or column may hold fewer pixels.
    """
    height, width, _ = maps.shape
    side = -(-max(height, width) // longest)
    if side == 1:
        return Preview(np.asarray(maps, dtype=np.float32), 1)
    starts_down, starts_right = np.arange(0, height, side), np.arange(0, width, side)
    sums = np.add.reduceat(
        np.add.reduceat(maps, starts_down, axis=0, dtype=np.float64), starts_right, axis=1
    )
    down = np.diff(np.append(starts_down, height))
    right = np.diff(np.append(starts_right, width))
    averages = sums / (down[:, None, None] * right[None, :, None])
    return Preview(np.asarray(averages, dtype=np.float32), side)


def side_for(maps: int, numbers: int = 150_000) -> int:
    """The longest side of each of so many maps that they hold at most so many numbers together.

    A browser draws a few hundred thousand numbers without a wait; 32 maps get 68 pixels each.
    """
    return max(16, int((numbers / max(maps, 1)) ** 0.5))
