"""The network as it was after a recorded epoch: its convolution part, with the weights of then."""

from __future__ import annotations

from collections.abc import Iterable

import keras
import numpy as np
from numpy.typing import NDArray

from core.errors import LearnscopeError
from core.inside.kernel_history import KernelHistory
from core.inside.layers import chain
from core.keras_state import KERAS_LOCK


def convolution_part(layers: Iterable[keras.Layer]) -> list[keras.Layer]:
    """The layers at the beginning whose outputs are maps: all before the first that flattens."""
    part: list[keras.Layer] = []
    for layer in layers:
        if len(getattr(layer.output, "shape", ())) != 4:
            break
        part.append(layer)
    return part


def weights_to_keep(layer: keras.Layer) -> list[keras.Variable]:
    """The weights of a layer; the state of a random generator is none."""
    return [weight for weight in layer.weights if "seed" not in str(weight.name)]


def weights_by_name(model: keras.Model) -> dict[str, keras.Variable]:
    """All weights of a network, by the names of their layer and their own: ``"dense/kernel"``."""
    return {
        f"{layer.name}/{weight.name}": weight
        for layer in model.layers
        for weight in weights_to_keep(layer)
    }


def recorded_layers(model: keras.Model, history: KernelHistory) -> list[keras.Layer]:
    """The layers of the convolution part, up to the first whose kernels were not recorded."""
    part: list[keras.Layer] = []
    for layer in convolution_part(chain(model)):
        if layer.name in history.left_out:
            break
        part.append(layer)
    return part


def network_after(model: keras.Model, history: KernelHistory, epoch: int) -> keras.Model:
    """The convolution part of a network, as it was after a recorded epoch.

    The weights of the dense layers behind it are not recorded with the kernels, and these not part
    of the result, so that nobody takes the answer of later dense layers for the answer of then.
    After some epochs the whole network is kept: :func:`core.fitting.networks.network_with`.

    Parameters
    ----------
    model : keras.Model
        The run's network in one line, with weights of any epoch. It is not changed.
    history : KernelHistory
        Where it holds kernels only, all other weights stay those of `model`.
    epoch : int
        One of the recorded epochs; 0 for the first weights.

    Returns
    -------
    keras.Model
        With the layers' names. Its output are the maps of its last layer.

    Raises
    ------
    LearnscopeError
        If that epoch is not recorded, no convolution layer is, or the recorded weights are not
        those of this network.
    """
    places = np.flatnonzero(history.epochs == epoch)
    part = recorded_layers(model, history)
    if not len(places) or not part or not history.kernels:
        recorded = ", ".join(str(number) for number in history.epochs) if history.kernels else ""
        raise LearnscopeError(
            f"Expected a recorded epoch: {recorded or 'there is none'}. Received: {epoch}. "
            "Choose one of these, or the best or last weights."
        )
    with KERAS_LOCK:
        copy = keras.models.clone_model(keras.Model(model.inputs[0], part[-1].output))
        for layer in part:
            _put_in(layer, copy.get_layer(layer.name), history, int(places[0]))
    return copy


def _put_in(layer: keras.Layer, copy: keras.Layer, history: KernelHistory, place: int) -> None:
    for weight, now in zip(layer.weights, copy.weights, strict=True):
        recorded = _recorded(layer, weight, history)
        if recorded is None:
            now.assign(weight)
        elif recorded.shape[1:] == tuple(now.shape):
            now.assign(recorded[place])
        else:
            raise LearnscopeError(
                f"Expected recorded weights of shape {tuple(now.shape)} for {layer.name}. "
                f"Received: {recorded.shape[1:]}, from another network. Train the run again."
            )


def _recorded(
    layer: keras.Layer, weight: keras.Variable, history: KernelHistory
) -> NDArray[np.float32] | None:
    if weight is getattr(layer, "kernel", None):
        return history.kernels.get(layer.name)
    return history.others.get(layer.name, {}).get(weight.name)
