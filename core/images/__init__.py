"""Pictures: those that people upload, and those that come along.

Importing this package imports NumPy and Pillow, nothing heavier.
"""

from __future__ import annotations

from core.images.built_in import BUILT_IN, BuiltInPicture, built_in_picture
from core.images.decoding import LONGEST_SIDE, MOST_BYTES, MOST_PIXELS, SMALLEST_SIDE, decode
from core.images.drawn import BOXES, drawn_digit, drawn_notes, light_on_dark
from core.images.headers import ALLOWED
from core.images.picture import (
    Picture,
    area_average,
    as_network_input,
    at_own_size,
    in_channels,
    network_input_notes,
    png_bytes,
)

__all__ = [
    "ALLOWED",
    "BOXES",
    "BUILT_IN",
    "LONGEST_SIDE",
    "MOST_BYTES",
    "MOST_PIXELS",
    "SMALLEST_SIDE",
    "BuiltInPicture",
    "Picture",
    "area_average",
    "as_network_input",
    "at_own_size",
    "built_in_picture",
    "decode",
    "drawn_digit",
    "drawn_notes",
    "in_channels",
    "light_on_dark",
    "network_input_notes",
    "png_bytes",
]
