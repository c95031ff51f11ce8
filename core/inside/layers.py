"""A saved network, opened safely and read out: its layers, their settings, their weights."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.errors import LearnscopeError
from core.inside.layer_kinds import CONVOLUTION_LAYERS, place_of_activation
from core.inside.layer_records import LayerRecord, WeightArray
from core.inside.layer_words import PURPOSES, axis_words, shape_words
from core.keras_state import KERAS_LOCK

Floats = NDArray[np.float32]


def load_network(path: Path) -> keras.Model:
    """Open a network saved by Keras, without running any code that the file may bring along.

    Raises
    ------
    LearnscopeError
        If there is no such file, it is damaged, or it needs code of its own.
    """
    if not path.is_file():
        raise LearnscopeError(
            f"Expected a saved network. Received: no file called {path.name}. "
            "Choose the run's other weights, or train it again."
        )
    try:
        with KERAS_LOCK:
            return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        # A damaged archive surfaces as nearly any type: zipfile's, h5py's, json's or Keras's own.
        raise LearnscopeError(
            f"Expected a network saved by Keras. Received: {path.name}, which cannot be opened: "
            "the file is damaged or needs code of its own. "
            "Choose the run's other weights, or train it again."
        ) from error


def chain(model: keras.Model) -> list[keras.Layer]:
    """The network's layers in the order in which an image passes them, without the input.

    Raises
    ------
    LearnscopeError
        If the layers do not form one single line.
    """
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise LearnscopeError(
            "Expected a network with one input and one output. Received: "
            f"{len(model.inputs)} inputs and {len(model.outputs)} outputs. "
            "Choose a network whose layers stand in one line."
        )
    if isinstance(model, keras.Sequential):
        return layers
    _refuse_joints(layers)
    before = model.inputs[0]
    for layer in layers:
        if _input_of(layer) is not before:
            raise _not_in_line(f"layer {layer.name!r}, which stands otherwise")
        before = layer.output
    if before is not model.outputs[0]:
        raise _not_in_line(f"layer {layers[-1].name!r}, which stands otherwise")
    return layers


def _refuse_joints(layers: list[keras.Layer]) -> None:
    """Name the layer at which branches meet, rather than the one behind which they part."""
    for layer in layers:
        branches = _input_of(layer)
        if isinstance(branches, list | tuple) and len(branches) > 1:
            raise _not_in_line(
                f"layer {layer.name!r} ({type(layer).__name__}), at which {len(branches)} branches "
                "meet, as at the end of a residual connection"
            )


def _not_in_line(what: str) -> LearnscopeError:
    return LearnscopeError(
        "Expected layers in one line, each used once and fed by the one before it. Received: "
        f"{what}. Networks with branches, residual connections or shared layers are not shown; "
        "choose another run."
    )


def _input_of(layer: keras.Layer) -> Any:
    try:
        return layer.input
    except (AttributeError, ValueError):  # never used by this network
        return None


def layer_table(model: keras.Model) -> tuple[LayerRecord, ...]:
    """Every layer of the network, first to last, the input left out."""
    return tuple(record_of(layer) for layer in chain(model))


def input_shape(model: keras.Model) -> tuple[int | None, ...]:
    """The shape of one image as the network takes it: (H, W, C).

    Raises
    ------
    LearnscopeError
        If the network takes no images, but series or volumes.
    """
    shape = tuple(model.inputs[0].shape[1:])
    if len(shape) != 3:
        raise LearnscopeError(
            "Expected a network that takes images: rows, columns and channels. Received: inputs "
            f"of shape {shape}{_named_not_shown(model)}. Choose another run."
        )
    return shape


def _named_not_shown(model: keras.Model) -> str:
    others = [
        f"{layer.name!r} ({type(layer).__name__})"
        for layer in model.layers
        if isinstance(layer, (keras.layers.Conv1D, keras.layers.Conv3D))
    ]
    if not others:
        return ""
    return f", and {', '.join(others)}; convolutions over one or three axes are not shown"


def input_record(model: keras.Model) -> LayerRecord:
    """The image itself, as the first block of the diagram."""
    shape = input_shape(model)
    return LayerRecord("image", "Input", shape, shape_words(shape), 0, 0, "the image as it comes")


def record_of(layer: keras.Layer) -> LayerRecord:
    """What there is to say of one layer."""
    kind = type(layer).__name__
    shape = tuple(layer.output.shape[1:])
    purpose = PURPOSES.get(kind, "a layer of its own kind")
    if kind == "Activation":
        function = str(getattr(layer.activation, "__name__", "activation"))
        purpose = PURPOSES.get(function, f"applies {function} to every number")
    elif kind == "Dense" and getattr(layer.activation, "__name__", "") == "softmax":
        purpose = PURPOSES["Dense softmax"]
    return LayerRecord(
        name=str(layer.name),
        kind=kind,
        output_shape=shape,
        output=shape_words(shape),
        weights=sum(math.prod(weight.shape) for weight in layer.weights),
        trained_weights=sum(math.prod(weight.shape) for weight in layer.trainable_weights),
        purpose=purpose,
    )


def layer_called(model: keras.Model, name: str) -> keras.Layer:
    """The layer of that name.

    Raises
    ------
    LearnscopeError
        If the network has no such layer.
    """
    layers = chain(model)
    for layer in layers:
        if layer.name == name:
            return layer
    raise LearnscopeError(
        f"Expected a layer of this network: {', '.join(layer.name for layer in layers)}. "
        f"Received: {name!r}. Choose one of these."
    )


def convolution_layers(model: keras.Model) -> tuple[str, ...]:
    """Names of the two-dimensional convolution layers, in order."""
    return tuple(layer.name for layer in chain(model) if isinstance(layer, CONVOLUTION_LAYERS))


def layers_with_kernels(model: keras.Model) -> tuple[str, ...]:
    """Names of the two-dimensional convolution layers, at least one.

    Raises
    ------
    LearnscopeError
        If there is none; convolutions over one or three axes are named.
    """
    names = convolution_layers(model)
    if not names:
        raise LearnscopeError(
            "Expected a network with a two-dimensional convolution layer (Conv2D). Received: none"
            f"{_named_not_shown(model)}. Choose another run."
        )
    return names


def activation_behind(model: keras.Model, name: str) -> str:
    """The layer that applies the activation to what a layer computes; itself if there is none.

    Behind a layer with weights, only normalizations and dropout may come before it.
    """
    layers = chain(model)
    place = layers.index(layer_called(model, name))
    if layers[place].weights:
        place = place_of_activation(layers, place)
    return str(layers[place].name)


def kernels_of(model: keras.Model, name: str) -> tuple[Floats, Floats | None]:
    """Kernels and biases of a convolution layer.

    A depthwise layer has filters of one input channel each, and a layer in groups filters that see
    the channels of their group. The two steps of a separable layer are multiplied out: nothing
    stands between them, so that this is what the layer computes.

    Returns
    -------
    kernels : ndarray of shape (R, C, I, O)
        I is the number of input channels that one filter sees.
    bias : ndarray of shape (O,) or None
        None where the layer has no bias.

    Raises
    ------
    LearnscopeError
        If there is no such layer, or it is no two-dimensional convolution.
    """
    layer = layer_called(model, name)
    if not isinstance(layer, CONVOLUTION_LAYERS):
        raise LearnscopeError(
            "Expected a two-dimensional convolution layer (Conv2D, DepthwiseConv2D or "
            f"SeparableConv2D). Received: {name!r}, a {type(layer).__name__}. Conv1D, Conv3D and "
            "transposed convolutions are not shown. Choose a layer that has kernels."
        )
    bias = None if layer.bias is None else np.asarray(layer.bias, dtype=np.float32)
    if isinstance(layer, keras.layers.SeparableConv2D):
        return _multiplied_out(layer), bias
    kernels = np.asarray(layer.kernel, dtype=np.float32)
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        # Filter i * M + m is the m-th of channel i.
        kernels = kernels.reshape(*kernels.shape[:2], 1, -1)
    return kernels, bias


def _multiplied_out(layer: keras.layers.SeparableConv2D) -> Floats:
    depthwise = np.asarray(layer.depthwise_kernel, dtype=np.float32)
    pointwise = np.asarray(layer.pointwise_kernel, dtype=np.float32)[0, 0]
    mixing = pointwise.reshape(*depthwise.shape[2:], -1)
    kernels: Floats = np.einsum("rcim,imo->rcio", depthwise, mixing)
    return kernels


def weight_arrays(model: keras.Model, name: str) -> tuple[WeightArray, ...]:
    """Every weight array of a layer, with its shape spelled out."""
    layer = layer_called(model, name)
    kind = type(layer).__name__
    return tuple(
        WeightArray(
            name=str(weight.name),
            values=np.asarray(weight, dtype=np.float32),
            words=axis_words(kind, str(weight.name), tuple(weight.shape)),
        )
        for weight in layer.weights
        if "seed" not in str(weight.name)  # the state of a random generator is no weight
    )


def configuration(model: keras.Model, name: str) -> dict[str, str]:
    """How a layer is set, from the setting's name to its value in plain words."""
    config = layer_called(model, name).get_config()
    left_out = {"name", "dtype", "trainable", "build_config"}
    return {key: _plain(value) for key, value in config.items() if key not in left_out}


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict) and "class_name" in value:
        config = value.get("config")
        inner = config if isinstance(config, dict) else {}
        pairs = [f"{key}={_plain(part)}" for key, part in inner.items() if part is not None]
        return f"{value['class_name']}({', '.join(pairs)})"
    if isinstance(value, list | tuple):
        return " x ".join(_plain(part) for part in value)
    return str(value)
