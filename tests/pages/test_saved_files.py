"""The files of each view of the kernel lab hold what the page shows, and say of what it is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data import load, split
from core.inside.layers import kernels_of, load_network
from core.inside.tuning import tune_kernels
from pages.shared import state
from tests.core.small_networks import in_line
from tests.pages.conftest import SMALL
from tests.pages.saved import Files, arrays, charts_to_save, table

Open = Callable[..., AppTest]


@pytest.fixture
def look(visit: Open, trained: Callable[..., str]) -> Open:
    """Open a view on a stored run, as ``look("layers", {"layers-view": "What it costs"})``."""

    def look(page: str, view: dict[str, str] | None = None, **link: str) -> AppTest:
        trained()
        shown = visit(f"interpretation/{page}", **(view or {}), **link)
        assert not shown.exception and not shown.error
        return shown

    return look


def picture(saved: Files, name: str) -> Image.Image:
    return Image.open(io.BytesIO(saved[f"{state.library().runs()[0].id}-{name}.png"]()))


def charts(page: AppTest) -> dict[str, dict[str, Any]]:
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {figure["layout"]["title"]["text"].split("<br>")[0]: figure for figure in figures}


def saved_charts_are_of(page: AppTest, view: str) -> None:
    """The menu saves the charts too, under the run's id and what the view is."""
    run = state.library().runs()[0].id
    sent = charts_to_save(page)
    assert sent["stem"] == f"{run}-{view}"
    assert run in sent["about"] and "dropout off" in sent["about"]


@pytest.fixture(scope="module")
def validation() -> tuple[np.ndarray, np.ndarray]:
    parts = split(load("digits"), SMALL.data, SMALL.optimisation.seed)
    return parts.validation_images, parts.validation_labels


@pytest.fixture
def model(network_files: Path) -> keras.Model:
    return load_network(network_files / "best.keras")


def test_the_flow_is_what_keras_passes_on_layer_by_layer(
    look: Open, saved: Files, model: keras.Model, validation: tuple[np.ndarray, np.ndarray]
):
    page = look("layers", {"layers-view": "What flows through"}, layer="conv_2")
    found, image = arrays(saved, "flow"), validation[0][0]
    np.testing.assert_array_equal(found["image"], image)
    for name in ("conv_1", "relu_2", "dense", "classes"):
        until = keras.Model(model.input, model.get_layer(name).output)
        expected = np.asarray(until(image[None], training=False))[0]
        np.testing.assert_allclose(found[f"output_{name}"], expected, atol=1e-5)
    np.testing.assert_array_equal(found["maps"], found["output_conv_2"])
    (bars,) = charts(page)["The decision: what the network says of the image"]["data"]
    said = [float(row["probability"]) for row in table(saved, "flow-classes")]
    np.testing.assert_allclose(bars["y"], said, atol=1e-6)
    about = str(found["about"])
    for words in ("'My run'", "best weights (epoch 1)", "dropout off", "image: ", "layer conv_2"):
        assert words in about
    assert picture(saved, "flow-maps").text["Description"] == about


def test_the_statistics_are_those_of_the_table_on_the_page(
    look: Open, saved: Files, model: keras.Model, validation: tuple[np.ndarray, np.ndarray]
):
    page = look("layers", {"layers-view": "How active it is"}, layer="relu_1")
    rows = {row["layer"]: row for row in table(saved, "activity-layers")}
    shown = page.dataframe[0].value.set_index("Layer")
    assert list(rows) == list(shown.index)
    until = keras.Model(model.input, model.get_layer("relu_1").output)
    expected = np.asarray(until(validation[0], training=False), np.float64)
    row, of_page = rows["relu_1"], shown.loc["relu_1"]
    assert float(row["mean"]) == of_page["Mean"] == pytest.approx(expected.mean(), rel=1e-5)
    assert float(row["spread"]) == of_page["Spread"] == pytest.approx(expected.std(), rel=1e-5)
    assert float(row["zeros"]) == of_page["Zeros"] == pytest.approx((expected == 0).mean())
    assert rows["conv_1"]["dead"] == "nan"  # nothing there can silence a unit
    units = arrays(saved, "activity")
    np.testing.assert_allclose(units["units_mean"], expected.mean(axis=(0, 1, 2)), rtol=1e-5)
    active = (expected > 0).any(axis=(1, 2)).sum(axis=0)
    np.testing.assert_array_equal(units["units_active_images"], active)


