"""The network that a run trains, and the one that a file holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import keras

from core.data import facts
from core.errors import LearnscopeError
from core.fitting.keras_archive import compiled
from core.inside.recorded import weights_by_name
from core.keras_state import KERAS_LOCK
from core.library.kept_epochs import FloatArray
from core.library.state_file import TrainingState
from core.model import build_network, build_optimizer
from core.settings import NOISES, Settings


def network_to_train(settings: Settings, state: TrainingState | None) -> keras.Model:
    """With layers of dropout and noise that can be turned on where they are off.

    Parameters
    ----------
    settings : Settings
    state : TrainingState or None
        From which the training goes on. Those of earlier versions are of networks without layers
        that are silent, and so is what goes on from them.
    """
    model = _network(settings, NOISES)
    if state is not None and len(state.network) < len(model.variables):
        return _network(settings)
    return model


def network_for_file(settings: Settings) -> keras.Model:
    """A network to save, compiled so that whoever loads the file can go on with it."""
    model = _network(settings)
    return compiled(model, optimizer_for_file(settings, model))


def network_with(settings: Settings, weights: Mapping[str, FloatArray]) -> keras.Model:
    """The network that the settings describe, with weights that were kept.

    Parameters
    ----------
    settings : Settings
        Those in force when the weights were so.
    weights : mapping of str to ndarray
        All of them, by name.

    Raises
    ------
    LearnscopeError
        If they are not those of this network.
    """
    model = _network(settings)
    own = weights_by_name(model)
    shapes = {name: tuple(weight.shape) for name, weight in own.items()}
    if shapes != {name: array.shape for name, array in weights.items()}:
        raise LearnscopeError(
            "Expected the weights of the network that the run's settings describe. Received: those "
            "of another network. Choose the run's best or last weights, or train it again."
        )
    with KERAS_LOCK:
        for name, weight in own.items():
            weight.assign(weights[name])
    return model


def optimizer_for_file(settings: Settings, model: keras.Model) -> keras.optimizers.Optimizer:
    """An optimizer that has made no step; without its variables Keras warns when it loads them."""
    with KERAS_LOCK:
        optimizer = build_optimizer(settings.optimisation)
        optimizer.build(model.trainable_variables)
    return optimizer


def _network(settings: Settings, silent: Collection[str] = ()) -> keras.Model:
    known = facts(settings.data.dataset)
    return build_network(settings, known.image_shape, len(known.class_names), silent)
