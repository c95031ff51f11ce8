"""Uploaded bytes become a picture, or one sentence on why they cannot."""

from __future__ import annotations

import io
import logging

import numpy as np
from PIL import Image

from core.errors import LearnscopeError
from core.images.headers import ALLOWED, kind_of, size_in
from core.images.picture import Floats, Picture

MOST_BYTES = 30 * 2**20
MOST_PIXELS = 50_000_000
"""Refused above this before anything is decoded."""
KEPT_PIXELS = 12_500_000
"""Halved in both directions above this: as floats, so many pixels in colour take 150 MB."""
SMALLEST_SIDE = 8
LONGEST_SIDE = 16_384
"""What browsers can show."""

_log = logging.getLogger("learnscope.images")

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112


def decode(data: bytes) -> Picture:
    """Decode a PNG, JPEG, WebP, BMP or GIF file, known by its content.

    The picture is turned upright; CMYK becomes RGB; 16-bit gray keeps its 65,536 levels;
    transparent parts are shown on white; of an animation the first frame is taken; more than
    12.5 megapixels are halved in both directions. Each of these adds a note.

    Parameters
    ----------
    data : bytes
        A whole file.

    Returns
    -------
    Picture

    Raises
    ------
    LearnscopeError
        If it is empty, too large, too small, cut short, damaged, or no such file.
    """
    kind = _allowed_kind(data)
    try:
        rows, columns = size_in(data, kind)
    except ValueError as reason:
        raise _damaged(kind) from reason
    _refuse_by_size(rows, columns)
    try:
        return _decoded(data, kind)
    except MemoryError:
        raise
    except Exception as reason:
        # Pillow meets broken files with errors of a dozen types.
        _log.info("Refused a %s picture: %r", kind, reason)
        raise _damaged(kind) from reason


def _allowed_kind(data: bytes) -> str:
    if not data:
        raise LearnscopeError(
            "Expected a picture. Received: an empty file. Save or copy the picture anew, and "
            "choose that."
        )
    if len(data) > MOST_BYTES:
        raise LearnscopeError(
            f"Expected a picture of at most {MOST_BYTES / 2**20:.0f} MB. "
            f"Received: {len(data) / 2**20:.1f} MB. Make it smaller, or save it as JPEG."
        )
    kind = kind_of(data)
    if kind not in ALLOWED:
        mend = (
            "Choose another file."
            if kind.endswith("not a picture")
            else "Save it as PNG or JPEG, and choose that."
        )
        raise LearnscopeError(
            f"Expected a picture as PNG, JPEG, WebP, BMP or GIF. Received: {kind}. {mend}"
        )
    return kind


def _refuse_by_size(rows: int, columns: int) -> None:
    received = f"Received: {columns:,}x{rows:,} pixels."
    if rows * columns > MOST_PIXELS:
        raise LearnscopeError(
            f"Expected a picture of at most {MOST_PIXELS // 10**6} megapixels. {received} "
            "Make it smaller in a picture editor."
        )
    if max(rows, columns) > LONGEST_SIDE:
        raise LearnscopeError(
            f"Expected sides of at most {LONGEST_SIDE:,} pixels. {received} Cut out a part of it."
        )
    if min(rows, columns) < SMALLEST_SIDE:
        raise LearnscopeError(
            f"Expected sides of at least {SMALLEST_SIDE} pixels. {received} "
            "Choose a larger picture."
        )


def _damaged(kind: str) -> LearnscopeError:
    return LearnscopeError(
        f"Expected a whole picture. Received: a {kind} file that is cut short or damaged. "
        "Save or copy it anew, or choose another."
    )


def _decoded(data: bytes, kind: str) -> Picture:
    notes: list[str] = []
    with Image.open(io.BytesIO(data), formats=[kind.upper()]) as opened:
        # Phones append further pictures to a JPEG, which Pillow then calls MPO.
        if opened.format != "MPO" and getattr(opened, "is_animated", False):
            notes.append("Only the first frame of the animation is shown.")
        opened.load()
        image = _upright(opened, notes)
        image = _gray_or_colour(image, notes)
    original_size = (image.height, image.width)
    if image.width * image.height > KEPT_PIXELS:
        image = image.reduce(2)
        notes.append(
            f"Reduced from {original_size[1]}x{original_size[0]} to {image.width}x{image.height} "
            "pixels, each the average of four."
        )
    return Picture(_as_pixels(image), tuple(notes), kind, original_size)


def _upright(image: Image.Image, notes: list[str]) -> Image.Image:
    try:
        orientation = image.getexif().get(_ORIENTATION)
    except Exception as reason:
        # The picture itself is whole; without a readable word on it, it stays as stored.
        _log.info("Unreadable EXIF data: %r", reason)
        return image
    if orientation not in _TURNS:
        return image
    notes.append("Turned upright, as the EXIF data of the photo says.")
    return image.transpose(_TURNS[orientation])


def _gray_or_colour(image: Image.Image, notes: list[str]) -> Image.Image:
    """The same picture in Pillow's mode L or RGB, or F in [0, 255] for more than 256 grays."""
    if image.mode.startswith("I"):
        notes.append("Its 65,536 levels of gray (16 bits) were scaled to the range 0 to 1.")
        return _from_sixteen_bits(image, notes)
    if image.mode == "CMYK":
        notes.append("Converted from CMYK, the inks of printing, to red, green and blue.")
        return image.convert("RGB")
    mode = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    if not image.has_transparency_data:
        return image.convert(mode)
    see_through = image.convert("RGBA")
    if see_through.getchannel("A").getextrema()[0] == 255:
        return see_through.convert(mode)
    notes.append(_ON_WHITE)
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, see_through).convert(mode)


_ON_WHITE = "Transparent parts are shown on white."


def _from_sixteen_bits(image: Image.Image, notes: list[str]) -> Image.Image:
    levels = np.asarray(image).astype(np.float32)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        notes.append(_ON_WHITE)
        levels[levels == transparent] = 65535
    return Image.fromarray(levels / np.float32(257))


def _as_pixels(image: Image.Image) -> Floats:
    pixels = np.asarray(image).astype(np.float32)
    pixels /= 255
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    pixels.flags.writeable = False
    return pixels
