"""The kernels of a run's checkpoints, and the snapshots of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.errors import LearnscopeError
from core.export.whole_run import WholeRun
from core.inside.kernel_history import KERNELS_FILE, read_kernel_history
from core.inside.layers import convolution_layers, kernels_of, load_network
from core.runs import Library


@dataclass(frozen=True, eq=False)
class StoredKernels:
    """The kernels of one checkpoint, or of one moment of the training.

    Attributes
    ----------
    weights : str
        ``"best"``, ``"last"`` or ``"snapshot"``.
    epoch, steps : int
        At whose end they were, and how many optimizer steps had been made; both 0 for the first
        weights.
    layers : dict of str to ndarray of shape (R, C, I, O)
        By the name of the convolution layer, in order.
    """

    weights: str
    epoch: int
    steps: int
    layers: dict[str, npt.NDArray[np.float32]]


def stored_kernels(library: Library, whole: WholeRun) -> list[StoredKernels]:
    """The kernels of the best and the last checkpoint, as far as they are there and whole."""
    run = whole.run
    steps = {epoch.epoch: epoch.steps for epoch in whole.epochs}
    found = []
    for weights, epoch in (("best", run.best_epoch), ("last", run.epochs_done)):
        if epoch not in steps:
            continue
        try:
            model = load_network(library.file(run.id, f"{weights}.keras"))
        except LearnscopeError:
            continue
        layers = {name: kernels_of(model, name)[0] for name in convolution_layers(model)}
        found.append(StoredKernels(weights, epoch, steps[epoch], layers))
    return found


def kernels_by_epoch(library: Library, whole: WholeRun, most: int = 20) -> list[StoredKernels]:
    """The kernels at all moments at which they are known, in order.

    Parameters
    ----------
    library : Library
    whole : WholeRun
    most : int
        How many snapshots to take, at least 2: the first, the last, and evenly between. The best
        and the last checkpoint come with them, also with layers too large for snapshots.
    """
    found = {one.epoch: one for one in _snapshots(library, whole, most)}
    for one in stored_kernels(library, whole):
        there = found[one.epoch].layers if one.epoch in found else {}
        found[one.epoch] = replace(one, layers=one.layers | there)
    return [found[epoch] for epoch in sorted(found)]


def _snapshots(library: Library, whole: WholeRun, most: int) -> list[StoredKernels]:
    steps = {0: 0} | {epoch.epoch: epoch.steps for epoch in whole.epochs}
    try:
        history = read_kernel_history(library.file(whole.run.id, KERNELS_FILE))
    except LearnscopeError:
        return []
    known = [number for number, epoch in enumerate(history.epochs.tolist()) if epoch in steps]
    if len(known) > most:
        known = [known[place] for place in np.linspace(0, len(known) - 1, most).round().astype(int)]
    return [
        StoredKernels(
            "snapshot",
            int(history.epochs[number]),
            steps[int(history.epochs[number])],
            {layer: kernels[number] for layer, kernels in history.kernels.items()},
        )
        for number in known
    ]
