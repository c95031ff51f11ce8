"""/excites through app.py: tuning curves, the strongest images, the picture made by ascent."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import split_again
from core.inside.layers import kernels_of, load_network
from core.inside.stages import layer_stages
from core.inside.tuning import preference, tune_kernels
from pages.shared import state
from tests.pages.recorded import record

PAGE = "interpretation/excites"
IMAGES = {"excites-view": "Images and patches"}
CLIMB = {"excites-view": "The picture that excites it most"}


def charts(page: AppTest) -> dict[str, dict]:
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {figure["layout"]["title"]["text"].split("<br>")[0]: figure for figure in figures}


def numbers(array: object) -> np.ndarray:
    if isinstance(array, dict):
        found = np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"])
        return found.reshape([int(n) for n in str(array.get("shape", found.size)).split(",")])
    return np.array(array)


def fine(page: AppTest) -> bool:
    return not page.exception and not page.error


def said(page: AppTest) -> str:
    return " ".join(one.value for one in [*page.markdown, *page.caption])


def alts(page: AppTest) -> list[str]:
    return [one.alt for image in page.get("image") for one in image.proto.imgs]


def test_the_tuning_curve_of_the_strongest_filter_comes_first(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    trained()
    page = visit(PAGE)
    assert fine(page)
    kernels, _ = kernels_of(load_network(network_files / "best.keras"), "conv_1")
    largest = int(np.sqrt((kernels**2).sum(axis=(0, 1, 2))).argmax())
    tuning = tune_kernels(kernels)
    found = preference(tuning, largest)
    figures = charts(page)
    curve = figures["Answer by orientation"]["data"][0]
    np.testing.assert_allclose(numbers(curve["r"])[:36], found.curve, rtol=1e-5)
    heat = numbers(figures["Answer by orientation and frequency"]["data"][0]["z"])
    np.testing.assert_allclose(heat[:, :36], tuning.amplitudes[largest], rtol=1e-5)
    metrics = {one.label: one.value for one in page.metric}
    assert metrics["Frequency"] == f"{found.frequency:.2f}"
    assert f"Filter {largest}" in page.markdown[1].value


def test_vertical_and_horizontal_edges_are_marked_in_the_polar_plot(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    trained()
    page = visit(PAGE, kernel="2")
    kernels, _ = kernels_of(load_network(network_files / "best.keras"), "conv_1")
    found = preference(tune_kernels(kernels), 2)
    marks = {one["name"]: one for one in charts(page)["Answer by orientation"]["data"]}
    for name, angle in (("vertical", 0), ("horizontal", 90)):
        mark = marks[f"{name} edges"]
        assert numbers(mark["theta"]).tolist() == [angle, angle + 180]
        np.testing.assert_allclose(numbers(mark["r"]), found.curve[angle // 5], rtol=1e-5)


def test_the_page_shows_kernels_whose_tuning_is_known(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    assert {"Sobel", "Gabor at 30°", "Laplacian of a Gaussian"} <= set(charts(visit(PAGE)))


def test_a_deeper_layer_is_measured_through_the_network(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, layer="conv_2")
    assert fine(page)
    assert "16 phases" in said(page)
    rows = numbers(charts(page)["All filters of the layer"]["data"][0]["z"])
    assert rows.shape == (8, 37)


def test_a_kernel_without_a_pattern_has_no_preference_in_words(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    """In the last weights all kernels are 1 everywhere: a box, which prefers broad stripes."""
    trained()
    page = visit(PAGE, weights="last")
    assert fine(page) and "has no preferred orientation" in said(page)
    assert {one.label: one.value for one in page.metric}["Half width"] == "none"


def test_weights_after_an_epoch_are_tuned_too(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    history = record(trained(), network_files / "best.keras")
    page = visit(PAGE, weights="epoch", epoch="2", kernel="1")
    expected = preference(tune_kernels(history.kernels["conv_1"][2]), 1)
    curve = charts(page)["Answer by orientation"]["data"][0]
    np.testing.assert_allclose(numbers(curve["r"])[:36], expected.curve, rtol=1e-4)


def test_the_strongest_images_are_those_of_a_loop_over_all(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    run_id = trained()
    page = visit(PAGE, kernel="1", **IMAGES)
    assert fine(page)
    run = state.library().run(run_id)
    parts = split_again(run.settings, run.fingerprint)
    model = load_network(network_files / "best.keras")
    maps = [layer_stages(model, "conv_1", one).before_activation for one in parts.validation_images]
    highest = sorted((float(one[..., 1].max()) for one in maps), reverse=True)
    lowest = sorted(float(one[..., 1].min()) for one in maps)
    for_it, against_it = (" ".join(part) for part in (alts(page)[:6], alts(page)[6:]))
    assert for_it.count("For it: ") == against_it.count("Against it: ") == 6
    assert all(f"{value:.2f} class" in for_it for value in highest[:6])
    assert all(f"{value:.2f} class" in against_it for value in lowest[:6])
    assert "300 validation images" in said(page) and "3 x 3 pixels" in said(page)


def test_a_first_layer_comes_near_to_the_best_that_is_possible(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    trained()
    page = visit(PAGE, kernel="0", **CLIMB)
    assert fine(page)
    kernels, _ = kernels_of(load_network(network_files / "best.keras"), "conv_1")
    kernel = kernels[..., 0]
    metrics = {one.label: float(one.value) for one in page.metric}
    assert metrics["Best possible"] == pytest.approx(kernel[kernel > 0].sum(), rel=0.01)
    assert metrics["Answer"] == pytest.approx(metrics["Best possible"], rel=0.1)
    assert metrics["Answer"] <= metrics["Best possible"] * 1.01
    answers = numbers(charts(page)["Answer by step"]["data"][0]["y"])
    assert len(answers) == 257 and answers[-1] > answers[0]


def test_at_one_length_the_picture_is_the_kernel(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, **CLIMB)
    page.button_group(key="climb kept").set_value("length").run()
    page.button_group(key="climb prior").set_value("none").run()
    assert fine(page)
    metrics = {one.label: float(one.value) for one in page.metric}
    assert metrics["Cosine with the kernel"] > 0.99
    assert "Strongest real image" not in metrics


def test_a_deeper_picture_stands_beside_the_strongest_real_image(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, layer="conv_2", **CLIMB)
    assert fine(page)
    assert "real image, answer" in alts(page)[-1] and "step 256" in alts(page)[-2]
    metrics = {one.label: one.value for one in page.metric}
    assert {"Answer", "Strongest real image"} <= set(metrics)
    assert "Best possible" not in metrics
    page.slider(key="climb steps").set_value(32).run()
    assert len(numbers(charts(page)["Answer by step"]["data"][0]["y"])) == 33


@pytest.mark.parametrize("view", [{}, IMAGES, CLIMB])
def test_every_chart_and_image_has_a_text_alternative(
    visit: Callable[..., AppTest], trained: Callable[..., str], view: dict[str, str]
):
    trained()
    page = visit(PAGE, **view)
    assert fine(page)
    assert all(chart.proto.alt for chart in page.get("plotly_chart"))
    assert all(alts(page))


def test_without_a_run_the_page_offers_to_train_one(visit: Callable[..., AppTest]):
    page = visit(PAGE)
    assert fine(page)
    assert page.button[0].label == "Train the default network"


def test_the_names_of_the_edges_are_in_the_pages_own_colour_behind_a_coloured_mark(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    chart = charts(visit(PAGE))["Answer by orientation and frequency"]
    labels = chart["layout"]["annotations"]
    assert all("color" not in label["font"] for label in labels)
    assert [label["text"].split("</span>")[1] for label in labels] == [
        "vertical edges",
        "horizontal edges",
    ]
