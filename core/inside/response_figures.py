"""The responses of a layer to one image in a few figures, for runs side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.inside.responses import strengths


def silent_maps(maps: NDArray[np.floating]) -> int:
    """How many maps are zero everywhere.

    Parameters
    ----------
    maps : ndarray of shape (H, W, O)
        After the activation.
    """
    return int((~maps.any(axis=(0, 1))).sum())


def share_of_zeros(maps: NDArray[np.floating]) -> float:
    """The share of the numbers that are exactly zero, in [0, 1]."""
    return float((maps == 0).mean())


def effective_maps(maps: NDArray[np.floating]) -> float:
    """Over how many maps the strength is spread: 1 if one has all of it, O if all have the same.

    The participation ratio (sum p)² / sum p² of the maps' mean squares p; 0 if all are silent.

    Parameters
    ----------
    maps : ndarray of shape (H, W, O)
    """
    power = strengths(maps).astype(np.float64) ** 2
    return float(power.sum() ** 2 / (power**2).sum()) if power.any() else 0.0


def side_by_side(runs: Mapping[str, NDArray[np.floating]]) -> list[dict[str, str]]:
    """A row a figure, a column a run.

    Parameters
    ----------
    runs : mapping of str to ndarray of shape (H, W, O)
        By the run's name, its maps after the activation.
    """
    return [
        {"Figure": "Numbers that are exactly zero"}
        | {name: f"{share_of_zeros(maps):.1%}" for name, maps in runs.items()},
        {"Figure": "Maps that are zero everywhere"}
        | {name: f"{silent_maps(maps)} of {maps.shape[2]}" for name, maps in runs.items()},
        {"Figure": "Root mean square of all maps"}
        | {name: f"{float(np.sqrt(np.square(maps).mean())):.3g}" for name, maps in runs.items()},
        {"Figure": "Maps that the strength is spread over"}
        | {name: f"{effective_maps(maps):.1f} of {maps.shape[2]}" for name, maps in runs.items()},
    ]
