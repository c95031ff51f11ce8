"""Settings -> the plan of the network: each layer, its shape, its weights, its memory.

The plan is plain arithmetic, so that the page can show it at every moved slider, long before
TensorFlow is in. :mod:`core.model` makes the Keras model of it and :mod:`core.script` the script,
so that the three cannot say different things.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import LearnscopeError
from core.settings import RegularizationSettings, Settings

_FLOAT = 4
"""Bytes of a number in single precision."""
_SLOTS = {"adam": 2, "adamw": 2, "sgd": 1, "rmsprop": 1}
"""How many numbers an optimizer remembers for each weight."""


@dataclass(frozen=True)
class Penalty:
    """The price on a layer's weights; 0 means none."""

    l1: float
    l2: float

    @property
    def charged(self) -> bool:
        """Whether there is a price at all."""
        return self.l1 > 0 or self.l2 > 0


@dataclass(frozen=True)
class LayerPlan:
    """One layer to be.

    Attributes
    ----------
    name : str
        Its name in the model, such as ``"conv_1"``.
    kind : str
        The class in ``keras.layers``.
    positional, options : tuple, Mapping
        What that class is called with, as a person would write it.
    penalty : Penalty or None
        The price on its kernel; None for layers without a kernel.
    output_shape : tuple of int
        Without the batch: (H, W, C) for maps, (U,) for units.
    weights : int
        Numbers it holds, the moving statistics of a normalization included.
    """

    name: str
    kind: str
    positional: tuple[object, ...]
    options: Mapping[str, object]
    output_shape: tuple[int, ...]
    weights: int = 0
    penalty: Penalty | None = None


@dataclass(frozen=True)
class NetworkPlan:
    """The layers in order, from the image to the probabilities of the classes."""

    image_shape: tuple[int, int, int]
    layers: tuple[LayerPlan, ...]

    @property
    def weights(self) -> int:
        """Numbers in the whole network."""
        return sum(layer.weights for layer in self.layers)


@dataclass
class _Draft:
    """Grows a plan layer by layer, carrying the shape along."""

    shape: tuple[int, ...]
    layers: list[LayerPlan] = field(default_factory=list)

    def add(
        self,
        name: str,
        kind: str,
        *positional: object,
        shape: tuple[int, ...] | None = None,
        weights: int = 0,
        penalty: Penalty | None = None,
        options: Mapping[str, object] | None = None,
    ) -> None:
        self.shape = self.shape if shape is None else shape
        self.layers.append(
            LayerPlan(name, kind, positional, options or {}, self.shape, weights, penalty)
        )


def plan_network(
    settings: Settings, image_shape: tuple[int, int, int], classes: int
) -> NetworkPlan:
    """Plan the network that the settings describe.

    Each block is convolution, activation, pooling and dropout, and has twice the filters of the
    one before; normalization stands before or after the activation. Then come one dense layer
    and the classes. What is off is not in the plan.

    Parameters
    ----------
    settings : Settings
        Of which the parts `network` and `regularization` are used.
    image_shape : tuple of int
        (H, W, C) of one image.
    classes : int
        How many classes there are.

    Raises
    ------
    LearnscopeError
        If the maps would shrink to nothing, naming the layer that does it.
    """
    regularization = settings.regularization
    penalty = Penalty(regularization.l1, regularization.l2)
    draft = _Draft(image_shape)
    for block in range(1, settings.network.blocks + 1):
        _add_block(draft, block, settings, penalty)
    draft.add("flatten", "Flatten", shape=(math.prod(draft.shape),))
    _add_dense(draft, "dense", settings.network.dense_units, penalty)
    _add_activation(draft, "dense", regularization)
    if regularization.dropout_dense > 0:
        draft.add("dropout_dense", "Dropout", regularization.dropout_dense)
    _add_dense(draft, "classes", classes, penalty, {"activation": "softmax"})
    return NetworkPlan(image_shape, tuple(draft.layers))


def _add_block(draft: _Draft, block: int, settings: Settings, penalty: Penalty) -> None:
    network, regularization = settings.network, settings.regularization
    height, width, channels = draft.shape
    side, filters = network.kernel_size, network.filters * 2 ** (block - 1)
    draft.add(
        f"conv_{block}",
        "Conv2D",
        filters,
        side,
        shape=(height, width, filters),
        weights=side * side * channels * filters + filters,
        penalty=penalty,
        options={"padding": "same"},
    )
    _add_activation(draft, str(block), regularization)
    if network.pooling != "none":
        if min(height, width) < 2:
            raise LearnscopeError(
                f"Expected maps of at least 2x2 numbers before pool_{block}. Received: {height}x"
                f"{width}, which it would halve to nothing. Use fewer convolution blocks, or no "
                "pooling."
            )
        kind = {"max": "MaxPooling2D", "average": "AveragePooling2D"}[network.pooling]
        draft.add(f"pool_{block}", kind, 2, shape=(height // 2, width // 2, filters))
    if regularization.dropout_convolution > 0:
        kind = "SpatialDropout2D" if regularization.spatial_dropout else "Dropout"
        draft.add(f"dropout_{block}", kind, regularization.dropout_convolution)


def _add_dense(
    draft: _Draft,
    name: str,
    units: int,
    penalty: Penalty,
    options: Mapping[str, object] | None = None,
) -> None:
    (inputs,) = draft.shape
    draft.add(
        name,
        "Dense",
        units,
        shape=(units,),
        weights=inputs * units + units,
        penalty=penalty,
        options=options,
    )


def _add_activation(draft: _Draft, place: str, regularization: RegularizationSettings) -> None:
    """ReLU, with the normalization ahead of it or behind it, where there is one."""
    where = regularization.batch_normalization_place if regularization.batch_normalization else ""
    if where == "before":
        _add_normalization(draft, place, regularization)
    draft.add(f"relu_{place}", "Activation", "relu")
    if where == "after":
        _add_normalization(draft, place, regularization)


def _add_normalization(draft: _Draft, place: str, regularization: RegularizationSettings) -> None:
    momentum = regularization.batch_normalization_momentum
    # Keras's own default is left unsaid, as a person would.
    options: dict[str, object] = {} if momentum == 0.99 else {"momentum": momentum}
    draft.add(
        f"batch_normalization_{place}",
        "BatchNormalization",
        weights=4 * draft.shape[-1],
        options=options,
    )


def memory_of_layers(plan: NetworkPlan, settings: Settings) -> dict[str, int]:
    """Estimate the bytes that each layer takes while the network is trained, by layer name.

    Counted are its weights, their gradient and what the optimizer remembers of them, and its
    output and that output's gradient for one batch. What TensorFlow itself takes is left out.
    """
    copies = 2 + _SLOTS[settings.optimisation.optimizer]
    batch = settings.optimisation.batch_size
    return {
        layer.name: _FLOAT * (copies * layer.weights + 2 * batch * math.prod(layer.output_shape))
        for layer in plan.layers
    }


def in_bytes(count: float) -> str:
    """A number of bytes in words, such as "3.4 MB" (steps of 1,000)."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        # From here on it would be written as 1000 of them.
        if count < 999.5 or unit == "TB":
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "bytes" or count >= 99.95 else f"{count:.1f} {unit}"
