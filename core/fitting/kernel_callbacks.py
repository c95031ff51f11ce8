"""What watches the kernels during the training: a Keras callback that records how they move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np

from core.fitting.training_state import copied
from core.inside.kernel_history import FloatArray, GrowingKernels
from core.inside.kernel_movement import movement
from core.inside.recorded import convolution_part, weights_to_keep


@dataclass(frozen=True, eq=False)
class EpochOfKernels:
    """The kernels at the beginning and at the end of an epoch, by layer."""

    before: Mapping[str, FloatArray]
    after: Mapping[str, FloatArray]

    def movements(self) -> dict[str, tuple[float, float]]:
        """By layer with a kernel, that is by convolution or dense layer: how far it moved.

        What :func:`core.inside.kernel_movement.movement` says.
        """
        return {layer: movement(self.before[layer], kernel) for layer, kernel in self.after.items()}


class KernelRecorder(keras.callbacks.Callback):
    """Measures at each epoch's end how far the kernels have come, and keeps the convolutions'.

    Of dense ones it keeps how many weights lie where.

    It stands before whoever wants the figures of the epoch that ends.

    Parameters
    ----------
    history : GrowingKernels
        Gets the kernels of the convolution layers, the other weights of the convolution part, and
        the dense kernels to count, before the first step and after each epoch.
    done : int
        How many epochs the network has been trained for already.

    Attributes
    ----------
    last : EpochOfKernels
        The kernels at both ends of the last epoch.
    """

    def __init__(self, history: GrowingKernels, done: int = 0) -> None:
        super().__init__()
        self._history, self._done = history, done
        self._kernels: dict[str, keras.Variable] = {}
        self._others: dict[str, dict[str, keras.Variable]] = {}
        self.last = EpochOfKernels({}, {})

    def on_train_begin(self, logs: object = None) -> None:
        # To find them takes Keras longer than to copy them.
        self._kernels, self._others = kernels_by_layer(self.model), others_by_layer(self.model)
        kernels = _copies(self._kernels)
        self.last = EpochOfKernels(kernels, kernels)
        self._add(self._done)

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        # Nothing moves between two epochs, so the end of one is the beginning of the next.
        self.last = EpochOfKernels(self.last.after, _copies(self._kernels))
        self._add(epoch + 1)

    def _add(self, epoch: int) -> None:
        kernels = self.last.after
        convolutions = {layer: kernel for layer, kernel in kernels.items() if kernel.ndim == 4}
        dense = {layer: kernel for layer, kernel in kernels.items() if kernel.ndim != 4}
        others = {layer: _copies(weights) for layer, weights in self._others.items()}
        self._history.add(epoch, convolutions, others, dense)


def kernels_by_layer(model: keras.Model) -> dict[str, keras.Variable]:
    """All kernels, by the layer's name, first to last."""
    return {
        layer.name: layer.kernel
        for layer in model.layers
        if getattr(layer, "kernel", None) is not None
    }


def others_by_layer(model: keras.Model) -> dict[str, dict[str, keras.Variable]]:
    """What the convolution part holds beside its kernels, by layer and name."""
    found: dict[str, dict[str, keras.Variable]] = {}
    for layer in convolution_part(model.layers):
        for weight in weights_to_keep(layer):
            if weight is not getattr(layer, "kernel", None):
                found.setdefault(layer.name, {})[weight.name] = weight
    return found


def _copies(weights: Mapping[str, keras.Variable]) -> dict[str, FloatArray]:
    return {name: np.asarray(copied(weight), np.float32) for name, weight in weights.items()}
