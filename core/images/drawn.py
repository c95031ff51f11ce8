"""A drawn digit in the form in which a data set has its digits."""

from __future__ import annotations

import numpy as np

from core.errors import LearnscopeError
from core.images.picture import Floats, area_average, in_channels

BOXES = {"mnist-5k": 20, "mnist": 20, "digits": 8}
"""Data sets of digits, and the pixels of the box that a digit fills there."""
_FAINT = 0.1
"""What is fainter than this share of the ink is paper."""


def light_on_dark(pixels: Floats) -> Floats:
    """The drawing as light ink on dark paper, whichever way it came.

    The paper is what most of the border shows. It becomes 0.

    Parameters
    ----------
    pixels : ndarray of float32, shape (H, W, 1) or (H, W, 3), values in [0, 1]

    Returns
    -------
    ndarray of float32, shape (H, W, 1)
    """
    gray = in_channels(pixels, 1)
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    paper = np.float32(np.median(border))
    ink = paper - gray if paper > 0.5 else gray - paper
    return np.asarray(np.clip(ink / max(paper, 1 - paper), 0, 1), np.float32)


def drawn_digit(pixels: Floats, shape: tuple[int, int, int], box: int) -> Floats:
    """Bring a drawing to a data set's form, as MNIST was made (LeCun et al., 1998).

    The ink is light on dark, fitted undistorted into a box of `box` x `box` pixels by averaging
    over areas, and laid into the image so that its centre of mass comes as near to the middle as
    whole pixels and the image's edge allow.

    Parameters
    ----------
    pixels : ndarray of float32, shape (H, W, 1) or (H, W, 3), values in [0, 1]
    shape : tuple of int
        Rows, columns and channels of the network's image.
    box : int
        20 for MNIST's 28 x 28.

    Returns
    -------
    ndarray of float32, shape (rows, columns, channels), values in [0, 1]

    Raises
    ------
    LearnscopeError
        If nothing is drawn.
    """
    ink = light_on_dark(pixels)
    marked = ink[:, :, 0] > _FAINT * max(float(ink.max()), _FAINT)
    if not marked.any():
        raise LearnscopeError(
            "Expected a drawn digit. Received: empty paper. Draw one with the mouse or a finger."
        )
    rows, columns = (np.flatnonzero(marked.any(axis=axis)) for axis in (1, 0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = box / max(cut.shape[:2])
    small = area_average(cut, *(max(1, round(side * scale)) for side in cut.shape[:2]))
    whole = np.zeros((*shape[:2], 1), np.float32)
    places = []
    for axis in (0, 1):
        mass = small.sum(axis=(1 - axis, 2), dtype=np.float64)
        centre = float(mass @ np.arange(len(mass)) / mass.sum())
        start = round((shape[axis] - 1) / 2 - centre)
        first = min(max(start, 0), shape[axis] - len(mass))
        places.append(slice(first, first + len(mass)))
    whole[places[0], places[1]] = small
    return in_channels(whole, shape[2])


def drawn_notes(shape: tuple[int, int, int], box: int) -> tuple[str, ...]:
    """Sentences on what :func:`drawn_digit` does, for the page."""
    return (
        "Brought to the form of the data set: light ink on dark paper, the longer side of the "
        f"digit {box} of {shape[0]} pixels, its centre of mass in the middle.",
    )
