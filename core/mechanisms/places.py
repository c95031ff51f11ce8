"""A network cut open where dropout stands in it, or where it would stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras

from core.inside.layers import chain

_USUAL_RATE = 0.5
"""Of hidden units, in Srivastava et al. (2014): the start for a network that had no dropout."""


@dataclass(frozen=True)
class Place:
    """A layer whose output dropout silences.

    Attributes
    ----------
    after : str
        The layer's name.
    dense : bool
        Whether it is in the dense part of the network; else it ends a convolution block.
    whole_maps : bool
        Whether a map falls silent as a whole (spatial dropout).
    trained_rate : float
        The rate that it was trained with; 0 if there was no dropout in this place.
    gaussian : bool
        Whether it was trained with Gaussian dropout, which multiplies by noise of the same mean
        and variance instead of silencing (Srivastava et al., 2014, section 10).
    shape : tuple of int
        Of the layer's output for one image: (H, W, C) or (U,).
    """

    after: str
    dense: bool
    whole_maps: bool
    trained_rate: float
    shape: tuple[int, ...]
    gaussian: bool = False

    @property
    def mask_shape(self) -> tuple[int, ...]:
        """The shape of one image's mask, which is spread over `shape`."""
        return (1, 1, self.shape[-1]) if self.whole_maps else self.shape

    @property
    def units(self) -> int:
        """How many units fall silent, each by a chance of its own."""
        return math.prod(self.mask_shape)


@dataclass(frozen=True)
class Rates:
    """The share of units that fall silent, in [0, 1): in the dense part, and after the blocks."""

    dense: float
    blocks: float

    def at(self, place: Place) -> float:
        """The rate in one place."""
        return self.dense if place.dense else self.blocks


@dataclass(frozen=True, eq=False)
class CutNetwork:
    """A network as the stretches between its places of dropout.

    Attributes
    ----------
    places : tuple of P Places
        In the order in which an image passes them.
    stretches : tuple of P + 1 tuples of keras.Layer
        The layers before the first place, between two, and after the last.
    """

    places: tuple[Place, ...]
    stretches: tuple[tuple[keras.Layer, ...], ...]

    @property
    def trained(self) -> Rates:
        """The rates of the training; 0 where it had none."""
        dense, blocks = (
            max((p.trained_rate for p in self.places if p.dense is kind), default=0.0)
            for kind in (True, False)
        )
        return Rates(dense, blocks)

    @property
    def gaussian(self) -> bool:
        """Whether it was trained with Gaussian dropout anywhere."""
        return any(place.gaussian for place in self.places)

    @property
    def start(self) -> Rates:
        """The rates of the training; for one without dropout the classic rate in the dense part."""
        trained = self.trained
        return trained if trained != Rates(0.0, 0.0) else Rates(_USUAL_RATE, 0.0)

    def first_active(self, rates: Rates) -> int:
        """The first place where something falls silent; the last one if nothing does anywhere."""
        active = [number for number, place in enumerate(self.places) if rates.at(place) > 0]
        return min(active, default=len(self.places) - 1)

    def silenced_units(self, rates: Rates) -> int:
        """How many units may fall silent at these rates."""
        return sum(place.units for place in self.places if rates.at(place) > 0)

    def expected_silent(self, rates: Rates) -> float:
        """How many of them are silent in a step, on average."""
        return sum(rates.at(place) * place.units for place in self.places)


def cut_open(model: keras.Model, whole_maps: bool = False) -> CutNetwork:
    """Cut a network open at its dropout layers and, where it has none, at dropout's usual places.

    Usual is what :func:`core.network.plan_network` does: the end of each convolution block, and
    the output of the last hidden layer. A part of the network that has dropout keeps the places
    that it was trained with.

    Parameters
    ----------
    model : keras.Model
        A network in one line.
    whole_maps : bool
        Whether dropout after a block, where there was none, is to silence whole maps.

    Raises
    ------
    LearnscopeError
        If the network has branches.
    """
    layers = chain(model)
    has_dropout = {len(_shape(layer)) for layer in layers if _drops(layer)}
    places: list[Place] = []
    stretches: list[list[keras.Layer]] = [[]]
    for number, layer in enumerate(layers):
        if _drops(layer):
            before = layers[number - 1] if number else layer
            places.append(_trained_place(before, layer))
            stretches.append([])
            continue
        stretches[-1].append(layer)
        if len(_shape(layer)) not in has_dropout and _ends_a_part(layers, number):
            places.append(_usual_place(layer, whole_maps))
            stretches.append([])
    return CutNetwork(tuple(places), tuple(map(tuple, stretches)))


def _drops(layer: keras.Layer) -> bool:
    # Spatial dropout is a Dropout, too.
    return isinstance(layer, keras.layers.Dropout | keras.layers.GaussianDropout)


def _shape(layer: keras.Layer) -> tuple[int, ...]:
    return tuple(layer.output.shape[1:])


def _trained_place(before: keras.Layer, dropout: keras.Layer) -> Place:
    shape = _shape(before)
    return Place(
        after=str(before.name),
        dense=len(shape) == 1,
        whole_maps=isinstance(dropout, keras.layers.SpatialDropout2D),
        trained_rate=float(dropout.rate),
        shape=shape,
        gaussian=isinstance(dropout, keras.layers.GaussianDropout),
    )


def _usual_place(layer: keras.Layer, whole_maps: bool) -> Place:
    shape = _shape(layer)
    return Place(str(layer.name), len(shape) == 1, whole_maps and len(shape) == 3, 0.0, shape)


def _ends_a_part(layers: Sequence[keras.Layer], number: int) -> bool:
    """Whether a convolution block ends with this layer, or what is hidden of the dense part."""
    if number + 1 == len(layers):
        return False
    following = layers[number + 1]
    if len(_shape(layers[number])) == 1:
        return number + 2 == len(layers) and isinstance(following, keras.layers.Dense)
    convolved = any(isinstance(layer, keras.layers.Conv2D) for layer in layers[: number + 1])
    return convolved and isinstance(following, keras.layers.Conv2D | keras.layers.Flatten)
