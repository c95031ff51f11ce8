"""Rows of small pictures with a name at the left and words under each, as one image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from core.inside.peak_records import Patch

Bytes = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]
_SIDE = 118
_GAP = 10
_LETTERS = 21
"""Height of the words, which still read when a phone shows the sheet at half its size."""
_LINE = 26
_WORDS = (128, 128, 128, 255)
"""Gray that can be read on white and on black."""
_BEYOND = (128, 128, 128, 70)
"""Where there is no image: zeros stand in for it."""
FOR, AGAINST = (0xD5, 0x5E, 0x00, 255), (0x00, 0x72, 0xB2, 255)
"""Vermillion and blue of Okabe and Ito."""


@dataclass(frozen=True, eq=False)
class Row:
    """A row of a sheet.

    Attributes
    ----------
    name : str
        Its lines stand at the left; may be empty.
    pictures : sequence of ndarray of shape (H, W, C)
        Values in [0, 1]; not a number where there is no image.
    words : sequence of str
        Under each picture; lines apart. Empty for none.
    frames : sequence of (top, left, rows, columns)
        In pixels of each picture; empty for none.
    colour : tuple of int
        Of name and frames: red, green, blue, alpha.
    """

    name: str
    pictures: Sequence[npt.NDArray[np.floating]]
    words: Sequence[str] = ()
    frames: Sequence[Box] = ()
    colour: tuple[int, int, int, int] = _WORDS

    @property
    def height(self) -> int:
        """Pixels, words and gap included."""
        tallest = max(_height(picture) for picture in self.pictures)
        lines = max((words.count("\n") + 1 for words in self.words), default=0)
        return tallest + lines * _LINE + _GAP


def sheet(rows: Sequence[Row]) -> Bytes:
    """Draw the rows below one another; what lies between is transparent.

    Parameters
    ----------
    rows : sequence of Row
        Each with at least one picture.

    Returns
    -------
    ndarray of uint8, shape (R, C, 4)
    """
    font = ImageFont.load_default(_LETTERS)
    lines = [line for row in rows for line in row.name.split("\n")]
    widest = max(int(font.getlength(line)) for line in lines)
    margin = widest + 2 * _GAP if widest else 0
    across = max(len(row.pictures) for row in rows)
    size = margin + across * (_SIDE + _GAP), sum(row.height for row in rows)
    drawn = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(drawn)
    top = 0
    for row in rows:
        draw.multiline_text((0, top + 4), row.name, row.colour, font, spacing=6)
        for place, picture in enumerate(row.pictures):
            left = margin + place * (_SIDE + _GAP)
            drawn.paste(_enlarged(picture), (left, top))
            # White pictures would run into a white page.
            edge = left, top, left + _SIDE - 1, top + _height(picture) - 1
            draw.rectangle(edge, None, _WORDS, 1)
            if row.frames:
                draw.rectangle(_framed(row.frames[place], picture, top, left), None, row.colour, 3)
            if row.words:
                middle = left + _SIDE // 2, top + _height(picture) + 4
                draw.multiline_text(
                    middle, row.words[place], _WORDS, font, "ma", spacing=5, align="center"
                )
        top += row.height
    return np.asarray(drawn)


def patch_rows(
    name: str,
    patches: Sequence[Patch],
    images: npt.NDArray[np.floating],
    words: Sequence[str],
    colour: tuple[int, int, int, int],
) -> list[Row]:
    """Two rows: the images with a frame around what is seen, and that alone.

    Parameters
    ----------
    name : str
        ``"For"`` or the like.
    patches : sequence of Patch
    images : ndarray of shape (N, H, W, C)
        All images; each patch knows its own.
    words : sequence of str
        Under each patch.
    colour : tuple of int
    """
    frames = [(one.top, one.left, *one.pixels.shape[:2]) for one in patches]
    whole = [images[one.number] for one in patches]
    return [
        Row(f"{name}:\nimage", whole, (), frames, colour),
        Row("patch", [one.pixels for one in patches], words, (), colour),
    ]


def _height(picture: npt.NDArray[np.floating]) -> int:
    rows, columns = picture.shape[:2]
    return int(_SIDE * rows / columns + 0.5)


def _enlarged(picture: npt.NDArray[np.floating]) -> Image.Image:
    there = np.isfinite(picture).all(axis=2)
    levels = np.rint(255 * np.nan_to_num(np.clip(picture, 0, 1))).astype(np.uint8)
    pixels = np.empty((*levels.shape[:2], 4), np.uint8)
    pixels[..., :3], pixels[..., 3] = levels, 255
    pixels[~there] = _BEYOND
    return Image.fromarray(pixels).resize((_SIDE, _height(picture)), Image.Resampling.NEAREST)


def _framed(frame: Box, picture: npt.NDArray[np.floating], top: int, left: int) -> Box:
    """The frame in pixels of the sheet, cut off at the picture's edge."""
    high, wide = picture.shape[:2]
    times = _SIDE / wide
    first_row, first_column, rows, columns = frame
    return (
        round(left + times * max(first_column, 0)) - 1,
        round(top + times * max(first_row, 0)) - 1,
        round(left + times * min(first_column + columns, wide)),
        round(top + times * min(first_row + rows, high)),
    )
