"""Kernels -> pictures of their numbers, without a chart around them."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.figures.signed_colours import Pixels, coloured
from core.inside.kernels import checked_kernels, symmetric_limit


def kernel_sheet(kernels: npt.NDArray[np.floating], widest: int = 1600, zoom: int = 8) -> Pixels:
    """All kernels of a layer in one picture: a row an input channel, a column a filter.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
    widest : int
        Pixels across and down that are aimed at; a layer with more numbers gets a pixel for each.
    zoom : int
        Pixels across and down for each number, at most.

    Returns
    -------
    ndarray of shape (H, W, 4), uint8
        Transparent between the kernels. Colours as in
        :func:`core.figures.signed_colours.coloured`, on one scale for the layer, from minus its
        largest absolute number to plus that.
    """
    array = checked_kernels(kernels)
    rows, columns, channels, filters = array.shape
    # One cell more down and right of each kernel is the gap, but for the last ones.
    cells = np.zeros((channels, rows + 1, filters, columns + 1), np.float32)
    cells[:, :rows, :, :columns] = array.transpose(2, 0, 3, 1)
    inside = np.zeros(cells.shape, bool)
    inside[:, :rows, :, :columns] = True
    shape = channels * (rows + 1), filters * (columns + 1)
    sheet = coloured(cells.reshape(shape), symmetric_limit(array))
    sheet[~inside.reshape(shape)] = 0
    sheet = sheet[:-1, :-1]
    times = max(1, min(zoom, widest // max(sheet.shape)))
    return sheet.repeat(times, axis=0).repeat(times, axis=1)


def png(pixels: Pixels, about: str = "") -> bytes:
    """A picture as a PNG file; with a sentence about it, which image viewers show as its text."""
    file, text = io.BytesIO(), PngInfo()
    if about:
        text.add_itxt("Description", about)
    Image.fromarray(pixels).save(file, "PNG", pnginfo=text)
    return file.getvalue()
