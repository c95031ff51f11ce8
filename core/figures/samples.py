"""The grid of samples: one image, a row for every class."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from core.data.look import DataLook

_CELL = 44
"""Pixels of a sample's longer side, at least; samples are enlarged by whole factors."""
_GAP = 4
_FRAME = 2
_LETTERS = 22
"""Height of the names, which still reads when a phone shows the grid at half its size."""
_WORDS = (128, 128, 128, 255)
"""Gray that can be read on white and on black."""
_WRONG = (0xD5, 0x5E, 0x00, 255)
"""Vermillion of Okabe and Ito."""


def sample_grid(look: DataLook) -> npt.NDArray[np.uint8]:
    """Draw all samples as one image, for a single element of the page.

    A row for every class, its name at the left; samples with a wrong label stand in the row of
    the class that is learnt, in a vermillion frame. What lies between is transparent, so that
    the grid reads well on light and on dark.

    Parameters
    ----------
    look : DataLook

    Returns
    -------
    ndarray of uint8, shape (R, C, 4)
        Red, green, blue, alpha.
    """
    rows, columns, _ = look.image_shape
    times = max(1, -(-_CELL // max(rows, columns)))
    down, across = rows * times + _GAP, columns * times + _GAP
    font = ImageFont.load_default(_LETTERS)
    names = max(int(font.getlength(name)) for name in look.class_names) + 2 * _GAP
    most = max(1, *(len(samples) for samples in look.samples))
    size = (names + most * across + _GAP, len(look.samples) * down + _GAP)
    grid = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(grid)
    for label, (name, samples) in enumerate(zip(look.class_names, look.samples, strict=True)):
        top = _GAP + label * down
        draw.text((names - _GAP, top + down // 2), name, _WORDS, font, anchor="rm")
        for place, sample in enumerate(samples):
            left = names + place * across
            if look.sample_is_wrong[label][place]:
                box = (left - _FRAME, top - _FRAME, left + across - _GAP + 1, top + down - _GAP + 1)
                draw.rectangle(box, _WRONG)
            grid.paste(_enlarged(sample, times), (left, top))
    return np.asarray(grid)


def sample_grid_alt(look: DataLook) -> str:
    """The grid in words, for those who cannot see it."""
    wrong = sum(int(marks.sum()) for marks in look.sample_is_wrong)
    words = (
        f"Samples of the training images, a row for each of the {len(look.class_names)} classes: "
        f"{', '.join(look.class_names)}."
    )
    if wrong:
        words += f" {wrong} of them, framed, were given a wrong label."
    return words


def _enlarged(sample: npt.NDArray[np.float32], times: int) -> Image.Image:
    levels = np.rint(sample * 255).astype(np.uint8).repeat(times, axis=0).repeat(times, axis=1)
    return Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels)