def test_reach_cost_and_weights_are_saved_as_shown(
    look: Open, visit: Open, saved: Files, model: keras.Model
):
    page = look("layers", {"layers-view": "What it costs"})
    rows, shown = table(saved, "cost-layers"), page.dataframe[0].value
    assert [int(row["multiply_adds"]) for row in rows] == shown["Multiply-adds"].tolist()
    assert [float(row["median_ms"]) for row in rows] == shown["Median (ms)"].tolist()
    page = visit("interpretation/layers", **{"layers-view": "How far it sees"}, layer="conv_2")
    assert [row["sees"] for row in table(saved, "reach-layers")][:3] == ["3 x 3", "3 x 3", "4 x 4"]
    field = arrays(saved, "reach")["effective_field"]
    assert field.shape == (8, 8) and field.sum() == pytest.approx(1)
    page = visit("interpretation/layers", layer="conv_2")
    assert not page.exception and not page.error
    kernel = np.asarray(model.get_layer("conv_2").kernel)
    np.testing.assert_array_equal(arrays(saved, "network")["kernel"], kernel)
    rows, shown = table(saved, "network-layers"), page.dataframe[-1].value
    assert [row["layer"] for row in rows] == shown["Layer"].tolist()
    assert [int(row["weights"]) for row in rows] == [one.count_params() for one in model.layers[1:]]


def test_the_diagram_is_saved_also_where_the_layer_has_no_weights(look: Open, saved: Files):
    look("layers", layer="relu_1")
    drawn = picture(saved, "network-diagram")
    assert drawn.size[1] > drawn.size[0]
    assert "dropout off" in drawn.text["Description"]


def test_a_step_of_the_convolution_is_saved_number_by_number(
    look: Open, saved: Files, model: keras.Model
):
    look("responses", {"view": "One step at a time"}, layer="conv_1", kernel="3")
    found = arrays(saved, "conv_1-filter-3-step")
    kernel, bias = (np.asarray(one) for one in model.get_layer("conv_1").weights)
    np.testing.assert_array_equal(found["kernel"], kernel[..., 3])
    np.testing.assert_allclose(found["products"], found["patch"] * kernel[..., 3], rtol=1e-6)
    assert found["sum"] == pytest.approx(found["products"].sum(), abs=1e-5)
    assert found["before_activation"] == pytest.approx(found["sum"] + bias[3], abs=1e-5)
    assert found["activation"] == pytest.approx(max(0.0, found["before_activation"]), abs=1e-5)
    largest = np.abs(found["sums_of_all_places"].sum(axis=2) + bias[3])
    assert largest.shape == (8, 8) and "the strongest place" in str(found["about"])


def test_each_array_of_the_responses_says_in_its_files_what_it_is(
    look: Open, saved: Files, model: keras.Model
):
    look("responses", {"view": "One kernel"}, layer="conv_2", kernel="1")
    run = state.library().runs()[0].id
    about, *rows = saved[f"{run}-conv_2-kernels.csv"]().decode().splitlines()
    assert about.startswith(f"# The kernels of conv_2. Run 'My run' ({run}), best weights")
    assert "dropout off, layer conv_2, image: Sample 0 of Digits 8x8" in about
    values = [float(row["value"]) for row in csv.DictReader(rows)]
    kernel = np.asarray(model.get_layer("conv_2").kernel)
    np.testing.assert_allclose(values, kernel.transpose(3, 2, 0, 1).ravel(), rtol=1e-6)
    response = picture(saved, "conv_2-filter-1-response").text["Description"]
    assert response.startswith(f"Filter 1: after the activation. Run 'My run' ({run})")


