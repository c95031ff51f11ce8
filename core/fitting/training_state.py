"""The state of a training: taken from a network and its optimizer, and put back into them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.errors import LearnscopeError
from core.keras_state import KERAS_LOCK
from core.library.state_file import Arrays, TrainingState


def captured(
    epoch: int,
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    beside: Sequence[keras.Variable],
    best: Arrays,
) -> TrainingState:
    """The state as it is now; copied, so that the training may go on."""
    network, moments, others = (
        [copied(variable) for variable in part]
        for part in (model.variables, optimizer.variables, beside)
    )
    places = {id(variable): at for at, variable in enumerate(model.variables)}
    order = [places[id(weight)] for weight in model.weights]
    return TrainingState(epoch, network, moments, order, best, others)


def copied(variable: keras.Variable) -> np.ndarray[Any, Any]:
    """The numbers of a variable as they are now, which takes Keras itself twice as long."""
    value = variable.value
    read = tf.raw_ops.ReadVariableOp(resource=value.handle, dtype=value.dtype)
    array: np.ndarray[Any, Any] = np.asarray(read.numpy())
    return array


def exchange(some: Iterable[keras.Variable], others: Iterable[keras.Variable]) -> None:
    """Give each variable the numbers of its partner, without rounding."""
    for one, other in zip(some, others, strict=True):
        held = copied(one)
        one.assign(copied(other))
        other.assign(held)


def restore(
    state: TrainingState,
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    beside: Sequence[keras.Variable],
) -> None:
    """Put a network, its built optimizer and what is kept beside them into a state.

    Raises
    ------
    LearnscopeError
        If they are not of the kind whose state it is; nothing is changed then.
    """
    variables = [*model.variables, *optimizer.variables, *beside]
    arrays = [*state.network, *state.optimizer, *state.beside]
    theirs = [(tuple(variable.shape), str(variable.dtype)) for variable in variables]
    if theirs != [(array.shape, str(array.dtype)) for array in arrays]:
        raise LearnscopeError(
            "Expected the state of a network as these settings describe it. Received: the state "
            "of one with other variables, from another version of Learnscope or of Keras. Train "
            "the run again."
        )
    with KERAS_LOCK:
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
