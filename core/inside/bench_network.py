"""A copy of a network on the bench: one convolution layer changed, and the answers then."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.errors import LearnscopeError
from core.inside.ablation import FilterOff
from core.inside.changed_answers import drop_between, losses_of
from core.inside.kernels import norms
from core.inside.layer_kinds import NORMALIZATIONS, place_of_activation
from core.inside.layers import chain, kernels_of
from core.keras_state import KERAS_LOCK
from core.mechanisms.layer_kernels import copy_of

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]
_BATCH = 250
_KEPT_BYTES = 500_000_000
"""The most that the kept maps of a layer may take; larger ones are computed anew each time."""


@dataclass(frozen=True, eq=False)
class SwitchedOff:
    """What is left of a filter whose kernel and bias are 0.

    Attributes
    ----------
    value : float
        The layer's output then, the same at every place: its own activation of 0.
    normalization, kind : str
        Name and type of the normalization between the layer and its activation; "" without one.
    constants : ndarray of shape (O,) or None
        What batch normalization makes of that value, by its moving statistics; None without one.
    """

    value: float
    normalization: str
    kind: str
    constants: Floats | None

    @property
    def words(self) -> str:
        """What "off" means here, in sentences."""
        off = "A filter is switched off ahead of the activation: its kernel and its bias are 0."
        if not self.normalization:
            return f"{off} Its map is {self.value:g} everywhere, whatever the image."
        if self.constants is None:
            return (
                f"{off} {self.normalization} then takes mean and spread over other filters too, so "
                "that these change with it: a drop is that of the filter and of this shift."
            )
        return (
            f"{off} {self.normalization} makes a constant of that, not 0: shift - scale x moving "
            f"mean / spread, from {self.constants.min():.2g} to {self.constants.max():.2g} for "
            "these filters. The map says nothing of the image any more, but what is behind it gets "
            "that constant."
        )


class BenchNetwork:
    """A copy of a network, one convolution layer of which is changed again and again.

    Every change begins at the learned weights. Dropout is off, normalizations use their moving
    statistics. May be shared by threads; the given network stays as it is.

    Parameters
    ----------
    model : keras.Model
        A whole network in one line, from (N, H, W, C) to probabilities (N, K).
    layer : str
        One of its two-dimensional convolution layers. On the bench, the two steps of a separable
        layer are one convolution with their product, which is the same but for rounding.
    images : ndarray of shape (N, H, W, C), values in [0, 1]

    Raises
    ------
    LearnscopeError
        If the layer is none, or the network does not end with a probability for each class.
    """

    def __init__(self, model: keras.Model, layer: str, images: NDArray[np.floating]) -> None:
        kernels_of(model, layer)
        if len(model.output_shape) != 2:
            raise LearnscopeError(
                "Expected a whole network, which ends with a probability for each class. Received: "
                f"one that ends with {model.output_shape[1:]}. Choose the best or last weights."
            )
        self._images = np.asarray(images, np.float32)
        with KERAS_LOCK:
            copy = copy_of(model)
        layers = chain(copy)
        place = [one.name for one in layers].index(layer)
        self._maps_shape = tuple(layers[place].output.shape[1:])
        self.kernels, self.bias = kernels_of(copy, layer)
        layers[place] = _in_one_step(layers[place], self.kernels)
        self._layer, self._layers, self._place = layers[place], layers, place
        self.off = _switched_off(layers, place, self.filters)
        self._using = threading.Lock()
        self._trace()
        self._kept: list[Floats] | None = None

    @property
    def count(self) -> int:
        """N, how many images it answers."""
        return len(self._images)

    @property
    def filters(self) -> int:
        """O, how many filters the layer has."""
        return int(self.kernels.shape[3])

    def _trace(self) -> None:
        shape = self._images.shape[1:]
        behind = self._layers[self._place + 1 :]
        active = place_of_activation(self._layers, self._place)
        between = self._layers[self._place + 1 : active + 1]
        shapes = (None, *shape), (None, *self._maps_shape)
        head, rest = (tf.TensorSpec(each, tf.float32) for each in shapes)
        mask = tf.TensorSpec((self.filters,), tf.float32)
        self._head = tf.function(
            lambda images: _pass(self._layers[: self._place + 1], images), input_signature=[head]
        )
        value = self.off.value
        self._rest = tf.function(
            lambda maps, on: _pass(behind, maps * on + (1 - on) * value),
            input_signature=[rest, mask],
        )
        self._active = tf.function(lambda maps: _pass(between, maps), input_signature=[rest])
        with KERAS_LOCK:
            maps = self._head(tf.zeros((1, *shape)))
            self._rest(maps, tf.ones(self.filters))
            self._active(maps)

    def answers_with(self, kernels: NDArray[np.floating]) -> Floats:
        """The probabilities, of shape (N, K), with other kernels in the layer; its bias stays.

        Parameters
        ----------
        kernels : ndarray of shape (R, C, I, O)
            With the learned ones the answers are the learned ones, bit for bit.
        """
        on = tf.ones(self.filters)
        with self._using:
            self._put_in(kernels)
            try:
                said = [self._rest(self._head(batch), on).numpy() for batch in self._batches()]
            finally:
                self._put_in(self.kernels)
        return np.concatenate(said)

    def _put_in(self, kernels: NDArray[np.floating]) -> None:
        # A depthwise layer has them by input channel: (R, C, I, M), not (R, C, 1, I * M).
        kernel = self._layer.kernel
        kernel.assign(np.reshape(kernels, kernel.shape))

    def answers_without(self, off: Sequence[int]) -> Floats:
        """The probabilities, of shape (N, K), with these filters switched off together.

        Only the layers behind are run: what the layer itself says is kept from the first time.

        Parameters
        ----------
        off : sequence of int
            Numbers of filters; none leaves the network as it is.
        """
        on = np.ones(self.filters, np.float32)
        on[list(off)] = 0
        with self._using:
            said = [self._rest(maps, tf.constant(on)).numpy() for maps in self._maps()]
        return np.concatenate(said)

    def mean_activity(self) -> Floats:
        """What each filter passes on for each image, after normalization and activation.

        Returns
        -------
        ndarray of shape (N, O)
            Mean over all places of the map.
        """
        with self._using:
            means = [self._active(maps).numpy().mean(axis=(1, 2)) for maps in self._maps()]
        return np.concatenate(means)

    def _batches(self) -> Iterator[Floats]:
        for begin in range(0, self.count, _BATCH):
            yield self._images[begin : begin + _BATCH]

    def _maps(self) -> Iterator[Floats]:
        """The layer's output, batch by batch."""
        if self._kept is not None:
            yield from self._kept
            return
        size = 4 * self.count * int(np.prod(self._maps_shape))
        if size <= _KEPT_BYTES:
            self._kept = [self._head(batch).numpy() for batch in self._batches()]
            yield from self._kept
            return
        for batch in self._batches():
            yield self._head(batch).numpy()


