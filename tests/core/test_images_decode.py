"""Uploads, good and bad. Files are written by Pillow or by hand, pixel values known beforehand."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from core.errors import LearnscopeError
from core.images import MOST_BYTES, decode, decoding


def saved(image, format, **options):
    written = io.BytesIO()
    image.save(written, format, **options)
    return written.getvalue()


def gradient(mode="RGB", columns=12, rows=10):
    """Red grows to the right, green downwards."""
    pixels = np.zeros((rows, columns, 3), np.uint8)
    pixels[..., 0] = np.arange(columns) * 20
    pixels[..., 1] = np.arange(rows)[:, None] * 25
    return Image.fromarray(pixels).convert(mode)


def chunk(name, content):
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def png_that_claims(columns, rows):
    """A PNG of a few bytes whose header speaks of that size."""
    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    content = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + content + chunk(b"IEND", b"")


def refusal(data):
    with pytest.raises(LearnscopeError) as refused:
        decode(data)
    sentence = str(refused.value)
    assert sentence.startswith("Expected ")
    assert "Received: " in sentence
    assert sentence.endswith(".")
    return sentence


# What comes in as it should.


@pytest.mark.parametrize("format", ["PNG", "BMP", "WebP", "GIF"])
def test_lossless_formats_give_the_very_pixels(format):
    """Two colours only, so that GIF's palette holds them exactly."""
    image = gradient().point(lambda level: 255 if level > 100 else 0)
    picture = decode(saved(image, format, **({"lossless": True} if format == "WebP" else {})))
    assert picture.pixels.dtype == np.float32
    assert np.array_equal(picture.pixels, np.asarray(image) / np.float32(255))
    assert picture.format == format
    assert picture.original_size == (10, 12)
    assert picture.notes == ()


def test_jpeg_gives_nearly_the_pixels():
    picture = decode(saved(gradient(), "JPEG", quality=95))
    assert picture.format == "JPEG"
    assert np.abs(picture.pixels - np.asarray(gradient()) / 255).max() < 0.06


def test_gray_stays_one_channel():
    picture = decode(saved(gradient("L"), "PNG"))
    assert np.array_equal(picture.pixels[..., 0], np.asarray(gradient("L")) / np.float32(255))
    assert picture.pixels.shape == (10, 12, 1)


def test_one_bit_is_black_and_white():
    image = Image.new("1", (9, 8))
    image.putpixel((3, 2), 1)
    pixels = decode(saved(image, "PNG")).pixels
    assert pixels.shape == (8, 9, 1)
    assert pixels[2, 3, 0] == 1
    assert pixels.sum() == 1


def test_a_palette_becomes_colour():
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 255, 51, 0])
    assert np.allclose(decode(saved(image, "PNG")).pixels[0, 0], [1, 0.2, 0])


def test_the_content_decides_whatever_the_name_says():
    """Only bytes come in: there is no name and no type that could be believed."""
    assert decode(saved(gradient(), "GIF")).format == "GIF"


def test_a_picture_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        decode(saved(gradient(), "PNG")).pixels[0] = 0


# What is put right, with a note.


