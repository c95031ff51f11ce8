"""What a view saves, read back by the libraries that others would read it with."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from core.export.array_files import NamedArray
from core.export.bundle import Bundle, Drawing, NamedTable

ABOUT = "Run 'é < 3' (7), best weights (epoch 3)\nand dropout off."
MAP = NamedArray("grad-cam", "Grad-CAM", np.array([[1.0, -0.1234567891234]]))
TABLE = NamedTable("layers", "Layers", {"layer": ["a,b", "c"], "dead": [0.1, float("nan")]})
DRAWN = Drawing("sheet", "As shown", np.full((2, 3, 4), 200, np.uint8))
BUNDLE = Bundle("7-maps", ABOUT, (MAP, TABLE, DRAWN), {"steps_of": np.arange(3)})


def test_one_file_has_every_number_by_name_bit_for_bit():
    back = np.load(io.BytesIO(BUNDLE.as_npz()), allow_pickle=False)
    assert set(back) == {"about", "grad_cam", "layers_layer", "layers_dead", "steps_of"}
    np.testing.assert_array_equal(back["grad_cam"], MAP.values)
    np.testing.assert_array_equal(back["layers_dead"], [0.1, np.nan])
    assert back["layers_layer"].tolist() == ["a,b", "c"] and str(back["about"]) == ABOUT
    np.testing.assert_array_equal(back["steps_of"], [0, 1, 2])


def test_the_files_begin_alike():
    names = [file.name for file in (*BUNDLE.files, BUNDLE.alone("steps_of"))]
    assert names == ["7-maps-grad-cam", "7-maps-layers", "7-maps-sheet", "7-maps-steps-of"]


def test_a_table_as_npy_has_its_columns_by_name():
    back = np.load(io.BytesIO(TABLE.as_npy()), allow_pickle=False)
    assert back.dtype.names == ("layer", "dead") and back["layer"].tolist() == ["a,b", "c"]
    np.testing.assert_array_equal(back["dead"], [0.1, np.nan])


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1, 2, 3)])
def test_an_array_without_a_picture_reads_back_from_both_its_files(shape: tuple[int, ...]):
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    file = Bundle("7-maps", ABOUT, (), {"all": values}).alone("all")
    back = np.load(io.BytesIO(file.as_npy()), allow_pickle=False)
    np.testing.assert_array_equal(back, values)
    assert back.dtype == np.float32
    first, *rest = file.as_csv().decode().splitlines()
    assert first.startswith("# Run") and len(rest) == 1 + values.size
    for row in csv.DictReader(rest):
        place = tuple(int(row[f"axis_{axis}"]) for axis in range(values.ndim))
        assert np.float32(row["value"]) == values[place]


def test_a_long_array_is_written_in_parts_without_a_seam(monkeypatch: pytest.MonkeyPatch):
    values = np.arange(24.0).reshape(4, 3, 2)
    file = Bundle("7-maps", ABOUT, (), {"all": values}).alone("all")
    whole = file.as_csv()
    monkeypatch.setattr("core.export.bundle._LINES", 5)
    assert file.as_csv() == whole
    assert whole.decode().splitlines()[-1] == "3,2,1,23.0"


def test_a_table_reads_back_below_one_line_about_it():
    first, *rest = BUNDLE.files[1].as_csv().decode().splitlines()
    assert first == f"# {ABOUT}".replace("\n", " ")
    assert list(csv.reader(rest)) == [["layer", "dead"], ["a,b", "0.1"], ["c", "nan"]]


def test_a_table_without_a_sentence_begins_with_the_names_of_its_columns():
    assert TABLE.as_csv().startswith(b"layer,dead\n")


def test_columns_of_unequal_length_are_no_table():
    with pytest.raises(ValueError, match="shorter"):
        NamedTable("t", "T", {"a": [1, 2], "b": [1]}).as_csv()


@pytest.mark.parametrize("place", [0, 2])
def test_a_picture_carries_the_sentence_inside(place: int):
    assert Image.open(io.BytesIO(BUNDLE.files[place].as_png())).text == {"Description": ABOUT}


def test_a_drawing_is_the_picture_pixel_for_pixel():
    picture = np.asarray(Image.open(io.BytesIO(BUNDLE.files[2].as_png())))
    np.testing.assert_array_equal(picture, DRAWN.pixels)


def test_an_svg_and_the_numbers_of_a_map_carry_the_sentence_too():
    file = BUNDLE.files[0]
    assert (
        ElementTree.fromstring(file.as_svg()).findtext("{http://www.w3.org/2000/svg}desc") == ABOUT
    )
    back = np.loadtxt(io.BytesIO(file.as_csv()), delimiter=",")
    np.testing.assert_allclose(back, MAP.values[0], rtol=1e-8)


def test_objects_are_never_pickled():
    bundle = Bundle("x", "", (NamedTable("t", "T", {"a": [None]}),))
    for made in (bundle.as_npz, bundle.pieces[0].as_npy):
        with pytest.raises(ValueError, match="pickle"):
            made()