def test_a_kernel_says_in_its_files_which_it_is(look: Open, saved: Files):
    look("kernels", layer="conv_2", kernel="1")
    run = state.library().runs()[0].id
    about = saved[f"{run}-conv_2-filter-1-channel-0.csv"]().decode().splitlines()[0]
    assert about.startswith(f"# Filter 1, input channel 0. Run 'My run' ({run}), best weights")


def test_the_responses_of_two_runs_say_of_which_run_they_are(
    look: Open, saved: Files, trained: Callable[..., str]
):
    other = trained("Other run")
    third = trained("Third run")
    look("responses", {"view": "Two runs"}, run=other, beside=third, layer="conv_1")
    told = [
        make().decode().splitlines()[0]
        for name, make in saved.items()
        if "-responses-" in name and name.endswith(".csv")
    ]
    assert len(told) == 2
    assert "Run 'Other run'" in told[0] and "Run 'Third run'" in told[1]
    for one in told:
        assert ", before the activation. " in one and "layer conv_1" in one


def test_a_tuning_curve_is_that_of_the_kernels(look: Open, saved: Files, model: keras.Model):
    page = look("excites", kernel="2")
    expected = tune_kernels(kernels_of(model, "conv_1")[0])
    found = arrays(saved, "tuning")
    np.testing.assert_allclose(found["amplitudes"], expected.amplitudes, rtol=1e-6)
    np.testing.assert_array_equal(found["filter"], found["amplitudes"][2])
    np.testing.assert_array_equal(found["angles"], expected.angles)
    row = table(saved, "tuning-preferences")[2]
    peak = np.unravel_index(found["filter"].argmax(), found["filter"].shape)
    assert float(row["frequency"]) == found["frequencies"][peak[0]]
    assert float(row["angle"]) == found["angles"][peak[1]]
    assert float(row["peak"]) == pytest.approx(found["filter"].max())
    assert {one.label: one.value for one in page.metric}["Direction"] in (
        f"{float(row['angle']):.0f}°",
        "none",
    )


def test_the_strongest_patches_answer_as_their_table_says(
    look: Open, saved: Files, model: keras.Model, validation: tuple[np.ndarray, np.ndarray]
):
    look("excites", {state.EXCITES_VIEW: "Images and patches"}, kernel="1")
    found, rows = arrays(saved, "patches"), table(saved, "patches-strongest")
    assert [row["sign"] for row in rows] == ["for"] * 6 + ["against"] * 6
    kernels, bias = kernels_of(model, "conv_1")
    patches = np.concatenate([found["patches_for"], found["patches_against"]])
    # Beyond the image are zeros.
    answers = np.tensordot(np.nan_to_num(patches), kernels[..., 1], 3) + bias[1]
    np.testing.assert_allclose(answers, [float(row["answer"]) for row in rows], atol=1e-5)
    numbers = [int(row["image"]) for row in rows]
    np.testing.assert_array_equal(found["images"], validation[0][numbers])
    assert [int(row["label"]) for row in rows] == validation[1][numbers].tolist()
    assert picture(saved, "patches-patches").text["Description"] == str(found["about"])


def test_the_climbed_picture_gets_the_last_answer(look: Open, saved: Files, model: keras.Model):
    page = look("excites", {state.EXCITES_VIEW: "The picture that excites it most"}, kernel="0")
    found = arrays(saved, "climb")
    until = keras.Model(model.input, model.get_layer("conv_1").output)
    answer = float(until(found["picture"][None])[0, 4, 4, 0])
    assert answer == pytest.approx(found["answers_answer"][-1], abs=1e-5)
    shown = {one.label: one.value for one in page.metric}["Answer"]
    assert float(shown) == pytest.approx(answer, rel=0.01)
    np.testing.assert_array_equal(found["pictures"][-1], found["picture"])
    assert found["steps"].tolist()[-1] == 256 and len(found["answers_answer"]) == 257


