"""How the kernels moved: their change by epoch, and snapshots of them for a replay.

Beside the kernels stand the other weights of the network's convolution part, so that it can be
built once more as it was after any recorded epoch, and of dense layers, which are too large to be
kept, how many weights lie where. Needs no Keras, so that a page can read a history without it.
"""

from __future__ import annotations

import re
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import LearnscopeError
from core.inside.kernel_counts import (
    Counts,
    CountsByEpoch,
    by_epoch,
    counted,
    from_arrays,
    to_arrays,
)

FloatArray = npt.NDArray[np.float32]
KERNELS_FILE = "kernels.npz"
"""The name of the history in a run's folder."""
MOST = 64
"""How many snapshots a history holds at most."""
FEWEST = 8
"""How many there is room for of every layer that is kept."""
BUDGET = 32 * 2**20
"""Bytes of all snapshots together."""
_PREFIX = "kernels of "
_OTHER = re.compile(r"other (\w+) of (.+)", re.DOTALL)
Others = Mapping[str, Mapping[str, FloatArray]]
"""Arrays by the layer's name and their own, such as "bias" or "moving_mean"."""


@dataclass(frozen=True, eq=False)
class KernelHistory:
    """The kernels of the convolution layers at some moments of a training.

    Attributes
    ----------
    epochs : ndarray of shape (E,), int64
        After how many epochs each snapshot was taken, rising; 0 for the first weights. The last
        is that of the last epoch, also of one that was cut short.
    kernels : dict of str to ndarray of shape (E, R, C, I, O), float32
        By layer, first to last: snapshots, rows, columns, input channels, filters. Not finite if
        the training diverged.
    left_out : tuple of str
        Convolution layers that were too large to be kept.
    others : dict of str to dict of str to ndarray of shape (E, ...), float32
        By layer and name, the weights of the convolution part that are no kernels: biases, and
        gamma, beta and the moving statistics of normalizations. Empty in files of earlier versions.
    counts : dict of str to CountsByEpoch
        By layer, how many weights of a kernel that is not kept lie where: of dense layers, and of
        those that were left out. Empty in files of earlier versions.
    """

    epochs: npt.NDArray[np.int64]
    kernels: dict[str, FloatArray]
    left_out: tuple[str, ...] = ()
    others: dict[str, dict[str, FloatArray]] = field(default_factory=dict)
    counts: dict[str, CountsByEpoch] = field(default_factory=dict)

    @property
    def kernels_only(self) -> bool:
        """Whether an earlier version recorded it: without biases and normalizations."""
        return not self.others

    def until(self, epoch: int) -> KernelHistory:
        """The snapshots up to the end of epoch `epoch`, that one included."""
        chosen = self.epochs <= epoch
        kernels = {layer: values[chosen] for layer, values in self.kernels.items()}
        others = {
            layer: {name: values[chosen] for name, values in arrays.items()}
            for layer, arrays in self.others.items()
        }
        counts = {
            layer: by_epoch([one for one, stays in zip(of.moments(), chosen, strict=True) if stays])
            for layer, of in self.counts.items()
        }
        return KernelHistory(self.epochs[chosen], kernels, self.left_out, others, counts)


@dataclass(frozen=True, eq=False)
class _Snapshot:
    epoch: int
    kernels: Mapping[str, FloatArray] = field(repr=False)
    others: Others = field(default_factory=dict, repr=False)
    counts: Mapping[str, Counts] = field(default_factory=dict, repr=False)


