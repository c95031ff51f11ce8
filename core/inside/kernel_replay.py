"""How the kernels of a layer formed: the same ones at every recorded epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.filter_set import distances_from_start
from core.inside.kernel_history import KernelHistory
from core.inside.kernel_measures import Doubles
from core.inside.kernels import Floats, KernelPage, page, symmetric_limit


@dataclass(frozen=True, eq=False)
class Replay:
    """Some kernels of a layer over the epochs.

    Attributes
    ----------
    layer : str
    epochs : ndarray of shape (E,), int64
        Recorded ones, rising; 0 for the first weights.
    page : KernelPage
        The kernels as they are after the last of these; its limit is that of all epochs.
    tiles : ndarray of shape (E, K, R, C)
        The same kernels after each epoch.
    distances : ndarray of shape (E, O)
        Of all filters, as :func:`core.inside.filter_set.distances_from_start` gives them.
    """

    layer: str
    epochs: NDArray[np.int64]
    page: KernelPage
    tiles: Floats
    distances: Doubles

    @property
    def from_first(self) -> bool:
        """Whether the recording begins with the first weights."""
        return int(self.epochs[0]) == 0

    def place_of(self, epoch: int) -> int:
        """Which recorded epoch is nearest to this one."""
        return int(np.abs(self.epochs - epoch).argmin())

    def medians(self) -> Doubles:
        """The median distance of the filters after each epoch; NaN where none is a number."""
        known = np.isfinite(self.distances).any(axis=1)
        found = np.full(len(self.distances), np.nan)
        found[known] = np.nanmedian(self.distances[known], axis=1)
        return found


def replay(
    history: KernelHistory, layer: str, by: str = "norm", number: int = 0, size: int = 48
) -> Replay:
    """The kernels of one page over all recorded epochs.

    Parameters
    ----------
    history : KernelHistory
        With this layer, and at least one epoch.
    layer : str
    by, number, size
        As in :func:`core.inside.kernels.page`; the order is that after the last epoch.
    """
    kernels = history.kernels[layer]
    last = page(kernels[-1], by, number, size)
    chosen = kernels[:, :, :, list(last.channels), list(last.filters)]
    shown = KernelPage(
        filters=last.filters,
        channels=last.channels,
        values=last.values,
        number=last.number,
        count=last.count,
        limit=symmetric_limit(kernels),
    )
    return Replay(
        layer=layer,
        epochs=history.epochs,
        page=shown,
        tiles=np.ascontiguousarray(np.transpose(chosen, (0, 3, 1, 2))),
        distances=distances_from_start(kernels),
    )
