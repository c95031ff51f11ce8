"""A kernel ahead of a batch normalization: its length changes nothing but the pace of learning.

Multiplied by a factor a, it gives outputs a times as large, which the normalization divides by a
again: the network stays the same function. Its gradient is then divided by a, so that a step of
gradient descent turns the kernel a**2 times less. So L2 on such a kernel does not make the network
simpler; it changes the effective learning rate (van Laarhoven, 2017).
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.data.arrays import Labels
from core.errors import LearnscopeError
from core.inside.layers import chain
from core.library.records import Epoch, Movement
from core.mechanisms.layer_kernels import copy_of
from core.mechanisms.scale_records import EffectiveRate, NormalizedKernel, ScaleStudy
from core.mechanisms.training_pass import mean_loss, send_by_batch_statistics
from core.model import build_network
from core.settings import Settings, from_mapping, to_mapping

FACTORS = (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Powers of two, so that no product is rounded."""


def normalized_kernels(model: keras.Model) -> tuple[NormalizedKernel, ...]:
    """The layers whose output goes into a batch normalization, at once or behind a ReLU."""
    layers = [*chain(model)]
    found = []
    for place, layer in enumerate(layers):
        if getattr(layer, "kernel", None) is None:
            continue
        after = layers[place + 1 : place + 3]
        relu = bool(after) and getattr(after[0], "activation", None) is keras.activations.relu
        behind = after[int(relu) : int(relu) + 1]
        if behind and isinstance(behind[0], keras.layers.BatchNormalization):
            found.append(NormalizedKernel(str(layer.name), str(behind[0].name), relu))
    return tuple(found)


def with_batch_normalization(model: keras.Model, settings: Settings) -> keras.Model:
    """The network of these settings with batch normalization and its first weights, untrained.

    Parameters
    ----------
    model : keras.Model
        The trained one, which says how large an image is and how many classes there are.
    settings : Settings
    """
    normalized = from_mapping(
        {**to_mapping(settings), "normalization": "batch", "normalization_place": "before"}
    )
    return build_network(normalized, tuple(model.input_shape[1:]), int(model.output_shape[-1]))


def study_scale(
    model: keras.Model,
    kernel: NormalizedKernel,
    images: NDArray[np.floating],
    labels: Labels,
    factors: Sequence[float] = FACTORS,
) -> ScaleStudy:
    """Multiply a kernel by each factor, and measure the network's answers and the gradient.

    As in a training step: batch normalization by the statistics of the batch; dropout is off. The
    gradient is that of the mean cross-entropy, without any penalty.

    Parameters
    ----------
    model : keras.Model
        It stays as it is.
    kernel : NormalizedKernel
    images : ndarray of shape (N, H, W, C), values in [0, 1]
        A batch.
    labels : ndarray of shape (N,)
    factors : sequence of float
        Above 0; 1 is among them.

    Raises
    ------
    LearnscopeError
        If 1 is not among the factors, or one is not above 0.
    """
    if 1.0 not in factors or min(factors) <= 0:
        raise LearnscopeError(
            f"Expected factors above 0, with 1 among them. Received: {list(factors)}."
        )
    measured = _Multiplied(model, kernel, images, labels)
    at = list(factors).index(1.0)
    steps = [measured.at(factor) for factor in factors]
    answers = np.stack([probabilities for probabilities, _ in steps])
    exact = np.stack([measured.answers(factor, scale_epsilon=True).numpy() for factor in factors])
    gradients = np.array([gradient for _, gradient in steps])
    over = np.array(factors, np.float64)
    multiples = gradients / (gradients[at] or 1.0)
    return ScaleStudy(
        kernel=kernel,
        epsilon=measured.epsilon,
        smallest_variance=measured.smallest_variance(),
        images=len(images),
        label=int(labels[0]),
        factors=over,
        probabilities=answers[:, 0],
        differences=_largest(answers - answers[at]),
        differences_scaled_epsilon=_largest(exact - answers[at]),
        norm=measured.norm,
        gradients=gradients,
        multiples=multiples,
        multiple_law=1 / over,
        rates=multiples / over,
        rate_law=over**-2.0,
    )


def _largest(differences: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(np.abs(differences).max(axis=(1, 2)), np.float64)


class _Multiplied:
    """A copy of the network whose kernel is multiplied anew each time."""

    def __init__(
        self,
        model: keras.Model,
        kernel: NormalizedKernel,
        images: NDArray[np.floating],
        labels: Labels,
    ) -> None:
        self._model = copy_of(model)
        self._layer = self._model.get_layer(kernel.layer)
        self._normalization = self._model.get_layer(kernel.normalization)
        self._behind_relu = kernel.behind_relu
        self._kernel = np.asarray(self._layer.kernel)
        self._bias = None if self._layer.bias is None else np.asarray(self._layer.bias)
        self._images, self._labels = tf.constant(images), labels
        self.epsilon = float(self._normalization.epsilon)
        self.norm = float(np.linalg.norm(self._kernel))

    def answers(self, factor: float, scale_epsilon: bool = False) -> tf.Tensor:
        """The probabilities (N, K) with the kernel multiplied, and the epsilon by the square."""
        self._layer.kernel.assign(factor * self._kernel)
        if self._behind_relu and self._bias is not None:
            self._layer.bias.assign(factor * self._bias)
        self._normalization.epsilon = self.epsilon * (factor**2 if scale_epsilon else 1)
        return send_by_batch_statistics(self._model, self._images)

    def at(self, factor: float) -> tuple[NDArray[np.float32], float]:
        """The probabilities (N, K), and the norm of the gradient by the kernel."""
        with tf.GradientTape() as tape:
            probabilities = self.answers(factor)
            loss = mean_loss(self._labels, probabilities)
        gradient = tape.gradient(loss, self._layer.kernel)
        return probabilities.numpy(), float(tf.norm(gradient))

    def smallest_variance(self) -> float:
        """Of the channels ahead of the normalization, with the kernel as it was."""
        self.answers(1.0)
        now = self._images
        for layer in chain(self._model):
            if layer is self._normalization:
                break
            now = layer(now, training=isinstance(layer, keras.layers.BatchNormalization))
        flat = np.asarray(now, np.float64).reshape(-1, now.shape[-1])
        return float(flat.var(axis=0).min())


def effective_rates(
    epochs: Sequence[Epoch], movements: Sequence[Movement], layer: str, optimizer: str
) -> EffectiveRate:
    """The learning rate over the norm of a kernel, squared or not, at the end of each epoch.

    Parameters
    ----------
    epochs : sequence of Epoch
    movements : sequence of Movement
    layer : str
    optimizer : str
        As in the settings. Momentum does not change the power.
    """
    power = 2 if optimizer == "sgd" else 1
    rates = {epoch.epoch: epoch.learning_rate for epoch in epochs}
    own = [
        movement
        for movement in movements
        if movement.layer == layer and movement.norm > 0 and movement.epoch in rates
    ]
    return EffectiveRate(
        np.array([movement.epoch for movement in own], np.float64),
        np.array([rates[movement.epoch] / movement.norm**power for movement in own], np.float64),
        power,
    )