class GrowingKernels:
    """A history that one thread appends to while others read; it never grows past its bounds.

    Snapshots are kept in single precision: a picture would need less, but the way that a kernel
    goes in one late epoch is a thousandth of its length and less, which half precision rounds
    away. The default network's take 19 kB each. The other weights of the convolution part come with
    them; beside the kernels they hardly weigh anything.

    As soon as there are more than `most`, every other one is dropped, and from then on only every
    second, fourth, ... epoch stays; the first and the newest always do. A network whose `most`
    snapshots would take more than `budget` gets fewer of them, but at least :data:`FEWEST`. If even
    these take more, its last layers are left out, from the first on that no longer goes in: of 128
    filters and 3x3 weights that is the third, with 512 filters of 256 channels. Of what is left
    out, and of dense layers, it is counted how many weights lie where, which takes about a kB each.

    Parameters
    ----------
    earlier : KernelHistory, optional
        What was recorded before the training was cut off.
    most : int
        At least 4.
    budget : int
        Bytes.
    """

    def __init__(
        self, earlier: KernelHistory | None = None, most: int = MOST, budget: int = BUDGET
    ) -> None:
        self._most, self._budget = most, budget
        self._lock = threading.Lock()
        self._stride = 1
        self._layers: tuple[str, ...] | None = None
        self._left_out: tuple[str, ...] = ()
        self._snapshots: list[_Snapshot] = []
        self._with_others = self._with_counts = True
        if earlier is not None and len(earlier.epochs):
            self._take_over(earlier)

    def add(
        self,
        epoch: int,
        kernels: Mapping[str, FloatArray],
        others: Others | None = None,
        dense: Mapping[str, FloatArray] | None = None,
    ) -> None:
        """Append the kernels as they are after `epoch` epochs; what was there of later ones goes.

        Parameters
        ----------
        epoch : int
            0 for the first weights.
        kernels : mapping of str to ndarray of shape (R, C, I, O), float32
            By layer. They are not copied, and not to be changed afterwards.
        others : mapping of str to mapping of str to ndarray, float32, optional
            The other weights of the convolution part, by layer and name; the same each time. They
            are dropped if earlier snapshots lack them.
        dense : mapping of str to ndarray, float32, optional
            The kernels of which only counts are kept, by layer; the same each time, and dropped if
            earlier snapshots lack them.
        """
        with self._lock:
            if self._layers is None:
                self._choose_layers(kernels)
            kept = {layer: kernels[layer] for layer in self._layers or ()}
            before = [snapshot for snapshot in self._snapshots if snapshot.epoch < epoch]
            beside = (others or {}) if self._with_others else {}
            counts = self._counts(kernels, dense or {}) if self._with_counts else {}
            self._snapshots = [*self._on_stride(before), _Snapshot(epoch, kept, beside, counts)]
            while len(self._snapshots) > self._most:
                self._stride *= 2
                newest = self._snapshots.pop()
                self._snapshots = [*self._on_stride(self._snapshots), newest]

    def history(self) -> KernelHistory:
        """All that is kept by now; later growth does not change it."""
        with self._lock:
            snapshots, layers = self._snapshots, self._layers or ()
        kernels = {
            layer: np.stack([snapshot.kernels[layer] for snapshot in snapshots]) for layer in layers
        }
        others = {
            layer: {
                name: np.stack([snapshot.others[layer][name] for snapshot in snapshots])
                for name in arrays
            }
            for layer, arrays in (snapshots[0].others if snapshots else {}).items()
        }
        counts = {
            layer: by_epoch([snapshot.counts[layer] for snapshot in snapshots])
            for layer in (snapshots[0].counts if snapshots else {})
        }
        epochs = np.array([snapshot.epoch for snapshot in snapshots], np.int64)
        return KernelHistory(epochs, kernels, self._left_out, others, counts)

    def write(self, path: Path) -> None:
        """Write what is kept by now to a file that :func:`read_kernel_history` reads."""
        history = self.history()
        named: dict[str, Any] = {
            f"{_PREFIX}{layer}": kernels for layer, kernels in history.kernels.items()
        }
        for layer, arrays in history.others.items():
            named |= {f"other {name} of {layer}": values for name, values in arrays.items()}
        named |= to_arrays(history.counts)
        # Weights hardly shrink by compression, which would take ten times as long.
        np.savez(path, epochs=history.epochs, left_out=np.array(history.left_out, str), **named)

    def _counts(
        self, kernels: Mapping[str, FloatArray], dense: Mapping[str, FloatArray]
    ) -> dict[str, Counts]:
        # In the training's own thread: another one would cost it turns of Python's lock.
        large = {layer: kernels[layer] for layer in self._left_out if layer in kernels}
        return {layer: counted(kernel) for layer, kernel in (large | dict(dense)).items()}

    def _on_stride(self, snapshots: list[_Snapshot]) -> list[_Snapshot]:
        return [
            snapshot
            for number, snapshot in enumerate(snapshots)
            if number == 0 or snapshot.epoch % self._stride == 0
        ]

    def _choose_layers(self, kernels: Mapping[str, FloatArray]) -> None:
        sizes = np.cumsum([values.nbytes for values in kernels.values()])
        count = int(np.searchsorted(sizes, self._budget // FEWEST, side="right"))
        self._layers, self._left_out = tuple(kernels)[:count], tuple(kernels)[count:]
        if count:
            room = max(FEWEST, self._budget // int(sizes[count - 1]))
            self._most = min(self._most, room)

    def _take_over(self, earlier: KernelHistory) -> None:
        self._choose_layers({layer: values[0] for layer, values in earlier.kernels.items()})
        self._left_out += earlier.left_out
        self._with_others, self._with_counts = bool(earlier.others), bool(earlier.counts)
        moments = {layer: counts.moments() for layer, counts in earlier.counts.items()}
        epochs = earlier.epochs.tolist()
        # Every epoch is kept at first, so the step at the beginning tells how far it was thinned.
        self._stride = epochs[1] - epochs[0] if len(epochs) > 2 else 1
        self._snapshots = [
            _Snapshot(
                epoch,
                {layer: earlier.kernels[layer][number] for layer in self._layers or ()},
                {
                    layer: {name: values[number] for name, values in arrays.items()}
                    for layer, arrays in earlier.others.items()
                },
                {layer: counts[number] for layer, counts in moments.items()},
            )
            for number, epoch in enumerate(epochs)
        ]


def read_kernel_history(path: Path) -> KernelHistory:
    """Read a history whole.

    Raises
    ------
    LearnscopeError
        If the file is damaged, or is not a history.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            kernels = {
                name.removeprefix(_PREFIX): file[name]
                for name in file.files
                if name.startswith(_PREFIX)
            }
            epochs, left_out = file["epochs"], tuple(file["left_out"].tolist())
            counts = from_arrays(file, len(epochs))
            history = KernelHistory(epochs, kernels, left_out, _others_in(file), counts)
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise _not_a_history(path) from error
    rising = history.epochs.ndim == 1 and bool(np.all(np.diff(history.epochs) > 0))
    whole = all(v.ndim == 5 and len(v) == len(history.epochs) for v in kernels.values()) and all(
        v.ndim and len(v) == len(history.epochs)
        for arrays in history.others.values()
        for v in arrays.values()
    )
    if not rising or not whole:
        raise _not_a_history(path)
    return history


def _others_in(file: Mapping[str, FloatArray]) -> dict[str, dict[str, FloatArray]]:
    others: dict[str, dict[str, FloatArray]] = {}
    for key in file:
        if named := _OTHER.fullmatch(key):
            others.setdefault(named[2], {})[named[1]] = file[key]
    return others


def _not_a_history(path: Path) -> LearnscopeError:
    return LearnscopeError(
        f"Expected a history of kernels. Received: {path.name}, which cannot be read: the file is "
        "damaged or is something else. Train the run again to record it anew."
    )
