"""/decision through app.py: the answer, the maps, and the two checks on them."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data import load, split
from core.inside.layers import load_network
from pages.shared import state
from tests.pages.conftest import SMALL

PAGE = "interpretation/decision"
Visit = Callable[..., AppTest]
Trained = Callable[..., str]


def charts(page: AppTest) -> dict[str, dict[str, Any]]:
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {figure["layout"]["title"]["text"].split("<br>")[0]: figure for figure in figures}


def board(page: AppTest) -> dict[str, np.ndarray]:
    """The maps by what stands above them."""
    (figure,) = [one for title, one in charts(page).items() if title.startswith("Which pixels")]
    maps = [trace for trace in figure["data"] if trace["type"] == "heatmap"]
    captions = [annotation["text"] for annotation in figure["layout"]["annotations"]]
    return {caption: numbers(trace["z"]) for caption, trace in zip(captions, maps, strict=True)}


def numbers(written: dict[str, str]) -> np.ndarray:
    """An array as plotly writes it."""
    values = np.frombuffer(base64.b64decode(written["bdata"]), written["dtype"])
    return values.reshape([int(size) for size in written["shape"].split(", ")])


def said(page: AppTest) -> str:
    return "\n".join(part.value for part in (*page.markdown, *page.caption))


def first_sample() -> np.ndarray:
    parts = split(load("digits"), SMALL.data, SMALL.optimisation.seed)
    return parts.validation_images[0]


def logits(model: keras.Model, image: tf.Tensor) -> tf.Tensor:
    """Without the project's own code: the last layer but one, times the last one's weights."""
    before = keras.Model(model.inputs, model.layers[-2].output)
    return before(image, training=False) @ model.layers[-1].kernel + model.layers[-1].bias


def test_the_answer_is_the_networks_own(visit: Visit, trained: Trained, network_files: Path):
    trained()
    page = visit(PAGE)
    assert not page.exception and not page.error
    (bars,) = charts(page)["What the network says"]["data"]
    model = keras.models.load_model(network_files / "best.keras")
    expected = np.asarray(model(first_sample()[None], training=False))[0]
    np.testing.assert_allclose(bars["x"], expected, atol=1e-5)
    # The explained one, in colour, is the one that it says.
    colours = bars["marker"]["color"]
    assert [colours.count(colour) for colour in set(colours)] in ([1, 9], [9, 1])
    assert colours.count(colours[int(expected.argmax())]) == 1


def test_four_maps_stand_in_one_figure_and_saliency_is_the_gradient_of_the_logit(
    visit: Visit, trained: Trained, network_files: Path
):
    trained()
    maps = board(visit(PAGE, explained="3"))
    assert list(maps) == ["Saliency", "Integrated gradients", "Grad-CAM", "Occlusion"]
    image = tf.constant(first_sample()[None])
    with tf.GradientTape() as tape:
        tape.watch(image)
        score = logits(load_network(network_files / "best.keras"), image)[0, 3]
    expected = np.abs(np.asarray(tape.gradient(score, image)))[0, :, :, 0]
    np.testing.assert_allclose(maps["Saliency"], expected, atol=1e-5)


def test_each_map_has_a_scale_of_its_own_with_0_in_the_middle(visit: Visit, trained: Trained):
    trained()
    page = visit(PAGE)
    (figure,) = [one for title, one in charts(page).items() if title.startswith("Which pixels")]
    for trace in (trace for trace in figure["data"] if trace["type"] == "heatmap"):
        assert trace["zmin"] == -trace["zmax"]
        largest = np.abs(numbers(trace["z"])).max()
        assert trace["zmax"] == pytest.approx(largest if largest else 1)
    assert "Every map has a scale of its own" in said(page)


def test_the_shares_of_integrated_gradients_add_up_on_the_page(
    visit: Visit, trained: Trained, network_files: Path
):
    trained()
    page = visit(PAGE, explained="3", baseline="white")
    image = first_sample()
    model = load_network(network_files / "best.keras")
    ends = logits(model, tf.constant(np.stack([image, np.ones_like(image)])))[:, 3]
    difference = float(ends[0] - ends[1])
    assert f"should add up to **{difference:.3f}**" in said(page)
    total = board(page)["Integrated gradients"].sum()
    assert total == pytest.approx(difference, abs=0.02 * abs(difference))
    assert "128 steps, baseline: white" in said(page)


def test_every_method_is_named_with_its_paper(visit: Visit, trained: Trained):
    trained()
    words = said(visit(PAGE))
    for paper in ("Simonyan et al., 2014", "Sundararajan", "Selvaraju", "Zeiler & Fergus, 2014"):
        assert paper in words
    assert "before the softmax (a logit)" in words and "dropout off" in words


def test_another_class_and_layer_are_explained_and_stand_in_the_link(
    visit: Visit, trained: Trained
):
    trained()
    page = visit(PAGE)
    deep = board(page)["Grad-CAM"]
    assert page.query_params["cam-layer"] == "conv_2"  # the deepest one
    page.selectbox(key="choose explained").set_value("5").run()
    page.selectbox(key="choose cam-layer").set_value("conv_1").run()
    assert not page.exception and not page.error
    assert page.query_params["explained"] == "5"
    assert page.query_params["cam-layer"] == "conv_1"
    assert "Which pixels speak for “5”" in charts(page)
    assert not np.allclose(board(page)["Grad-CAM"], deep)


def test_a_class_that_there_is_not_is_named_and_the_predicted_one_shown(
    visit: Visit, trained: Trained
):
    trained()
    page = visit(PAGE, explained="77")
    assert "“77”, which there is not here" in page.info[0].value
    assert any(title.startswith("Which pixels") for title in charts(page))


def test_ones_own_image_is_explained(visit: Visit, trained: Trained):
    trained()
    page = visit(PAGE, picture="upload")
    assert "Upload a photo" in page.info[0].value
    written = io.BytesIO()
    Image.fromarray(np.tile(np.arange(40, dtype=np.uint8) * 6, (30, 1))).save(written, "PNG")
    page.file_uploader[0].set_value(("mine_1_.png", written.getvalue(), "image/png")).run()
    assert not page.exception and not page.error
    assert board(page)["Occlusion"].shape == (8, 8)


def test_an_image_that_is_the_baseline_has_nothing_to_share_out(visit: Visit, trained: Trained):
    trained()
    page = visit(PAGE, picture="upload", baseline="black")
    written = io.BytesIO()
    Image.new("L", (8, 8), 0).save(written, "PNG")
    page.file_uploader[0].set_value(("black.png", written.getvalue(), "image/png")).run()
    assert not page.exception and not page.error
    assert "nothing to share out**: the score of the image is that of the baseline (black)" in (
        said(page)
    )
    assert "inf%" not in said(page)


def test_the_layers_are_randomised_by_one_click_and_the_network_stays_as_it_is(
    visit: Visit, trained: Trained, network_files: Path
):
    trained()
    page = visit(PAGE, **{"decision-view": "Sanity check"})
    assert not any(title.startswith("How like") for title in charts(page))
    page.button(key="randomise").click().run()
    assert not page.exception and not page.error
    likeness = charts(page)["How like its original a map stays"]["data"]
    assert [line["name"] for line in likeness] == [
        "Saliency",
        "Integrated gradients",
        "Grad-CAM",
        "Occlusion",
    ]
    assert likeness[0]["x"] == ["as trained", "classes", "+ dense", "+ conv_2", "+ conv_1"]
    assert [line["y"][0] for line in likeness if line["name"] != "Grad-CAM"] == pytest.approx(
        [1, 1, 1]
    )
    sentences = [line for line in said(page).split("\n") if line.startswith("- **")]
    assert len(sentences) == 4
    board_of_all = charts(page)["The maps as the layers are randomised"]
    assert sum(trace["type"] == "heatmap" for trace in board_of_all["data"]) == 4 * 5
    # The same answer as before from the network that all sessions share.
    (bars,) = charts(page)["What the network says"]["data"]
    model = keras.models.load_model(network_files / "best.keras")
    expected = np.asarray(model(first_sample()[None], training=False))[0]
    np.testing.assert_allclose(bars["x"], expected, atol=1e-5)
    page.run()
    assert "How like its original a map stays" in charts(page)  # kept; nobody need click again
    assert not [button for button in page.button if button.key == "randomise"]


def test_deletion_and_insertion_stand_beside_random_orders(
    visit: Visit, trained: Trained, network_files: Path
):
    trained()
    page = visit(PAGE, explained="3", **{"decision-view": "Deletion and insertion"})
    assert not page.exception and not page.error
    lines = [
        trace
        for trace in charts(page)["“3” by deletion and by insertion"]["data"]
        if "name" in trace
    ]
    assert len(lines) == 2 * 5
    image = first_sample()
    model = keras.models.load_model(network_files / "best.keras")
    ends = np.asarray(model(np.stack([image, np.zeros_like(image)]), training=False))[:, 3]
    for line in lines:
        expected = ends if line["xaxis"] == "x" else ends[::-1]
        np.testing.assert_allclose([line["y"][0], line["y"][-1]], expected, atol=1e-5)
    table = page.dataframe[0].value
    assert table.shape == (5, 3)
    (saliency,) = [line for line in lines if line["name"] == "Saliency" and line["xaxis"] == "x"]
    heights, at = np.array(saliency["y"]), np.array(saliency["x"])
    area = (np.diff(at) * (heights[1:] + heights[:-1]) / 2).sum()
    assert table.iloc[0, 1] == f"{area:.3f}"


def test_a_network_with_a_shortcut_is_refused_in_a_sentence(visit: Visit, trained: Trained):
    run_id = trained()
    image = keras.Input((8, 8, 1))
    maps = keras.layers.Conv2D(1, 3, padding="same")(image)
    flat = keras.layers.Flatten()(keras.layers.Add()([image, maps]))
    model = keras.Model(image, keras.layers.Dense(10, "softmax")(flat))
    state.library().store_file(run_id, "best.keras", model.save)
    page = visit(PAGE)
    assert not page.exception
    assert ["residual connection" in error.value for error in page.error] == [True]


def test_without_a_run_one_button_trains_the_first(visit: Visit):
    page = visit(PAGE)
    assert not page.exception
    assert "Train the default network" in [button.label for button in page.button]


@pytest.mark.parametrize("view", ["The maps", "Deletion and insertion"])
def test_every_chart_and_image_has_a_text_alternative(visit: Visit, trained: Trained, view: str):
    trained()
    page = visit(PAGE, **{"decision-view": view})
    assert not page.exception and not page.error
    assert all(chart.proto.alt for chart in page.get("plotly_chart"))
    assert all(one.alt for image in page.get("image") for one in image.proto.imgs)
