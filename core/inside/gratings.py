"""Gratings: stripes whose brightness is a sine, as vision science shows them to a cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

ANGLES: Doubles = np.arange(0.0, 180.0, 5.0)
"""Directions in which brightness changes, in degrees from the right towards the top."""
FREQUENCIES: Doubles = np.arange(1, 26) / 50
"""Cycles per pixel; 0.5 is the finest that pixels can show."""
CONTRAST = 0.5
"""From gray to white, and from gray to black."""


def waves(frequencies: Doubles, angles: Doubles) -> Doubles:
    """By how many radians the grating advances a pixel to the right, and one upwards.

    Parameters
    ----------
    frequencies : ndarray of shape (F,)
        In cycles per pixel.
    angles : ndarray of shape (T,)
        In degrees.

    Returns
    -------
    ndarray of shape (F, T, 2)
    """
    turned = np.deg2rad(angles)
    directions = np.stack([np.cos(turned), np.sin(turned)], axis=-1)
    return np.asarray(2 * np.pi * frequencies[:, None, None] * directions)


def gratings(
    shape: tuple[int, int, int], frequency: float, angle: float, phases: Doubles
) -> Floats:
    """One grating in several phases, the same in all channels.

    Parameters
    ----------
    shape : tuple of int
        (H, W, C).
    frequency : float
        In cycles per pixel.
    angle : float
        The direction in which brightness changes, in degrees from the right towards the top:
        0 makes vertical stripes, 90 horizontal ones.
    phases : ndarray of shape (P,)
        In degrees; at 0 the middle is white.

    Returns
    -------
    ndarray of shape (P, H, W, C), values in [0, 1]
    """
    rows, columns, channels = shape
    right, up = waves(np.array([frequency]), np.array([angle]))[0, 0]
    across = right * (np.arange(columns) - (columns - 1) / 2)
    along = up * ((rows - 1) / 2 - np.arange(rows))
    advance = along[:, None] + across[None, :]
    brightness = 0.5 + CONTRAST * np.cos(advance - np.deg2rad(phases)[:, None, None])
    return np.repeat(brightness[..., None], channels, axis=3).astype(np.float32)
