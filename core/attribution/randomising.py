"""A copy of a network that loses what it has learnt, layer by layer, from the top down."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import keras
import numpy as np

from core.attribution.maps import Question, maps_of
from core.attribution.records import Floats, Maps
from core.attribution.scores import ScoredNetwork
from core.errors import LearnscopeError
from core.inside.layers import chain
from core.mechanisms.layer_kernels import copy_of

_WEIGHTS = ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")


class RandomisedCopy:
    """A copy of a network, cascading randomisation of its layers (Adebayo et al., 2018).

    A stage is a layer with a kernel and the normalization behind it. Randomised, it has first
    weights again, drawn by its own initialisers: kernels anew, biases and statistics as they were
    before any training. May be shared by threads.

    Parameters
    ----------
    model : keras.Model
        A network in one line; it stays as it is.
    """

    def __init__(self, model: keras.Model) -> None:
        self._copy = copy_of(model)
        self._learnt = self._copy.get_weights()
        self._stages = _stages(chain(self._copy))
        self._network = ScoredNetwork(self._copy)
        self._using = threading.Lock()

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the layers with a kernel, the last one of the network first."""
        return tuple(str(stage[0].name) for stage in self._stages)

    def maps(self, question: Question, depth: int, seed: Sequence[int]) -> Maps:
        """The map of every method once the topmost stages are randomised.

        Parameters
        ----------
        question : Question
        depth : int
            How many stages, from 0 to all.
        seed : sequence of int
            A stage gets the same weights at every depth.
        """
        with self._using:
            self._randomise(depth, seed)
            return maps_of(self._network, question)

    def weights(self, depth: int, seed: Sequence[int]) -> list[Floats]:
        """The weights behind :meth:`maps`, in the order of ``keras.Model.get_weights``."""
        with self._using:
            self._randomise(depth, seed)
            return [np.asarray(weight) for weight in self._copy.get_weights()]

    def _randomise(self, depth: int, seed: Sequence[int]) -> None:
        if not 0 <= depth <= len(self._stages):
            raise LearnscopeError(
                f"Expected a number of layers from 0 to {len(self._stages)}. "
                f"Received: {depth}. Randomise fewer of them."
            )
        self._copy.set_weights(self._learnt)
        for number, stage in enumerate(self._stages[:depth]):
            for place, layer in enumerate(stage):
                _begin_anew(layer, [*seed, number, place])


def _stages(layers: Sequence[keras.Layer]) -> list[list[keras.Layer]]:
    """The layers with weights, each kernel with what follows it; the last stage first."""
    stages: list[list[keras.Layer]] = []
    for layer in layers:
        if getattr(layer, "kernel", None) is not None or not stages:
            stages.append([])
        stages[-1].append(layer)
    with_kernel = [s for s in stages if any(getattr(x, "kernel", None) is not None for x in s)]
    return with_kernel[::-1]


def _begin_anew(layer: keras.Layer, seed: Sequence[int]) -> None:
    """Give a layer the weights that it could have begun with."""
    for number, name in enumerate(_WEIGHTS):
        weight = getattr(layer, name, None)
        initializer = getattr(layer, f"{name}_initializer", None)
        if weight is None or initializer is None:
            continue
        drawn = int(np.random.SeedSequence([*seed, number]).generate_state(1)[0])
        config = initializer.get_config()
        if "seed" in config:
            initializer = type(initializer).from_config(config | {"seed": drawn})
        weight.assign(initializer(weight.shape, dtype=weight.dtype))
