"""Settings -> the plan of the network: each layer, its shape, its weights, its memory.

The plan is plain arithmetic, so that the page can show it at every moved slider, long before
TensorFlow is in. :mod:`core.model` makes the Keras model of it and :mod:`core.script` the script,
so that the three cannot say different things.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from core.errors import LearnscopeError
from core.settings import RegularizationSettings, Settings


@dataclass(frozen=True)
class Penalty:
    """The price on a layer's weights; 0 means none."""

    l1: float
    l2: float

    @property
    def charged(self) -> bool:
        """Whether there is a price at all."""
        return self.l1 > 0 or self.l2 > 0


_NORMALIZATIONS = {
    "batch": "BatchNormalization",
    "layer": "LayerNormalization",
    "group": "GroupNormalization",
}
_DROPOUTS = {"standard": "Dropout", "spatial": "SpatialDropout2D", "gaussian": "GaussianDropout"}


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
    max_norm : float
        The longest that the weights into one unit or filter may be; 0 means no bound.
    output_shape : tuple of int
        Without the batch: (H, W, C) for maps, (U,) for units.
    weights : int
        Numbers it holds, the moving statistics of a normalization included.
    noise_place : int or None
        Which of the network's :attr:`NetworkPlan.noise_places` it stands at, if it draws at random
        while training.
    silent : bool
        Whether whoever builds it puts its rate to 0 at once. Keras gives a layer that is built with
        a rate of 0 no chance at all, so that it could not be turned on later.
    """

    name: str
    kind: str
    positional: tuple[object, ...]
    options: Mapping[str, object]
    output_shape: tuple[int, ...]
    weights: int = 0
    penalty: Penalty | None = None
    max_norm: float = 0.0
    noise_place: int | None = None
    silent: bool = False


@dataclass(frozen=True)
class NetworkPlan:
    """The layers in order, from the image to the probabilities of the classes.

    Attributes
    ----------
    noise_places : int
        How many places there are at which noise or dropout can stand, whether it does or not: on
        the image, two behind each block, and behind the dense layer. The chance of each belongs to
        its place, so that one more regularizer changes neither the first weights nor the masks of
        the others.
    """

    image_shape: tuple[int, int, int]
    layers: tuple[LayerPlan, ...]
    noise_places: int

    @property
    def weights(self) -> int:
        """Numbers in the whole network."""
        return sum(layer.weights for layer in self.layers)

    @property
    def noisy(self) -> bool:
        """Whether a layer draws at random while training."""
        return any(layer.noise_place is not None for layer in self.layers)


_RATE_TO_BUILD_WITH = 0.5
"""That of a layer which is silent afterwards: any other above 0 would do."""


@dataclass
class _Draft:
    """Grows a plan layer by layer, carrying the shape along, and what all layers share."""

    shape: tuple[int, ...]
    regularization: RegularizationSettings
    silent: Collection[str]
    layers: list[LayerPlan] = field(default_factory=list)

    def add(
        self,
        name: str,
        kind: str,
        *positional: object,
        shape: tuple[int, ...] | None = None,
        weights: int = 0,
        kernel: bool = False,
        options: Mapping[str, object] | None = None,
        noise_place: int | None = None,
        silent: bool = False,
    ) -> None:
        self.shape = self.shape if shape is None else shape
        price = Penalty(self.regularization.l1, self.regularization.l2)
        penalty, max_norm = (price, self.regularization.max_norm) if kernel else (None, 0.0)
        self.layers.append(
            LayerPlan(
                name,
                kind,
                positional,
                options or {},
                self.shape,
                weights,
                penalty,
                max_norm,
                noise_place,
                silent,
            )
        )

    def add_noise(self, name: str, kind: str, setting: str, place: int) -> None:
        """Noise or dropout, if its setting is above 0, or it is wanted though it is off."""
        rate = float(getattr(self.regularization, setting))
        if rate > 0:
            self.add(name, kind, rate, noise_place=place)
        elif setting in self.silent:
            self.add(name, kind, _RATE_TO_BUILD_WITH, noise_place=place, silent=True)


def plan_network(
    settings: Settings,
    image_shape: tuple[int, int, int],
    classes: int,
    silent: Collection[str] = (),
) -> NetworkPlan:
    """Plan the network that the settings describe.

    Each block is convolution, activation, pooling, noise and dropout, and has twice the filters of
    the one before; normalization stands before or after the activation. Then come one dense layer
    and the classes. Noise may stand ahead of the first block instead. What is off is not in the
    plan, unless it is wanted there.

    Parameters
    ----------
    settings : Settings
        Of which the parts `network` and `regularization` are used.
    image_shape : tuple of int
        (H, W, C) of one image.
    classes : int
        How many classes there are.
    silent : collection of str
        Settings of noise and dropout, such as ``"dropout_dense"``, whose layers are in the plan
        also where they are off, so that they can be turned on while the network is trained.

    Raises
    ------
    LearnscopeError
        If the maps would shrink to nothing, or channels cannot be divided into the groups of a
        normalization, naming the layer.
    """
    regularization = settings.regularization
    places = 2 * settings.network.blocks + 2
    draft = _Draft(image_shape, regularization, silent)
    if regularization.noise_place == "input":
        draft.add_noise("noise", "GaussianNoise", "noise", 0)
    for block in range(1, settings.network.blocks + 1):
        _add_block(draft, block, settings)
    draft.add("flatten", "Flatten", shape=(math.prod(draft.shape),))
    _add_dense(draft, "dense", settings.network.dense_units)
    _add_activation(draft, "dense", regularization)
    # Units are no maps, of which spatial dropout could silence whole ones.
    kind = "GaussianDropout" if regularization.dropout_kind == "gaussian" else "Dropout"
    draft.add_noise("dropout_dense", kind, "dropout_dense", places - 1)
    _add_dense(draft, "classes", classes, {"activation": "softmax"})
    return NetworkPlan(image_shape, tuple(draft.layers), places)


def _add_block(draft: _Draft, block: int, settings: Settings) -> None:
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
        kernel=True,
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
    if regularization.noise_place == "blocks":
        draft.add_noise(f"noise_{block}", "GaussianNoise", "noise", 2 * block - 1)
    kind = _DROPOUTS[regularization.dropout_kind]
    draft.add_noise(f"dropout_{block}", kind, "dropout_convolution", 2 * block)


def _add_dense(
    draft: _Draft,
    name: str,
    units: int,
    options: Mapping[str, object] | None = None,
) -> None:
    (inputs,) = draft.shape
    draft.add(
        name,
        "Dense",
        units,
        shape=(units,),
        weights=inputs * units + units,
        kernel=True,
        options=options,
    )


def _add_activation(draft: _Draft, place: str, regularization: RegularizationSettings) -> None:
    """ReLU, with the normalization ahead of it or behind it, where there is one."""
    on = regularization.normalization != "none"
    where = regularization.normalization_place if on else ""
    if where == "before":
        _add_normalization(draft, place, regularization)
    draft.add(f"relu_{place}", "Activation", "relu")
    if where == "after":
        _add_normalization(draft, place, regularization)


def _add_normalization(draft: _Draft, place: str, regularization: RegularizationSettings) -> None:
    """Batch normalization over the batch; layer and group normalization within each image.

    Layer normalization of maps is taken over rows, columns and channels of an image, with a scale
    and a shift for each channel: group normalization with one group (Wu & He, 2018). A scale for
    each pixel, as ``LayerNormalization`` would have over these axes, would tie the network to one
    size of image.
    """
    kind = _NORMALIZATIONS[regularization.normalization]
    name, channels = f"{regularization.normalization}_normalization_{place}", draft.shape[-1]
    options: dict[str, object] = {}
    if kind == "LayerNormalization" and len(draft.shape) == 3:
        kind, options = "GroupNormalization", {"groups": 1}
    elif kind == "GroupNormalization":
        options = {"groups": _divided(channels, regularization.normalization_groups, name)}
    elif kind == "BatchNormalization" and regularization.batch_normalization_momentum != 0.99:
        # Keras's own default is left unsaid, as a person would.
        options = {"momentum": regularization.batch_normalization_momentum}
    each = 4 if kind == "BatchNormalization" else 2
    draft.add(name, kind, weights=each * channels, options=options)


def _divided(channels: int, groups: int, name: str) -> int:
    if channels % groups:
        raise LearnscopeError(
            f"Expected a number of groups that divides the {channels} channels before {name}. "
            f"Received: {groups}. Use fewer groups, or a number of filters and dense units that "
            "is a multiple of it."
        )
    return groups
