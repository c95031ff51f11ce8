"""Signed numbers as colours, pixel by pixel, for pictures that are no charts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import ImageColor

from core.figures.theme import GRAY, SIGNED

Pixels = npt.NDArray[np.uint8]


def coloured(values: npt.NDArray[np.floating], limit: float) -> Pixels:
    """Numbers as colours: negative blue, zero white, positive orange, gray where no number is.

    Parameters
    ----------
    values : ndarray of shape (H, W)
    limit : float
        The colours run from -limit to limit; above 0.

    Returns
    -------
    ndarray of shape (H, W, 4), uint8
        Red, green, blue, and 255 for opaque.
    """
    finite = np.isfinite(values)
    share = np.where(finite, values, 0) / (2 * limit) + 0.5
    places = np.array([place for place, _ in SIGNED], np.float64)
    colours = np.array([ImageColor.getrgb(str(colour)) for _, colour in SIGNED])
    pixels = np.stack([np.interp(share, places, colours[:, one]) for one in range(3)], axis=-1)
    pixels[~finite] = ImageColor.getrgb(GRAY)
    return np.dstack([pixels.round(), np.full(values.shape, 255)]).astype(np.uint8)
