"""Arrays as files: read back by the libraries that others would read them with."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from core.export.array_files import NamedArray
from core.figures.theme import SIGNED

SVG = "{http://www.w3.org/2000/svg}"
ONE = np.array([[-2.0, 0.0, 2.0], [1.0, -1.0, 0.123456789]], np.float32)
THREE = np.arange(12, dtype=np.float32).reshape(2, 2, 3) - 6


def test_numpy_reads_the_same_numbers_back():
    back = np.load(io.BytesIO(NamedArray("map", "A map", THREE).as_npy()), allow_pickle=False)
    np.testing.assert_array_equal(back, THREE)
    assert back.dtype == np.float32


def test_a_map_as_a_table_is_its_rows():
    back = np.loadtxt(io.BytesIO(NamedArray("map", "A map", ONE).as_csv()), delimiter=",")
    np.testing.assert_array_equal(back.astype(np.float32), ONE)


def test_several_maps_as_a_table_are_a_line_for_each_number():
    text = NamedArray("maps", "Maps", THREE, (7, 5, 9)).as_csv().decode().splitlines()
    assert text[:4] == ["filter,row,column,value", "7,0,0,-6", "7,0,1,-3", "7,1,0,0"]
    assert text[-1] == "9,1,1,5"
    assert len(text) == 13


def test_kernels_as_a_table_name_filter_channel_row_and_column():
    kernels = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
    lines = NamedArray("kernels", "Kernels", kernels).as_csv().decode().splitlines()
    assert lines[0] == "filter,channel,row,column,value"
    assert f"4,1,0,2,{kernels[0, 2, 1, 4]:.9g}" in lines
    assert len(lines) == 121


@pytest.mark.parametrize("place", [(0, 0), (0, 1), (0, 2)])
def test_a_picture_has_the_colours_of_the_charts(place):
    picture = Image.open(io.BytesIO(NamedArray("map", "A map", ONE).as_png())).convert("RGB")
    size = picture.width // 3
    got = picture.getpixel((place[1] * size + size // 2, size // 2))
    assert "#{:02X}{:02X}{:02X}".format(*got) == SIGNED[2 * place[1]][1]


def test_a_drawing_has_a_square_for_each_number_and_says_what_it_is():
    drawing = ElementTree.fromstring(NamedArray("map", "A < map", ONE).as_svg())
    assert drawing.findtext(f"{SVG}title") == "A < map"
    squares = drawing.findall(f"{SVG}rect")
    assert len(squares) == 6
    assert squares[0].get("fill") == SIGNED[0][1].lower()


def test_a_drawing_of_very_many_numbers_has_their_picture_inside():
    drawing = ElementTree.fromstring(NamedArray("map", "A map", np.ones((200, 200))).as_svg())
    assert not drawing.findall(f"{SVG}rect") and len(drawing.findall(f"{SVG}image")) == 1


def test_maps_stand_side_by_side_with_gaps_between_that_are_clear():
    picture = NamedArray("maps", "Maps", np.ones((4, 4, 3))).picture()
    assert picture.shape == (9, 9, 4)
    assert (picture[4, :, 3] == 0).all() and (picture[:4, :4, 3] == 255).all()
    assert (picture[5:, 5:, 3] == 0).all()  # no fourth map


def test_an_image_keeps_its_own_colours():
    pixels = np.zeros((1, 2, 3), np.float32)
    pixels[0, 1] = [1, 0.5, 0]
    got = NamedArray("image", "The image", pixels, brightness=True).picture()
    assert got.tolist() == [[[0, 0, 0, 255], [255, 128, 0, 255]]]