def test_the_maps_of_a_decision_are_those_on_the_page(
    look: Open, saved: Files, model: keras.Model, validation: tuple[np.ndarray, np.ndarray]
):
    look("decision", explained="3", baseline="white")
    found = arrays(saved, "decision")
    image = validation[0][0]
    np.testing.assert_array_equal(found["image"], image)
    np.testing.assert_array_equal(found["baseline"], np.ones_like(image))
    said = np.asarray(model(image[None], training=False))[0]
    np.testing.assert_allclose(found["classes_probability"], said, atol=1e-6)
    before = keras.Model(model.input, model.layers[-2].output)
    logits = np.asarray(before(np.stack([image, np.ones_like(image)])) @ model.layers[-1].kernel)
    difference = float(logits[0, 3] - logits[1, 3])
    # Integrated gradients are complete.
    total = found["integrated_gradients"].sum()
    assert total == pytest.approx(difference, abs=0.02 * abs(difference))
    assert {"saliency", "grad_cam", "occlusion"} <= set(found)
    assert "class 3 (number 3)" in str(found["about"]) and "white" in str(found["about"])
    assert picture(saved, "decision-saliency").text["Description"] == str(found["about"])


def test_the_checks_on_the_maps_are_saved_with_their_draws(look: Open, saved: Files):
    page = look("decision", {"decision-view": "Sanity check"})
    page.button(key="randomise").click().run()
    assert not page.exception and not page.error
    found = arrays(saved, "sanity")
    assert found["maps_saliency"].shape == (5, 5, 8, 8)  # draws, depths, rows, columns
    assert (found["maps_saliency"][:, 0] == found["maps_saliency"][0, 0]).all()  # as trained
    rows = [one for one in table(saved, "sanity-likeness") if one["method"] == "saliency"]
    line = charts(page)["How like its original a map stays"]["data"][0]
    np.testing.assert_allclose([float(row["mean"]) for row in rows], line["y"], atol=1e-6)
    ranks = [np.argsort(np.argsort(one.ravel())) for one in found["maps_saliency"][0, [0, 4]]]
    assert float(rows[4]["low"]) <= np.corrcoef(ranks)[0, 1] + 0.01
    saved_charts_are_of(page, "sanity")


def test_deletion_curves_have_the_areas_of_their_table(look: Open, saved: Files):
    page = look("decision", {"decision-view": "Deletion and insertion"})
    rows = table(saved, "deletion-deletion")
    curve = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    areas = {row["order"]: float(row["deletion"]) for row in table(saved, "deletion-areas")}
    for name, height in curve.items():
        if name != "share":
            area = (np.diff(curve["share"]) * (height[1:] + height[:-1]) / 2).sum()
            assert areas[name] == pytest.approx(area)
    assert page.dataframe[0].value.iloc[0, 1] == f"{areas['saliency']:.3f}"
    saved_charts_are_of(page, "deletion")


