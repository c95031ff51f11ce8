"""What the first bytes of a file say: its kind and its size, before anything is decoded."""

from __future__ import annotations

import struct

ALLOWED = ("PNG", "JPEG", "WebP", "BMP", "GIF")
"""The formats that are decoded; all others are at best recognised."""

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"%PDF", "a PDF document"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"II+\0", "a TIFF picture"),
    (b"MM\0+", "a TIFF picture"),
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\1\0", "an icon"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"PK\3\4", "a ZIP archive or an office document"),
    (b"%!PS", "a PostScript document"),
    (b"\x93NUMPY", "a NumPy array"),
)
_BRANDS = {
    b"heic": "a HEIC photo",
    b"heix": "a HEIC photo",
    b"mif1": "a HEIC photo",
    b"msf1": "a HEIC photo",
    b"avif": "an AVIF picture",
    b"avis": "an AVIF picture",
}


def kind_of(data: bytes) -> str:
    """One of `ALLOWED`, or what else it seems to be, with its article: "a PDF document"."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "a film")
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    text = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<"):
        if b"<svg" in text:
            return "an SVG drawing"
        return "a web page" if b"<html" in text else "a text file"
    return "a file that is not a picture"


def size_in(data: bytes, kind: str) -> tuple[int, int]:
    """Rows and columns that a picture of an allowed kind claims to have.

    Pillow would tell too, but opens a file first, which for some formats means buffers of the
    claimed size, and answers very large ones by warnings of its own.

    Raises
    ------
    ValueError
        If the bytes end too early, or make no sense.
    """
    try:
        columns, rows = _READERS[kind](data)
    except (struct.error, IndexError) as reason:
        raise ValueError("the header is cut short") from reason
    if rows <= 0 or columns <= 0:
        raise ValueError(f"a picture of {columns}x{rows}")
    return rows, columns


def _png(data: bytes) -> tuple[int, int]:
    columns, rows = struct.unpack_from(">II", data, 16)
    return columns, rows


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walk over the segments to the first frame header, past thumbnails inside of segments."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker where one must be")
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            rows, columns = struct.unpack_from(">HH", data, at + 3)
            return columns, rows
        if marker not in (0x01, *range(0xD0, 0xD8)):
            at += struct.unpack_from(">H", data, at)[0]


def _gif(data: bytes) -> tuple[int, int]:
    """The screen, or the first frame where that reaches beyond it."""
    columns, rows, packed = struct.unpack_from("<HHB", data, 6)
    at = 13 + _gif_palette(packed)
    while data[at] == 0x21:
        at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    if data[at] != 0x2C:
        raise ValueError("no frame")
    left, top, width, height = struct.unpack_from("<HHHH", data, at + 1)
    return max(columns, left + width), max(rows, top + height)


def _gif_palette(packed: int) -> int:
    """Bytes of the palette that a GIF's flags announce."""
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _bmp(data: bytes) -> tuple[int, int]:
    """Rows may be given as a negative number: then they are stored from the top."""
    old = struct.unpack_from("<I", data, 14)[0] == 12
    columns, rows = struct.unpack_from("<HH" if old else "<ii", data, 18)
    return columns, abs(rows)


def _webp(data: bytes) -> tuple[int, int]:
    chunk = data[12:16]
    if chunk == b"VP8X":
        columns, rows = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        if len(data) < 30:
            raise IndexError
        return columns, rows
    if chunk == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    columns, rows = struct.unpack_from("<HH", data, 26)
    return columns & 0x3FFF, rows & 0x3FFF


_READERS = {"PNG": _png, "JPEG": _jpeg, "GIF": _gif, "BMP": _bmp, "WebP": _webp}
