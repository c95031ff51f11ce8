"""What stands for "nothing there": the image that an image is held against."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Floats = NDArray[np.float32]

BASELINES: Mapping[str, str] = {
    "black": "Black",
    "gray": "Gray",
    "white": "White",
    "blurred": "The image, blurred",
}
"""The kinds of baseline, the usual one first."""

_LEVELS = {"black": 0.0, "gray": 0.5, "white": 1.0}


def baseline_image(kind: str, image: NDArray[np.floating]) -> Floats:
    """A baseline of the shape of an image.

    Parameters
    ----------
    kind : str
        One of :data:`BASELINES`. Black is that of Sundararajan et al. (2017); blurred, by a
        Gaussian whose standard deviation is an eighth of the longer side, the image's edge
        repeated outside of it, is what Petsiuk et al. (2018) insert pixels into.
    image : ndarray of shape (H, W, C), values in [0, 1]

    Returns
    -------
    ndarray of shape (H, W, C), values in [0, 1]
    """
    if kind in _LEVELS:
        return np.full(image.shape, _LEVELS[kind], np.float32)
    spread = max(image.shape[:2]) / 8
    blurred = gaussian_filter(image, sigma=(spread, spread, 0), mode="nearest")
    return np.asarray(blurred, np.float32)