def off_alone(
    bench: BenchNetwork,
    number: int,
    before: NDArray[np.float32],
    labels: Labels,
    selectivity: NDArray[np.float64],
) -> FilterOff:
    """Switch one filter off, and see what the answers lose.

    Parameters
    ----------
    bench : BenchNetwork
    number : int
        Of the filter.
    before : ndarray of shape (N, K)
        The probabilities with all filters on.
    labels : ndarray of shape (N,)
    selectivity : ndarray of shape (O,)
        By :func:`core.inside.ablation.class_selectivity`.
    """
    after = bench.answers_without([number])
    was, now = (answers.argmax(axis=1) == labels for answers in (before, after))
    return FilterOff(
        number=number,
        drop=drop_between(was, now),
        loss=float((losses_of(after, labels) - losses_of(before, labels)).mean()),
        norm=float(norms(bench.kernels)[number]),
        selectivity=float(selectivity[number]),
    )


def _pass(layers: Sequence[keras.Layer], now: tf.Tensor) -> tf.Tensor:
    for layer in layers:
        now = layer(now, training=False)
    return now


def _in_one_step(layer: keras.Layer, kernels: Floats) -> keras.Layer:
    """A separable layer as one convolution with its kernels multiplied out; others as they are."""
    if not isinstance(layer, keras.layers.SeparableConv2D):
        return layer
    with KERAS_LOCK:
        whole = keras.layers.Conv2D(
            layer.filters,
            layer.kernel_size,
            layer.strides,
            layer.padding,
            layer.data_format,
            layer.dilation_rate,
            activation=layer.activation,
            use_bias=layer.bias is not None,
            name=layer.name,
        )
        whole.build(layer.input.shape)
        whole.set_weights([kernels] if layer.bias is None else [kernels, layer.bias.numpy()])
    return whole


def _switched_off(layers: Sequence[keras.Layer], place: int, filters: int) -> SwitchedOff:
    layer = layers[place]
    with KERAS_LOCK:
        zero = layer.activation(tf.zeros((1, 1, 1, filters)))
        value = float(zero[0, 0, 0, 0])
        for after in layers[place + 1 : place_of_activation(layers, place) + 1]:
            if not isinstance(after, NORMALIZATIONS):
                continue
            kind = type(after).__name__
            if kind != "BatchNormalization":
                return SwitchedOff(value, str(after.name), kind, None)
            constants = np.asarray(after(zero, training=False), np.float32).ravel()
            return SwitchedOff(value, str(after.name), kind, constants)
    return SwitchedOff(value, "", "", None)