def upright(corner):
    """A gray picture, 8 rows by 16 columns, white in one corner only."""
    image = Image.new("L", (16, 8))
    image.putpixel(corner, 255)
    return image


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["PNG", "WebP"])
def test_a_turned_photo_is_shown_upright(orientation, format):
    """Where row 0 and column 0 of the file lie on the upright photo: the EXIF standard's table."""
    row, column = {
        1: ("top", "left"),
        2: ("top", "right"),
        3: ("bottom", "right"),
        4: ("bottom", "left"),
        5: ("left", "top"),
        6: ("right", "top"),
        7: ("right", "bottom"),
        8: ("left", "bottom"),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright((0, 0))
    options = {"lossless": True} if format == "WebP" else {}
    picture = decode(saved(stored, format, exif=exif, **options))
    rows, columns = (8, 16) if orientation <= 4 else (16, 8)
    white = (
        rows - 1 if "bottom" in (row, column) else 0,
        columns - 1 if "right" in (row, column) else 0,
    )
    assert picture.pixels.shape[:2] == (rows, columns)
    assert picture.original_size == (rows, columns)
    assert np.argwhere(picture.pixels[..., 0] == 1).tolist() == [list(white)]
    told = "Turned upright, as the EXIF data of the photo says."
    assert picture.notes == (() if orientation == 1 else (told,))


def test_a_jpeg_photo_is_shown_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode(saved(gradient(), "JPEG", exif=exif)).pixels.shape == (12, 10, 3)


# Pillow's word on it belongs in the log, and nowhere else.
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_unreadable_exif_data_do_not_hide_the_picture():
    picture = decode(saved(gradient(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))
    assert picture.pixels.shape == (10, 12, 3)
    assert picture.notes == ()


def test_cmyk_becomes_red_green_and_blue():
    """No cyan, all magenta and yellow: red. JPEG itself changes the values a little."""
    picture = decode(saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100))
    assert np.abs(picture.pixels - [1, 0, 0]).max() < 0.02
    assert picture.notes == ("Converted from CMYK, the inks of printing, to red, green and blue.",)


def test_sixteen_bit_gray_keeps_its_levels_and_is_not_white():
    levels = np.linspace(0, 65535, 80).round().astype(np.uint16).reshape(8, 10)
    picture = decode(saved(Image.fromarray(levels), "PNG"))
    assert picture.pixels.shape == (8, 10, 1)
    assert np.allclose(picture.pixels[..., 0], levels / 65535, atol=1e-6)
    assert len(np.unique(picture.pixels)) == 80
    assert picture.notes == (
        "Its 65,536 levels of gray (16 bits) were scaled to the range 0 to 1.",
    )


def test_sixteen_bit_gray_can_have_a_transparent_level():
    levels = np.full((8, 8), 1000, np.uint16)
    levels[0, 0] = 77
    plain = saved(Image.fromarray(levels), "PNG")
    after_header = 8 + 25
    data = plain[:after_header] + chunk(b"tRNS", struct.pack(">H", 77)) + plain[after_header:]
    pixels = decode(data).pixels
    assert pixels[0, 0, 0] == 1
    assert np.isclose(pixels[1, 1, 0], 1000 / 65535)


def test_half_transparent_red_is_shown_on_white():
    picture = decode(saved(Image.new("RGBA", (8, 8), (255, 0, 0, 128)), "PNG"))
    rest = 1 - 128 / 255
    assert np.abs(picture.pixels - [1, rest, rest]).max() < 1 / 255
    assert picture.notes == ("Transparent parts are shown on white.",)


def test_transparent_gray_is_shown_on_white_and_stays_gray():
    image = Image.new("LA", (8, 8), (0, 0))
    image.putpixel((1, 0), (51, 255))
    pixels = decode(saved(image, "PNG")).pixels
    assert pixels.shape == (8, 8, 1)
    assert pixels[0, 0, 0] == 1
    assert np.isclose(pixels[0, 1, 0], 0.2)


@pytest.mark.parametrize("transparency", [1, bytes([255, 0])])
def test_a_palette_with_transparency_is_shown_on_white(transparency):
    image = Image.new("P", (8, 8), 0)
    image.putpalette([0, 0, 255, 255, 0, 0])
    image.putpixel((2, 0), 1)
    picture = decode(saved(image, "PNG", transparency=transparency))
    assert picture.pixels[0, 0].tolist() == [0, 0, 1]
    assert picture.pixels[0, 2].tolist() == [1, 1, 1]
    assert picture.notes == ("Transparent parts are shown on white.",)


def test_a_transparent_colour_is_shown_on_white():
    picture = decode(saved(Image.new("RGB", (8, 8), (1, 2, 3)), "PNG", transparency=(1, 2, 3)))
    assert picture.pixels.min() == 1


def test_nothing_is_said_of_transparency_where_all_is_opaque():
    assert decode(saved(Image.new("RGBA", (8, 8), (9, 9, 9, 255)), "PNG")).notes == ()


@pytest.mark.parametrize("format", ["GIF", "WebP", "PNG"])
def test_of_an_animation_the_first_frame_is_shown(format):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if format == "WebP" else {}
    data = saved(frames[0], format, save_all=True, append_images=frames[1:], **options)
    picture = decode(data)
    assert np.array_equal(picture.pixels, np.broadcast_to(np.float32([1, 0, 0]), (8, 8, 3)))
    assert picture.notes == ("Only the first frame of the animation is shown.",)


def test_the_second_picture_in_a_phones_jpeg_is_no_animation():
    photos = [gradient(), gradient()]
    picture = decode(saved(photos[0], "MPO", save_all=True, append_images=photos[1:]))
    assert picture.format == "JPEG"
    assert picture.notes == ()


# What is refused.


def test_an_empty_file_is_called_empty():
    assert "Received: an empty file." in refusal(b"")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="9">', "an SVG drawing"),
        (b"\xef\xbb\xbf  <SVG xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"<!doctype html><html><body>Not found", "a web page"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC photo"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "an AVIF picture"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "a film"),
        (b"PK\3\4rest", "a ZIP archive or an office document"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a file that is not a picture"),
        (b"epoch,loss\n1,0.5\n", "a file that is not a picture"),
        (b"\0" * 64, "a file that is not a picture"),
        (b"\x89", "a file that is not a picture"),
    ],
)
def test_what_is_no_such_picture_is_named(data, name):
    sentence = refusal(data)
    assert sentence.startswith("Expected a picture as PNG, JPEG, WebP, BMP or GIF.")
    assert f"Received: {name}." in sentence


@pytest.mark.parametrize("format", ["TIFF", "ICO", "PPM"])
def test_formats_that_pillow_knows_are_refused_all_the_same(format):
    assert "Expected a picture as PNG, JPEG, WebP, BMP or GIF." in refusal(
        saved(gradient(), format)
    )


def test_a_tiff_is_called_a_tiff():
    assert "Received: a TIFF picture. Save it as PNG or JPEG" in refusal(saved(gradient(), "TIFF"))


