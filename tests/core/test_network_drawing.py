"""The diagram of a network as a file: its blocks and words, in both forms."""

from __future__ import annotations

import io
import itertools
import xml.etree.ElementTree as ElementTree

import numpy as np
from PIL import Image

from core.export.network_drawing import NetworkDrawing
from core.figures.network import blocks
from core.inside.layer_records import LayerRecord

LAYERS = (
    LayerRecord("image", "Input", (8, 8, 1), "8 x 8, 1 channel", 0, 0, ""),
    LayerRecord("conv <1>", "Conv2D", (8, 8, 4), "8 x 8, 4 channels", 40, 40, "looks"),
    LayerRecord("classes", "Dense", (10,), "10 numbers", 330, 330, "decides"),
)
DRAWN = NetworkDrawing("diagram", "The network", blocks(LAYERS), "Of run <a>.")
SVG = "{http://www.w3.org/2000/svg}"


def test_the_svg_has_three_faces_a_layer_and_its_words_as_text():
    root = ElementTree.fromstring(DRAWN.as_svg())
    assert len(root.findall(f"{SVG}polygon")) == 3 * len(LAYERS)
    assert root.find(f"{SVG}desc").text == "Of run <a>."
    assert [text.text for text in root.findall(f"{SVG}text")] == [
        *("image", "8 x 8, 1 channel"),
        *("conv <1>", "Conv2D: 8 x 8, 4 channels"),
        *("classes", "Dense: 10 numbers"),
    ]


def test_no_block_reaches_out_of_the_svg_or_into_its_neighbour():
    root = ElementTree.fromstring(DRAWN.as_svg())
    width, height = (float(root.get(side)) for side in ("width", "height"))
    faces = [
        np.array([corner.split(",") for corner in face.get("points").split()], float)
        for face in root.findall(f"{SVG}polygon")
    ]
    layers = [np.concatenate(faces[3 * place : 3 * place + 3]) for place in range(len(LAYERS))]
    for above, below in itertools.pairwise(layers):
        assert above[:, 1].max() < below[:, 1].min()
    every = np.concatenate(layers)
    assert every.min() >= 0 and (every.max(axis=0) <= (width, height)).all()


def test_the_png_has_the_same_colours_in_the_same_places():
    root = ElementTree.fromstring(DRAWN.as_svg())
    picture = Image.open(io.BytesIO(DRAWN.as_png()))
    assert picture.text["Description"] == "Of run <a>."
    times = picture.size[0] / float(root.get("width"))
    for front in root.findall(f"{SVG}polygon")[::3]:  # the first face is opaque
        corners = np.array([pair.split(",") for pair in front.get("points").split()], float)
        across, down = (times * corners.mean(axis=0)).round().astype(int)
        colour = "#{:02X}{:02X}{:02X}".format(*picture.getpixel((across, down))[:3])
        assert colour == front.get("fill").upper()
    assert picture.getpixel((0, 0)) == (255, 255, 255, 255)
