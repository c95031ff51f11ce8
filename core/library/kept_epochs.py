"""The whole network after some epochs of a run: after which, and the file of each.

The kernels of every epoch are small and stand together in one file. All weights are not: those of
the default network take 0.8 MB. So they are kept thinly, and each time in a file of its own, which
is written once. Needs no Keras.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import LearnscopeError
from core.library.files import broken_part, write_parts

FloatArray = npt.NDArray[np.float32]
MOST = 12
"""How often in a run its network is kept at most."""
FEWEST = 3
"""And at least, for two would be hardly more than best and last; else it is not kept at all."""
BUDGET = 32 * 2**20
"""Bytes of all of them together."""
_DAMAGED = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile)
_NAME = re.compile(r"epoch-(0|[1-9][0-9]{0,8})\.npz")


def kept_file(epoch: int) -> str:
    """The name of the file with the network after an epoch; 0 for the first weights."""
    return f"epoch-{epoch}.npz"


def kept_epochs(files: Iterable[str]) -> list[int]:
    """After which epochs the network is kept, by the names of a run's files, in order."""
    found = (_NAME.fullmatch(name) for name in files)
    return sorted(int(match[1]) for match in found if match)


def step_between(epochs: int, size: int) -> int | None:
    """Every how manieth epoch the network is kept, from epoch 0 on; None if it is too large.

    Parameters
    ----------
    epochs : int
        For how many the run is to be trained.
    size : int
        Bytes of the network's weights.
    """
    room = min(MOST, BUDGET // max(1, size))
    return None if room < FEWEST else max(1, -(-epochs // (room - 1)))


def write_network(weights: Mapping[str, FloatArray], path: Path) -> None:
    """Write all weights of a network, by their names, to a file for :func:`read_network`.

    As one row of numbers and a table of what they are: an archive with a part for each weight takes
    three times as long.
    """
    packed = io.BytesIO()
    layout = [f"{name} {'x'.join(map(str, array.shape))}" for name, array in weights.items()]
    row = np.concatenate([array.reshape(-1) for array in weights.values()])
    # Weights hardly shrink by compression, which would take ten times as long.
    np.savez(packed, layout=np.array(layout), weights=row)
    write_parts(path, [packed.getbuffer()])


def check_network(path: Path) -> None:
    """Read a file back whole; its parts carry checksums.

    Raises
    ------
    LearnscopeError
        If it is not what was written.
    """
    if broken_part(path) is not None:
        raise _not_a_network(path)


def read_network(path: Path) -> dict[str, FloatArray]:
    """Read the weights of a network back, by their names.

    Raises
    ------
    LearnscopeError
        If the file is damaged, or holds something else.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            layout, row = file["layout"].tolist(), file["weights"]
        shapes = {}
        for line in layout:
            name, _, shape = line.rpartition(" ")
            shapes[name] = tuple(int(length) for length in shape.split("x") if length)
        ends = np.cumsum([math.prod(shape) for shape in shapes.values()])
        if row.dtype != np.float32 or row.shape != (ends[-1],) or len(shapes) != len(layout):
            raise _not_a_network(path)
        parts = np.split(row, ends[:-1])
        return {name: part.reshape(shapes[name]) for name, part in zip(shapes, parts, strict=True)}
    except (*_DAMAGED, AttributeError, IndexError) as error:
        raise _not_a_network(path) from error


def _not_a_network(path: Path) -> LearnscopeError:
    return LearnscopeError(
        f"Expected the weights of a network after an epoch. Received: {path.name}, which cannot be "
        "read: the file is damaged or is something else. Choose other weights, or train the run "
        "again."
    )