def noise():
    """Incompressible, so that any cut takes pixels away."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60, 3), np.uint8))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WebP", "BMP", "GIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_truncated_file_is_refused(format, share):
    whole = saved(noise(), format)
    cut = whole[: max(12, int(share * len(whole)))]
    assert f"Received: a {format} file that is cut short or damaged." in refusal(cut)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WebP", "BMP", "GIF"])
def test_damage_anywhere_never_raises_anything_else(format):
    """Bytes are replaced at random: a picture or a sentence must come of it."""
    rng = np.random.default_rng(1)
    whole = np.frombuffer(saved(noise(), format), np.uint8)
    for _ in range(150):
        damaged = whole.copy()
        damaged[rng.integers(0, min(len(whole), 400), 4)] = rng.integers(0, 256, 4)
        try:
            decode(damaged.tobytes())
        except LearnscopeError:
            continue


@pytest.fixture
def no_pillow(monkeypatch):
    """From here on nothing may reach Pillow's decoders."""

    def opened(*arguments, **options):
        pytest.fail("The file was opened.")

    monkeypatch.setattr(Image, "open", opened)


def gif_with_a_huge_frame():
    data = bytearray(saved(Image.new("L", (8, 8)), "GIF"))
    frame = data.index(b"\x2c", 13 + 3 * 2)
    data[frame + 5 : frame + 9] = struct.pack("<HH", 20000, 20000)
    return bytes(data)


def jpeg_that_claims(columns, rows):
    data = bytearray(saved(gradient("L"), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", rows, columns)
    return bytes(data)


def bmp_that_claims(columns, rows):
    data = bytearray(saved(gradient(), "BMP"))
    data[18:26] = struct.pack("<ii", columns, -rows)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        png_that_claims(20000, 20000),
        jpeg_that_claims(20000, 20000),
        bmp_that_claims(20000, 20000),
        gif_with_a_huge_frame(),
    ],
    ids=["PNG", "JPEG", "BMP", "GIF"],
)
def test_20000x20000_is_refused_unopened(data, no_pillow):
    assert refusal(data) == (
        "Expected a picture of at most 50 megapixels. Received: 20,000x20,000 pixels. "
        "Make it smaller in a picture editor."
    )


def webp_header(kind, size):
    return b"RIFF\0\0\0\0WEBP" + kind + struct.pack("<I", 10) + size


@pytest.mark.parametrize(
    "data",
    [
        webp_header(b"VP8X", b"\0" * 4 + (15999).to_bytes(3, "little") * 2),
        webp_header(b"VP8L", b"\x2f" + struct.pack("<I", 15999 | 15999 << 14)),
        webp_header(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 16000, 16000)),
    ],
    ids=["extended", "lossless", "lossy"],
)
def test_the_largest_webp_is_refused_unopened(data, no_pillow):
    assert "Received: 16,000x16,000 pixels." in refusal(data)


def test_pillows_own_warning_of_large_pictures_is_never_heard():
    """Pillow warns above 89 megapixels, and raises above 179."""
    for side in (9_500, 13_000, 20_000):
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            refusal(png_that_claims(side, side))
        assert heard == []


def test_1x1_is_refused_with_the_smallest_side():
    assert refusal(saved(Image.new("L", (1, 1)), "PNG")) == (
        "Expected sides of at least 8 pixels. Received: 1x1 pixels. Choose a larger picture."
    )


def test_a_ribbon_of_a_picture_is_refused(no_pillow):
    assert "sides of at most 16,384 pixels" in refusal(png_that_claims(20000, 8))


def test_a_picture_without_area_is_called_damaged():
    assert "cut short or damaged" in refusal(png_that_claims(0, 8))


def test_too_many_bytes_are_refused_unopened(no_pillow):
    assert refusal(b"BM" + bytes(MOST_BYTES)) == (
        "Expected a picture of at most 30 MB. Received: 30.0 MB. Make it smaller, or save it as "
        "JPEG."
    )


def test_a_photo_of_12_megapixels_passes_whole():
    picture = decode(saved(Image.new("RGB", (4032, 3024), (255, 51, 0)), "JPEG"))
    assert picture.pixels.shape == (3024, 4032, 3)
    assert np.abs(picture.pixels[::500, ::500] - [1, 0.2, 0]).max() < 0.02
    assert picture.notes == ()


@pytest.mark.parametrize("sixteen_bits", [False, True])
def test_a_larger_photo_is_halved_and_says_so(monkeypatch, sixteen_bits):
    """Every second column is white: halved, all is mid-gray."""
    monkeypatch.setattr(decoding, "KEPT_PIXELS", 8 * 8)
    white = 65535 if sixteen_bits else 255
    stripes = np.tile(np.array([0, white], np.uint16 if sixteen_bits else np.uint8), (10, 6))
    picture = decode(saved(Image.fromarray(stripes), "PNG"))
    assert picture.pixels.shape == (5, 6, 1)
    assert np.abs(picture.pixels - 0.5).max() <= 0.5 / 255 + 1e-6
    assert picture.original_size == (10, 12)
    assert picture.notes[-1] == "Reduced from 12x10 to 6x5 pixels, each the average of four."
