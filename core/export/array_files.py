"""An array -> files to keep: the picture as PNG and SVG, the numbers as NPY and CSV."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from core.export.kernel_pictures import kernel_sheet, png
from core.figures.signed_colours import Pixels, coloured
from core.inside.kernels import symmetric_limit

LONGEST = 1200
"""Pixels that the longer side of a saved picture has at least, where its numbers are fewer."""
MOST_SQUARES = 20_000
"""An SVG has a square for each number up to here, and a picture inside above."""


def comment(about: str) -> str:
    """A sentence as the first line of a table, which readers of such can pass over."""
    return f"# {' '.join(about.split())}\n"


def npy(values: npt.NDArray[Any]) -> bytes:
    """An array as NumPy saves it; ``numpy.load`` gives it back bit for bit."""
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(values), allow_pickle=False)
    return file.getvalue()


@dataclass(frozen=True, eq=False)
class NamedArray:
    """An array with what its files say of it.

    Attributes
    ----------
    name : str
        The file's name, without its ending.
    words : str
        What it is, for the page and inside the SVG.
    values : ndarray of shape (H, W), (H, W, K) or (R, C, I, O)
        One map, K of them in this order, or the kernels of a layer.
    numbers : tuple of int
        What each of the K is called in the CSV; empty for 0 to K - 1.
    kind : str
        What the K are: ``"filter"`` or ``"channel"``.
    brightness : bool
        Whether the values are brightness in [0, 1] rather than signed numbers.
    about : str
        A sentence inside the PNG, the SVG and, on a line that begins with ``#``, the CSV.
    """

    name: str
    words: str
    values: npt.NDArray[np.floating]
    numbers: tuple[int, ...] = ()
    kind: str = "filter"
    brightness: bool = False
    about: str = ""

    def picture(self) -> Pixels:
        """The numbers as colours, maps side by side: as many across as down, one scale for all.

        Returns
        -------
        ndarray of shape (H', W', 4), uint8
            Transparent between the maps. A pixel for each number.
        """
        if self.brightness:
            return _shades(self.values)
        if self.values.ndim == 2:
            return coloured(self.values, symmetric_limit(self.values))
        if self.values.ndim == 4:
            return kernel_sheet(self.values, zoom=1)
        rows, columns, count = self.values.shape
        across = int(np.ceil(count**0.5))
        down = -(-count // across)
        gap = max(1, columns // 16)
        sheet = np.zeros((down * (rows + gap) - gap, across * (columns + gap) - gap, 4), np.uint8)
        limit = symmetric_limit(self.values)
        for place in range(count):
            row, column = divmod(place, across)
            top, left = row * (rows + gap), column * (columns + gap)
            tile = coloured(self.values[:, :, place], limit)
            sheet[top : top + rows, left : left + columns] = tile
        return sheet

    def as_png(self) -> bytes:
        """The picture, its numbers as squares large enough to be seen."""
        pixels = self.picture()
        times = max(1, LONGEST // max(pixels.shape))
        return png(pixels.repeat(times, axis=0).repeat(times, axis=1), self.about)

    def as_svg(self) -> bytes:
        """The picture as a drawing: a square for each number, or the pixels inside if many."""
        pixels = self.picture()
        rows, columns = pixels.shape[:2]
        inside = _squares(pixels) if rows * columns <= MOST_SQUARES else _embedded(pixels)
        size = max(1, LONGEST // max(rows, columns))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns} {rows}" '
            f'width="{columns * size}" height="{rows * size}" shape-rendering="crispEdges">'
            f"<title>{escape(self.words)}</title>{self._described()}{inside}</svg>\n"
        ).encode()

    def _described(self) -> str:
        return f"<desc>{escape(self.about)}</desc>" if self.about else ""

    def as_npy(self) -> bytes:
        """The numbers as NumPy saves them; ``numpy.load`` gives them back bit for bit."""
        return npy(self.values)

    def as_csv(self) -> bytes:
        """The numbers as a table: a map as its rows; several as a line for each number."""
        file = io.BytesIO()
        if self.about:
            file.write(comment(self.about).encode())
        if self.values.ndim == 2:
            np.savetxt(file, self.values, "%.9g", ",")
            return file.getvalue()
        # The last axis first: all of a map, or a filter, stands together.
        turned = self.values.transpose(*reversed(range(2, self.values.ndim)), 0, 1)
        places = np.indices(turned.shape).reshape(turned.ndim, -1)
        if self.numbers:
            places[0] = np.array(self.numbers)[places[0]]
        names = [self.kind, *["channel"] * (turned.ndim - 3), "row", "column", "value"]
        forms = ["%d"] * turned.ndim + ["%.9g"]
        table = np.column_stack([*places, turned.ravel()])
        np.savetxt(file, table, forms, ",", header=",".join(names), comments="")
        return file.getvalue()


def _shades(values: npt.NDArray[np.floating]) -> Pixels:
    levels = np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
    if levels.ndim == 2:
        levels = levels[:, :, None]
    if levels.shape[2] == 1:
        levels = levels.repeat(3, axis=2)
    return np.dstack([levels, np.full(levels.shape[:2], 255, np.uint8)])


def _squares(pixels: Pixels) -> str:
    rows, columns = pixels.shape[:2]
    return "".join(
        f'<rect x="{column}" y="{row}" width="1" height="1" '
        f'fill="#{bytes(pixels[row, column, :3]).hex()}"/>'
        for row in range(rows)
        for column in range(columns)
        if pixels[row, column, 3]
    )


def _embedded(pixels: Pixels) -> str:
    rows, columns = pixels.shape[:2]
    inside = base64.b64encode(png(pixels)).decode()
    return (
        f'<image width="{columns}" height="{rows}" style="image-rendering: pixelated" '
        f'href="data:image/png;base64,{inside}"/>'
    )
