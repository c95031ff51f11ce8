"""An image on its way through one convolution layer of a network."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.errors import LearnscopeError
from core.inside.layer_kinds import (
    ACTIVATION_LAYERS,
    IDLE_LAYERS,
    NORMALIZATIONS,
    function_of,
)
from core.inside.layers import chain, input_shape, kernels_of, layer_table
from core.inside.responses import checked_image, respond, strengths

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LayerStages:
    """What a convolution layer gets, what it computes, and what it passes on.

    Attributes
    ----------
    layer : str
        The layer's name.
    input : ndarray of shape (H, W, I)
        What reaches the layer.
    convolved : ndarray of shape (H', W', O)
        The sum over input channels with the bias.
    before_activation : ndarray of shape (H', W', O)
        The same after a normalization that stands between; else the same as `convolved`.
    activation : ndarray of shape (H', W', O)
        What the activation makes of it; else the same as `before_activation`.
    normalization : str
        Name of the normalization between convolution and activation, or "".
    function : str
        Name of the activation, ``"linear"`` where there is none.
    padding, strides, dilation
        How the layer convolves, as in :func:`core.inside.responses.respond`.
    groups : int
        Into how many groups input channels and filters are parted, each with its own; 1 for most
        layers, as many as there are input channels for a depthwise one.
    """

    layer: str
    input: Floats
    convolved: Floats
    before_activation: Floats
    activation: Floats
    normalization: str
    function: str
    padding: str
    strides: tuple[int, int]
    dilation: tuple[int, int]
    groups: int = 1

    def channels_of(self, filter_number: int, filters: int) -> range:
        """The input channels that one of so many filters sees: all, but for layers in groups."""
        each = self.input.shape[2] // self.groups
        first = filter_number * self.groups // filters * each
        return range(first, first + each)


@dataclass(frozen=True, eq=False)
class EdgeAnswers:
    """How strongly each kernel answers to vertical and to horizontal stripes.

    Attributes
    ----------
    vertical, horizontal : ndarray of shape (O,)
        Standard deviation of the response over the middle of the map.
    preference : ndarray of shape (O,)
        (vertical - horizontal) / (vertical + horizontal): 1 answers to vertical stripes only,
        -1 to horizontal ones only, 0 to both alike or to neither.
    """

    vertical: Floats
    horizontal: Floats
    preference: Floats


def layer_stages(model: keras.Model, name: str, image: NDArray[np.floating]) -> LayerStages:
    """Send an image through the network as far as a convolution layer and its activation.

    The layers are applied one after another as after training (no dropout, moving statistics).
    None of them minds the image's size, so a picture may come at its own size as well as at the
    network's.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    name : str
        A two-dimensional convolution layer of it, depthwise and separable ones included.
    image : ndarray of shape (H, W, I), values in [0, 1]

    Raises
    ------
    LearnscopeError
        If the network has branches, the layer is no convolution, or the image does not fit.
    """
    layers = chain(model)
    kernels, bias = kernels_of(model, name)
    place = next(number for number, layer in enumerate(layers) if layer.name == name)
    arrives = _apply(layers[:place], checked_image(image, int(model.inputs[0].shape[-1])))
    layer = layers[place]
    convolved = respond(kernels, arrives, bias, layer.padding, layer.strides, layer.dilation_rate)
    function = function_of(layer)
    if function != "linear":
        after = _AfterConvolution(convolved, _pass(layer, arrives), "", function)
    else:
        after = _follow(convolved, layers[place + 1 :])
    return LayerStages(
        layer=name,
        input=arrives,
        convolved=convolved,
        before_activation=after.before_activation,
        activation=after.activation,
        normalization=after.normalization,
        function=after.function,
        padding=str(layer.padding),
        strides=tuple(layer.strides),
        dilation=tuple(layer.dilation_rate),
        groups=arrives.shape[-1] // kernels.shape[2],
    )


@dataclass(frozen=True, eq=False)
class _AfterConvolution:
    before_activation: Floats
    activation: Floats
    normalization: str
    function: str


def _follow(convolved: Floats, after: list[keras.Layer]) -> _AfterConvolution:
    """From a convolution without its own activation to the activation layer that follows it."""
    now, normalization = convolved, ""
    for layer in after:
        if isinstance(layer, ACTIVATION_LAYERS):
            return _AfterConvolution(now, _pass(layer, now), normalization, function_of(layer))
        if isinstance(layer, NORMALIZATIONS) and not normalization:
            now, normalization = _pass(layer, now), str(layer.name)
        elif not isinstance(layer, IDLE_LAYERS):
            break
    return _AfterConvolution(now, now, normalization, "linear")


def _apply(layers: list[keras.Layer], image: Floats) -> Floats:
    now = image
    for layer in layers:
        try:
            now = _pass(layer, now)
        except (ValueError, tf.errors.OpError) as error:
            raise LearnscopeError(
                "Expected an image that every layer can take. "
                f"Received: {image.shape[0]} x {image.shape[1]} pixels, which layer "
                f"{layer.name!r} cannot. Choose another size or another layer."
            ) from error
        if 0 in now.shape:
            raise LearnscopeError(
                "Expected an image large enough for the layers before this one. "
                f"Received: {image.shape[0]} x {image.shape[1]} pixels, of which layer "
                f"{layer.name!r} leaves nothing. Choose a larger image."
            )
    return now


def _pass(layer: keras.Layer, image: Floats) -> Floats:
    """One image through one layer, as after training."""
    batch = layer(tf.convert_to_tensor(image[np.newaxis]), training=False)
    return np.asarray(batch[0], dtype=np.float32)


def pixels_allowed(model: keras.Model, name: str, numbers: int = 16_000_000) -> int:
    """How many pixels a picture may have, so that no layer up to `name` makes too many numbers.

    Parameters
    ----------
    model, name
        As in :func:`layer_stages`.
    numbers : int
        The most that one layer's maps may hold together.
    """
    image = math.prod(size or 1 for size in input_shape(model)[:2])
    table = layer_table(model)
    place = [record.name for record in table].index(name)
    sizes = [math.prod(size or 1 for size in record.output_shape) for record in table[: place + 1]]
    return min(1_000_000, numbers * image // max(sizes))


def edge_answers(
    model: keras.Model,
    name: str,
    vertical: NDArray[np.floating],
    horizontal: NDArray[np.floating],
) -> EdgeAnswers:
    """Which kernels of a layer answer to vertical stripes, which to horizontal ones.

    The response is taken before the activation, on the middle half of the map, where the image's
    border is not felt, and its mean is taken away: what counts is how it changes with the
    stripes, not how it answers to gray.

    Parameters
    ----------
    model, name
        As in :func:`layer_stages`.
    vertical, horizontal : ndarray of shape (H, W, I), values in [0, 1]
        Stripes of the same width; the second is the first turned by 90 degrees.
    """
    down = _variation(layer_stages(model, name, vertical).before_activation)
    across = _variation(layer_stages(model, name, horizontal).before_activation)
    total = down + across
    preference = np.divide(down - across, total, out=np.zeros_like(total), where=total > 1e-6)
    return EdgeAnswers(vertical=down, horizontal=across, preference=preference)


def _variation(maps: Floats) -> Floats:
    height, width, _ = maps.shape
    middle = maps[height // 4 : height - height // 4, width // 4 : width - width // 4]
    return strengths(middle - middle.mean(axis=(0, 1)))