def test_the_response_of_a_kernel_by_hand_is_its_correlation(look: Open, saved: Files):
    from scipy.ndimage import correlate

    look("kernel_bench")
    found = arrays(saved, "by-hand")
    np.testing.assert_array_equal(found["kernel"], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    expected = correlate(found["image"][:, :, 0], found["kernel"], mode="constant")
    np.testing.assert_allclose(found["response"], expected, atol=1e-5)
    assert "nothing of a network" in str(found["about"])


def test_a_kernel_in_place_is_saved_with_the_answers_before_and_after(
    look: Open, saved: Files, model: keras.Model, validation: tuple[np.ndarray, np.ndarray]
):
    view = {state.BENCH_VIEW: "In the place of a learned one"}
    page = look("kernel_bench", view, layer="conv_1", kernel="2")
    found = arrays(saved, "in-place")
    said = model.predict(validation[0], verbose=0)
    np.testing.assert_allclose(found["probabilities_before"], said, atol=1e-5)
    model.get_layer("conv_1").kernel.assign(found["kernels_with_new"])
    said = model.predict(validation[0], verbose=0)
    np.testing.assert_allclose(found["probabilities_after"], said, atol=1e-5)
    right = (found["probabilities_after"].argmax(axis=1) == found["labels"]).mean()
    assert {one.label: one.value for one in page.metric}["Accuracy after"] == f"{right:.1%}"
    saved_charts_are_of(page, "in-place")
    rows = table(saved, "in-place-classes")
    weights = [int(row["images"]) for row in rows]
    assert np.average([float(row["after"]) for row in rows], weights=weights) == pytest.approx(
        right
    )


def test_the_accuracies_of_ablation_are_those_of_the_charts(look: Open, saved: Files):
    page = look("kernel_bench", {state.BENCH_VIEW: "Ablation"}, layer="conv_1")
    rows = table(saved, "ablation-filters")
    drawn = charts(page)["Accuracy lost without each filter"]["data"][0]
    assert [row["filter"] for row in rows] == drawn["x"]
    np.testing.assert_allclose([float(row["drop"]) for row in rows], drawn["y"])
    together = table(saved, "ablation-together")
    assert [row["off"] for row in together] == ["0", "1", "2", "3", "4"]
    names = {"off", "drop", "norm", *(f"random_{seed}" for seed in range(5))}
    assert set(together[0]) == names
    saved_charts_are_of(page, "ablation")
    for end in (together[0], together[-1]):  # with none and with all off there is but one network
        assert len({value for name, value in end.items() if name != "off"}) == 1


def test_nothing_is_made_before_the_click(look: Open, monkeypatch: pytest.MonkeyPatch):
    from core.export.bundle import Bundle, NamedTable, NumbersAlone

    made = [(Bundle, "npz"), (NamedTable, "csv"), (NamedTable, "npy"), (NumbersAlone, "npy")]
    for kind, form in made:
        monkeypatch.setattr(kind, f"as_{form}", lambda self: pytest.fail("made too early"))
    page = look("layers", {"layers-view": "How active it is"})
    labels = [one.proto.label for one in page.get("download_button")]
    assert labels == ["NPZ", "NPY", "CSV", "NPY", "CSV"]


def test_each_array_of_a_view_is_saved_by_itself(look: Open, saved: Files, model: keras.Model):
    page = look("layers", layer="conv_2")
    pick = page.selectbox(key="save network alone")
    assert pick.options == ["kernel", "bias"]
    run = state.library().runs()[0].id
    for name in pick.options:
        page.selectbox(key="save network alone").set_value(name).run()
        assert not page.exception
        expected = np.asarray(getattr(model.get_layer("conv_2"), name))
        back = np.load(io.BytesIO(saved[f"{run}-network-{name}.npy"]()))
        np.testing.assert_array_equal(back, expected)
        _, *rows = saved[f"{run}-network-{name}.csv"]().decode().splitlines()
        last = {key: float(text) for key, text in list(csv.DictReader(rows))[-1].items()}
        assert last.pop("value") == pytest.approx(expected.ravel()[-1])
        assert list(last.values()) == [size - 1 for size in expected.shape]


@pytest.mark.parametrize("layer", ["depthwise", "separable"])
def test_depthwise_and_separable_layers_are_shown_as_others(
    visit: Open, trained: Callable[..., str], layer: str
):
    layers = [
        keras.layers.DepthwiseConv2D(3, depth_multiplier=2, activation="relu", name="depthwise"),
        keras.layers.SeparableConv2D(4, 3, activation="relu", name="separable"),
        keras.layers.Flatten(name="flatten"),
        keras.layers.Dense(10, "softmax", name="classes"),
    ]
    network = in_line((8, 8, 1), layers)
    state.library().store_file(trained(), "best.keras", network.save)
    views = [
        ("excites", {}),
        ("excites", {state.EXCITES_VIEW: "Images and patches"}),
        ("kernel_bench", {state.BENCH_VIEW: "In the place of a learned one"}),
        ("kernel_bench", {state.BENCH_VIEW: "Ablation"}),
    ]
    for page, link in views:
        shown = visit(f"interpretation/{page}", layer=layer, **link)
        assert not shown.exception and not shown.error, (page, link)
