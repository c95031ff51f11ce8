"""All that a training needs to go on where it was cut off, as one compact file.

A `.keras` file would not do: it lacks the states of the seeds that dropout draws from, without
which a resumed run is another run, and it takes far longer to write. Needs no Keras.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import LearnscopeError
from core.library.files import write_parts

_BEGIN = b"Learnscope training state 1\n"
_LENGTH = struct.Struct("<Q")
Arrays = list[np.ndarray[Any, Any]]


@dataclass(frozen=True, eq=False)
class TrainingState:
    """A training at the end of a whole epoch.

    Attributes
    ----------
    epoch : int
        The epoch that has ended, 1 for the first.
    network : list of ndarray
        All variables of the network in Keras's order: weights, moving statistics of batch
        normalizations, and states of the seeds that dropout draws from.
    optimizer : list of ndarray
        All variables of the optimizer: steps made, learning rate, moments.
    order : list of int
        Which of `network` are the weights, in the order of ``model.weights``.
    best : list of ndarray
        The weights of the best epoch so far, in the order of ``model.weights``. Empty if the
        best epoch is this one, or if there is none.
    beside : list of ndarray
        What is kept beside these two: the weights themselves while their equal average is in the
        network, in the order of ``model.weights``. Empty for most runs.
    """

    epoch: int
    network: Arrays
    optimizer: Arrays
    order: list[int] = field(default_factory=list)
    best: Arrays = field(default_factory=list)
    beside: Arrays = field(default_factory=list)

    @property
    def best_weights(self) -> Arrays:
        """The weights of the best epoch so far, also if it is this one."""
        return self.best or [self.network[at] for at in self.order]


def write_state(state: TrainingState, path: Path) -> None:
    """Write a state: a line of what it is, a table of its arrays in JSON, and their bytes."""
    write_parts(path, _parts(state))


def check_state(state: TrainingState, path: Path) -> None:
    """See that a file holds just this state.

    Raises
    ------
    LearnscopeError
        If it does not.
    """
    found, place, same = np.fromfile(path, np.uint8), 0, True
    for part in _parts(state):
        same &= np.array_equal(found[place : place + len(part)], np.frombuffer(part, np.uint8))
        place += len(part)
    if not same or place != len(found):
        raise LearnscopeError(
            f"Expected the state that was written to {path}. Received: other bytes. Check the disk."
        )


def read_state(path: Path) -> TrainingState:
    """Read a state back.

    Raises
    ------
    LearnscopeError
        If the file holds none.
    """
    try:
        content = path.read_bytes()
        begin = len(_BEGIN) + _LENGTH.size
        if content[: len(_BEGIN)] != _BEGIN:
            raise ValueError(content[: len(_BEGIN)])
        (length,) = _LENGTH.unpack_from(content, len(_BEGIN))
        table = json.loads(content[begin : begin + length])
        arrays, place = [], begin + length
        for dtype, shape in table["arrays"]:
            count = int(np.prod(shape, dtype=np.int64))
            array = np.frombuffer(content, dtype, count, place).reshape(shape)
            place += array.nbytes
            arrays.append(array)
        if place != len(content):
            raise ValueError(f"{len(content) - place} bytes too many")
        network, optimizer = table["network"], table["network"] + table["optimizer"]
        # States of earlier versions have nothing there.
        best = len(arrays) - table.get("beside", 0)
        return TrainingState(
            table["epoch"],
            arrays[:network],
            arrays[network:optimizer],
            table["order"],
            arrays[optimizer:best],
            arrays[best:],
        )
    except OSError as error:
        raise LearnscopeError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise LearnscopeError(
            f"Expected the state of a training. Received: {path}, which this version of Learnscope "
            "cannot read. Train the run again."
        ) from error


def _parts(state: TrainingState) -> list[bytes | memoryview]:
    """The file in order, without copying the arrays."""
    arrays = [np.asarray(array, order="C") for array in _arrays(state)]
    table = {
        "epoch": state.epoch,
        "network": len(state.network),
        "optimizer": len(state.optimizer),
        "beside": len(state.beside),
        "order": state.order,
        "arrays": [(array.dtype.str, array.shape) for array in arrays],
    }
    text = json.dumps(table).encode()
    contents = [array.reshape(-1).view(np.uint8).data for array in arrays if array.size]
    return [_BEGIN + _LENGTH.pack(len(text)) + text, *contents]


def _arrays(state: TrainingState) -> Arrays:
    return [*state.network, *state.optimizer, *state.best, *state.beside]
