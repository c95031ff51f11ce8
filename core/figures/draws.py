"""Altered images as one picture: draws of one image, and images that were mixed of two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Floats = npt.NDArray[np.float32]
Colour = tuple[int, int, int, int]

_SIDE = 104
"""Pixels of an image's longer side, at least; images are enlarged by whole factors."""
_GAP = 12
_FRAME = 4
_LETTERS = 20
"""Height of the words, which still reads when a phone shows the picture at half its size."""
_SMALLEST = 12
_BAR = 14
_WORDS: Colour = (128, 128, 128, 255)
"""Gray that can be read on white and on black."""
_MARK: Colour = (0xD5, 0x5E, 0x00, 255)
_SHARES: tuple[Colour, ...] = (
    (0x00, 0x72, 0xB2, 255),
    (0xE6, 0x9F, 0x00, 255),
    (0x00, 0x9E, 0x73, 255),
    (0xCC, 0x79, 0xA7, 255),
)
"""Blue, orange, green and purple of Okabe and Ito; no image is mixed of more than four."""


def draw_grid(
    images: Floats, captions: Sequence[str], marked: npt.NDArray[np.bool_], columns: int = 6
) -> npt.NDArray[np.uint8]:
    """Lay out draws of an image in rows, a caption under each.

    Parameters
    ----------
    images : ndarray of shape (N, H, W, C), float32
        Values in [0, 1].
    captions : sequence of N str
    marked : ndarray of shape (N,), bool
        Which of them stand in a vermillion frame.
    columns : int

    Returns
    -------
    ndarray of uint8, shape (R, S, 4)
        Red, green, blue, alpha; what lies between is transparent.
    """
    sheet = _Sheet(images, columns, below=_LETTERS + 6, words=captions)
    for place, (caption, mark) in enumerate(zip(captions, marked.tolist(), strict=True)):
        if mark:
            sheet.frame(place)
        sheet.put(place, images[place])
        sheet.write(place, caption, _MARK if mark else _WORDS, sheet.high + 4)
    return sheet.pixels


def mixed_grid(
    images: Floats, parts: Sequence[Sequence[tuple[str, float]]], columns: int = 4
) -> npt.NDArray[np.uint8]:
    """Lay out mixed images, under each its label as a bar of coloured shares, and in words.

    Parameters
    ----------
    images : ndarray of shape (N, H, W, C), float32
        Values in [0, 1].
    parts : sequence of N sequences of (class name, share)
        At most four of each image, the largest first.
    columns : int

    Returns
    -------
    ndarray of uint8, shape (R, S, 4)
    """
    labels = [", ".join(f"{name}: {share:.0%}" for name, share in one[:2]) for one in parts]
    sheet = _Sheet(images, columns, below=_BAR + _LETTERS + 12, words=labels)
    for place, (shares, label) in enumerate(zip(parts, labels, strict=True)):
        sheet.put(place, images[place])
        sheet.bar(place, [share for _, share in shares])
        sheet.write(place, label, _WORDS, sheet.high + _BAR + 8)
    return sheet.pixels


class _Sheet:
    """A transparent sheet with a place for each image and its words."""

    def __init__(self, images: Floats, columns: int, below: int, words: Sequence[str]) -> None:
        count, rows, width = images.shape[:3]
        self._times = max(1, -(-_SIDE // max(rows, width)))
        self.high, self.wide = rows * self._times, width * self._times
        self._columns = min(columns, count)
        self._down, self._across = self.high + below + _GAP, self.wide + _GAP
        size = (
            self._columns * self._across + _GAP,
            -(-count // self._columns) * self._down + _GAP,
        )
        self._sheet = Image.new("RGBA", size, (0, 0, 0, 0))
        self._pen = ImageDraw.Draw(self._sheet)
        self._font = _one_size(words, self.wide)

    @property
    def pixels(self) -> npt.NDArray[np.uint8]:
        return np.asarray(self._sheet)

    def _corner(self, place: int) -> tuple[int, int]:
        row, column = divmod(place, self._columns)
        return _GAP + column * self._across, _GAP + row * self._down

    def put(self, place: int, image: Floats) -> None:
        levels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
        large = levels.repeat(self._times, axis=0).repeat(self._times, axis=1)
        picture = Image.fromarray(large[..., 0] if large.shape[2] == 1 else large)
        self._sheet.paste(picture, self._corner(place))

    def frame(self, place: int) -> None:
        left, top = self._corner(place)
        box = (left - _FRAME, top - _FRAME, left + self.wide + _FRAME - 1, top + self.high + 3)
        self._pen.rectangle(box, _MARK)

    def bar(self, place: int, shares: Sequence[float]) -> None:
        left, top = self._corner(place)
        top += self.high + 4
        ends = np.rint(np.cumsum([0.0, *shares]) * self.wide).astype(int).tolist()
        for begin, end, colour in zip(ends[:-1], ends[1:], _SHARES, strict=False):
            if end > begin:
                self._pen.rectangle((left + begin, top, left + end - 1, top + _BAR - 1), colour)

    def write(self, place: int, words: str, colour: Colour, below: int) -> None:
        """Words in the middle under an image, cut short where they are too long."""
        left, top = self._corner(place)
        while self._font.getlength(words) > self.wide:
            words = words[:-2] + "…"
        middle = left + self.wide / 2
        self._pen.text((middle, top + below), words, colour, self._font, anchor="ma")


def _one_size(words: Sequence[str], wide: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Letters of one size for all captions of a sheet: as large as the longest one allows."""
    letters = _LETTERS
    while letters > _SMALLEST:
        font = ImageFont.load_default(letters)
        if all(font.getlength(caption) <= wide for caption in words):
            return font
        letters -= 1
    return ImageFont.load_default(letters)
