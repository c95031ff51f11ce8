"""The pictures that come along: patterns of known geometry, and two photographs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import LearnscopeError
from core.images.decoding import decode
from core.images.picture import Picture

Grid = npt.NDArray[np.intp]
Light = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BuiltInPicture:
    """A picture that comes along.

    Attributes
    ----------
    key, title : str
        Its name in the program, and on the page.
    what : str
        What there is to see, in a sentence, also for those who cannot see it.
    photograph : bool
        Whether it has a size of its own; patterns are drawn at any size.
    """

    key: str
    title: str
    what: str
    photograph: bool = False


BUILT_IN: Mapping[str, BuiltInPicture] = {
    picture.key: picture
    for picture in (
        BuiltInPicture(
            "stripes-vertical", "Stripes, vertical", "Upright bars, in turn dark and light."
        ),
        BuiltInPicture(
            "stripes-horizontal", "Stripes, horizontal", "Level bars, in turn dark and light."
        ),
        BuiltInPicture(
            "stripes-diagonal",
            "Stripes, diagonal",
            "Bars that rise to the right at 45 degrees, in turn dark and light.",
        ),
        BuiltInPicture("checkerboard", "Checkerboard", "Squares, in turn dark and light."),
        BuiltInPicture(
            "circle", "Circle", "A light disc on dark, with an edge in every direction."
        ),
        BuiltInPicture("china", "Photograph: temple", "A temple tower above trees.", True),
        BuiltInPicture("flower", "Photograph: flower", "A dahlia before dark leaves.", True),
    )
}


def built_in_picture(key: str, rows: int = 256, columns: int = 256) -> Picture:
    """One of the pictures that come along.

    Patterns are drawn at the size asked for, of pixels that are exactly 0 or 1, so that nothing
    is blurred: ask for the network's own size to see its crisp response. Bars and squares are a
    seventh of the shorter side wide, rounded down, and at least 2 pixels (4 at 28x28); the upper
    left is dark. The disc's radius is 0.35 of the shorter side. Photographs keep their own size.

    Parameters
    ----------
    key : str
        A key of `BUILT_IN`.
    rows, columns : int

    Returns
    -------
    Picture
        Patterns have one channel, photographs three.

    Raises
    ------
    LearnscopeError
        If there is no such picture.
    """
    if key not in BUILT_IN:
        raise LearnscopeError(
            f"Expected one of {', '.join(BUILT_IN)}. Received: {key}. Choose one of these."
        )
    if BUILT_IN[key].photograph:
        return _photograph(key)
    row, column = np.indices((rows, columns))
    pixels = _PATTERNS[key](row, column)[..., None].astype(np.float32)
    pixels.flags.writeable = False
    return Picture(pixels, (), "generated", (rows, columns))


@lru_cache(maxsize=2)
def _photograph(key: str) -> Picture:
    found = find_spec("sklearn")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("No module named 'sklearn'", name="sklearn")
    # Read beside the package: to import it takes a second.
    return decode((Path(found.origin).parent / "datasets" / "images" / f"{key}.jpg").read_bytes())


def _bars(along: Grid) -> Light:
    """Light wherever that coordinate lies in the second, fourth ... bar."""
    width = max(2, min(along.shape) // 7)
    light: Light = along // width % 2 == 1
    return light


def _vertical(row: Grid, column: Grid) -> Light:
    return _bars(column)


def _horizontal(row: Grid, column: Grid) -> Light:
    return _bars(row)


def _diagonal(row: Grid, column: Grid) -> Light:
    return _bars(row + column)


def _checkerboard(row: Grid, column: Grid) -> Light:
    return _bars(row) ^ _bars(column)


def _circle(row: Grid, column: Grid) -> Light:
    """A pixel is light where its centre lies in the disc."""
    rows, columns = row.shape
    away = np.hypot(row - (rows - 1) / 2, column - (columns - 1) / 2)
    light: Light = away <= 0.35 * min(rows, columns)
    return light


_PATTERNS: Mapping[str, Callable[[Grid, Grid], Light]] = {
    "stripes-vertical": _vertical,
    "stripes-horizontal": _horizontal,
    "stripes-diagonal": _diagonal,
    "checkerboard": _checkerboard,
    "circle": _circle,
}
