"""A picture as the app knows it, and as a network gets it."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float32]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""How much red, green and blue add to gray: Recommendation ITU-R BT.601, as Pillow has it."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes
    ----------
    pixels : ndarray of float32, shape (H, W, C)
        Upright, in [0, 1]; one channel for gray pictures, three (red, green, blue) for others.
    notes : tuple of str
        Sentences on what was done to it, for whoever looks at it.
    format : str
        The file format; "generated" for patterns.
    original_size : tuple of int
        Rows and columns, upright, before a very large picture was reduced.
    """

    pixels: Floats
    notes: tuple[str, ...]
    format: str
    original_size: tuple[int, int]


def as_network_input(
    picture: Picture, image_shape: tuple[int, int, int], invert: bool = False
) -> Floats:
    """The whole picture in a network's image shape, undistorted.

    It is made gray or colour (Rec. 601), fitted by averaging over areas, so that circles stay
    circles and edges keep their direction, and centred; the margin left over on two sides has
    the median colour of the picture's own border, so that it adds as little of an edge as it
    can. Cropping would lose what stands at the sides, stretching would turn edges.

    Parameters
    ----------
    picture : Picture
    image_shape : tuple of int
        Rows H, columns W, and channels C, which are 1 or 3.
    invert : bool
        Exchange dark and light, for dark digits on light paper: MNIST's are light on dark.

    Returns
    -------
    ndarray of float32, shape (H, W, C)
        In [0, 1].
    """
    rows, columns, channels = image_shape
    inner_rows, inner_columns = _fitted(picture.pixels.shape[:2], (rows, columns))
    inner = in_channels(area_average(picture.pixels, inner_rows, inner_columns), channels)
    border = np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])
    whole = np.empty((rows, columns, channels), np.float32)
    whole[:] = np.median(border, axis=0)
    top, left = (rows - inner_rows) // 2, (columns - inner_columns) // 2
    whole[top : top + inner_rows, left : left + inner_columns] = inner
    return np.float32(1) - whole if invert else whole


def network_input_notes(
    picture: Picture, image_shape: tuple[int, int, int], invert: bool = False
) -> tuple[str, ...]:
    """Sentences on what :func:`as_network_input` does to this picture, for the page."""
    rows, columns, channels = image_shape
    had_rows, had_columns, had_channels = picture.pixels.shape
    notes = []
    if had_channels == 3 and channels == 1:
        notes.append("Colours became gray: 0.299 red + 0.587 green + 0.114 blue.")
    if had_channels == 1 and channels == 3:
        notes.append("Gray became red, green and blue alike.")
    if (had_rows, had_columns) != (rows, columns):
        notes.append(
            f"The whole picture was fitted into {rows}x{columns} without distortion, each new "
            "pixel being the average of the area it covers."
        )
    inner = _fitted((had_rows, had_columns), (rows, columns))
    if inner != (rows, columns):
        where = "above and below" if inner[0] < rows else "left and right"
        notes.append(f"The margin {where} has the colour of the picture's border.")
    if invert:
        notes.append("Dark and light were exchanged.")
    return tuple(notes)


def at_own_size(picture: Picture, channels: int, most_pixels: int = 1_000_000) -> Floats:
    """The picture with as many pixels as it has, or as are allowed, in a network's channels.

    Parameters
    ----------
    picture : Picture
    channels : int
        1 or 3.
    most_pixels : int
        The most that rows times columns may be; larger pictures are reduced by averaging over
        areas.

    Returns
    -------
    ndarray of float32, shape (H, W, C)
        In [0, 1].
    """
    rows, columns = picture.pixels.shape[:2]
    shrink = min(1.0, (most_pixels / (rows * columns)) ** 0.5)
    smaller = area_average(
        picture.pixels, max(1, int(rows * shrink)), max(1, int(columns * shrink))
    )
    return in_channels(smaller, channels)


def in_channels(pixels: Floats, channels: int) -> Floats:
    """Make an image of one or three channels gray (Rec. 601) or colour.

    Parameters
    ----------
    pixels : ndarray of float32, shape (H, W, 1) or (H, W, 3)
    channels : int
        1 or 3.

    Returns
    -------
    ndarray of float32, shape (H, W, channels)
    """
    if channels not in (1, 3):
        raise ValueError(f"Expected 1 or 3 channels. Received: channels={channels}.")
    if pixels.shape[2] == channels:
        return pixels
    if channels == 3:
        return np.repeat(pixels, 3, axis=2)
    gray: Floats = np.clip(pixels @ LUMA, 0, 1)[..., None]
    return gray


def area_average(pixels: Floats, rows: int, columns: int) -> Floats:
    """Resize so that each new pixel is the average of the area it covers, in exact shares.

    Keeps the mean. Returns the same numbers where the size stays; enlarging repeats pixels.

    Parameters
    ----------
    pixels : ndarray of float32, shape (H, W, C)
    rows, columns : int
        The new size, at least 1.

    Returns
    -------
    ndarray of float32, shape (rows, columns, C)
    """
    # Rows first: they lie together in memory.
    fewer_rows = _average_rows(pixels, rows)
    turned = _average_rows(fewer_rows.swapaxes(0, 1), columns)
    return np.ascontiguousarray(turned.swapaxes(0, 1))


def _average_rows(pixels: Floats, rows: int) -> Floats:
    had = len(pixels)
    if rows == had:
        return pixels.copy()
    averages = np.empty((rows, *pixels.shape[1:]), np.float32)
    for row in range(rows):
        # In units of 1/rows of an old row, so that every share is a whole number.
        start, end = row * had, (row + 1) * had
        first, last = start // rows, (end - 1) // rows
        shares = np.full(last - first + 1, rows, np.float32)
        shares[0] -= start - first * rows
        shares[-1] -= (last + 1) * rows - end
        averages[row] = np.tensordot(shares / np.float32(had), pixels[first : last + 1], axes=1)
    return np.clip(averages, 0, 1, out=averages)


def _fitted(size: tuple[int, ...], into: tuple[int, int]) -> tuple[int, int]:
    """The largest rows and columns of the same proportions, to the pixel, that fit."""
    rows, columns = size
    scale = min(into[0] / rows, into[1] / columns)
    return (
        max(1, min(into[0], round(rows * scale))),
        max(1, min(into[1], round(columns * scale))),
    )


def png_bytes(image: npt.NDArray[np.float32] | npt.NDArray[np.uint8]) -> bytes:
    """An image as the bytes of a PNG file.

    Parameters
    ----------
    image : ndarray, shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)
        Floats in [0, 1], which are rounded to 256 levels, or bytes.
    """
    levels = image if image.dtype == np.uint8 else np.rint(np.clip(image, 0, 1) * 255)
    if levels.ndim == 3 and levels.shape[2] == 1:
        levels = levels[..., 0]
    written = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(levels, np.uint8)).save(written, "PNG")
    return written.getvalue()
