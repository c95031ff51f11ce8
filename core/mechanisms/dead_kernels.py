"""Which kernels died: shrunk to nearly nothing, or silent whatever the image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.inside.layers import chain
from core.keras_state import KERAS_LOCK
from core.mechanisms.weight_records import Floats, LayerHealth, LayerKernel

_BATCH = 250


def loudest_outputs(model: keras.Model, images: NDArray[np.floating]) -> Mapping[str, Floats]:
    """The largest output of each kernel behind its ReLU, over all images and all places.

    Parameters
    ----------
    model : keras.Model
        A network in one line; as after training: dropout off, moving statistics.
    images : ndarray of shape (N, H, W, C), values in [0, 1]

    Returns
    -------
    mapping of str to ndarray of shape (O,)
        By layer with a kernel; a layer that is not followed by a ReLU is left out.
    """
    outputs = _behind_relu(model)
    if not outputs:
        return {}
    with KERAS_LOCK:
        inside = keras.Model(model.inputs, list(outputs.values()))
        graph = tf.function(
            lambda batch: [
                tf.reduce_max(tf.reshape(maps, (-1, maps.shape[-1])), axis=0)
                for maps in inside(batch, training=False)
            ],
            input_signature=[tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)],
        )
        first = graph(tf.constant(images[:_BATCH]))
    loudest = [answer.numpy() for answer in first]
    for begin in range(_BATCH, len(images), _BATCH):
        answers = graph(tf.constant(images[begin : begin + _BATCH]))
        loudest = [np.maximum(*pair) for pair in zip(loudest, answers, strict=True)]
    return {name: np.asarray(most) for name, most in zip(outputs, loudest, strict=True)}


def _behind_relu(model: keras.Model) -> dict[str, object]:
    """By layer with a kernel the output of the first ReLU behind it, ahead of the next kernel."""
    outputs: dict[str, object] = {}
    waiting = ""
    for layer in chain(model):
        if getattr(layer, "kernel", None) is not None:
            waiting = str(layer.name)
        if waiting and _is_relu(layer):
            outputs[waiting] = layer.output
            waiting = ""
    return outputs


def _is_relu(layer: keras.Layer) -> bool:
    function = getattr(getattr(layer, "activation", None), "__name__", "")
    return function == "relu" or isinstance(layer, keras.layers.ReLU)


def health(
    kernels: Sequence[LayerKernel], loudest: Mapping[str, Floats], share: float
) -> tuple[LayerHealth, ...]:
    """Which kernels of each layer are shrunk away or silent.

    Parameters
    ----------
    kernels : sequence of LayerKernel
    loudest : mapping of str to ndarray of shape (O,)
        As :func:`loudest_outputs` gives it.
    share : float
        A kernel is shrunk away if its norm is below this share of its layer's median norm.
    """
    found = []
    for kernel in kernels:
        flat = kernel.values.reshape(-1, kernel.values.shape[-1])
        norms = np.asarray(np.linalg.norm(flat, axis=0), np.float32)
        bound = share * float(np.median(norms))
        most = loudest.get(kernel.layer)
        found.append(
            LayerHealth(
                layer=kernel.layer,
                unit="units" if kernel.kind == "Dense" else "filters",
                norms=norms,
                bound=bound,
                small=norms < bound,
                silent=None if most is None else most <= 0,
            )
        )
    return tuple(found)
