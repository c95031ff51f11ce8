"""The views of /layers through app.py: what flows through, reach, cost, activity."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import keras
import pytest
from streamlit.testing.v1 import AppTest

from core.settings import DataSettings, Settings
from pages.shared import state

PAGE = "interpretation/layers"
L = keras.layers
Open = Callable[..., AppTest]


@pytest.fixture
def view(visit: Open, trained: Callable[..., str]) -> Open:
    """Open a view on a stored run, as ``view("What it costs", layer="conv_2")``."""

    def view(name: str, **link: str) -> AppTest:
        trained()
        page = visit(PAGE, **{"layers-view": name, **link})
        assert not page.exception and not page.error
        return page

    return view


def charts(page: AppTest) -> dict[str, dict]:
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {figure["layout"]["title"]["text"].split("<br>")[0]: figure for figure in figures}


def words(page: AppTest) -> str:
    return "\n".join(part.value for part in [*page.markdown, *page.caption, *page.info])


def pictures(page: AppTest) -> list[str]:
    return [one.alt for part in page.get("image") for one in part.proto.imgs]


def test_every_layer_has_one_picture_of_what_the_image_becomes(view: Open):
    page = view("What flows through")
    strips = [alt for alt in pictures(page) if alt.startswith("Output of")]
    names = page.selectbox(key="choose layer").options
    assert [alt.removeprefix("Output of ").split(".")[0] for alt in strips] == names
    assert "all, strongest first" in strips[0]  # conv_1 has 4 maps
    assert "dropout off" in words(page)


def test_the_way_ends_in_a_bar_for_every_class(view: Open):
    page = view("What flows through")
    assert all(pictures(page))
    (bars,) = charts(page)["The decision: what the network says of the image"]["data"]
    assert bars["x"] == list("0123456789")


def test_another_image_changes_the_decision_bars(view: Open):
    page = view("What flows through")
    title = "The decision: what the network says of the image"
    before = charts(page)[title]["data"][0]["y"]
    page.number_input(key="sample number").set_value(5).run()
    assert charts(page)[title]["data"][0]["y"] != before


def test_the_reach_names_the_window_the_spread_and_on_what_it_was_taken(view: Open):
    page = view("How far it sees", layer="conv_2")
    said = words(page)
    assert "Nominal: 8 x 8 pixels" in said
    assert "Effective: a spread of" in said
    assert "first 64 validation images, epoch 1 (best), dropout off" in said
    # For no whole number n is this sqrt(8 n / 12): the pool counts too.
    assert "it would be 1.89 = sqrt(8/12 + 3/12 + 4 \\* 8/12), a term each for conv_1, " in said
    assert "What conv_2 sees of the image" in charts(page)
    table = next(one.value for one in page.dataframe if "Sees (pixels)" in one.value)
    assert list(table["Sees (pixels)"][:3]) == ["3 x 3", "3 x 3", "4 x 4"]
    assert table["Spread, weights alike"][0] == pytest.approx(math.sqrt(8 / 12))


def test_a_dense_layer_is_said_to_see_the_whole_image(view: Open):
    said = words(view("How far it sees", layer="dense"))
    assert "Nominal: whole image." in said and "Effective" not in said


def test_the_spread_of_every_layer_is_measured_when_asked(view: Open):
    page = view("How far it sees")
    page.toggle(key=state.EVERY_SPREAD).set_value(True).run()
    assert not page.exception
    table = next(one.value for one in page.dataframe if "Sees (pixels)" in one.value)
    by_layer = dict(zip(table["Layer"], table["Spread, measured"], strict=True))
    assert 0 < by_layer["conv_1"] < by_layer["conv_2"]
    assert math.isnan(by_layer["dense"])


def test_the_cost_is_counted_and_the_time_said_to_be_measured_here_and_now(view: Open):
    page = view("What it costs")
    table = next(one.value for one in page.dataframe if "Multiply-adds" in one.value)
    assert table["Multiply-adds"][0] == 8 * 8 * 4 * 9
    assert (table["Shortest (ms)"] <= table["Median (ms)"]).all()
    said = words(page)
    assert "measured here and now" in said and "9 times" in said
    assert f"{table['Multiply-adds'].sum():,} multiply-adds an image" in said


def test_times_stay_until_they_are_measured_again(view: Open):
    page = view("What it costs")
    before = page.dataframe[0].value["Median (ms)"]
    assert page.run().dataframe[0].value["Median (ms)"].equals(before)
    page.button(key=state.MEASURE_AGAIN).click().run()
    assert not page.exception
    assert not page.dataframe[0].value["Median (ms)"].equals(before)


def test_activity_is_of_the_whole_validation_set_and_names_its_size(view: Open):
    page = view("How active it is", layer="relu_dense")
    count = len(_validation())
    assert f"On all **{count:,} validation images, epoch 1 (best), dropout off**." in words(page)
    table = page.dataframe[0].value
    assert table["Dead units"][0] == "no activation"  # conv_1
    assert table["Zeros"][1] > 0  # relu_1


def _validation() -> object:
    from core.data import load, split

    settings = DataSettings(dataset="digits")
    return split(load("digits"), settings, Settings().optimisation.seed).validation_images


def test_dead_units_are_listed_and_the_images_that_come_nearest_are_shown(
    visit: Open, trained: Callable[..., str], network_files: Path
):
    network = keras.models.load_model(network_files / "best.keras")
    dense = network.get_layer("dense")
    dense.bias.assign([-100.0 if unit in (3, 7) else 1.0 for unit in range(dense.units)])
    state.library().store_file(trained(), "best.keras", network.save)
    page = visit(PAGE, **{"layers-view": "How active it is", "layer": "dense", "unit": "7"})
    assert not page.exception and not page.error
    assert f"(2 of {dense.units}):** 3, 7." in words(page)
    table = page.dataframe[0].value
    assert table.set_index("Layer")["Dead units"]["relu_dense"] == "2"
    assert "No image activates unit 7." in words(page) and "come nearest" in words(page)
    strength = [float(alt.rsplit(": ", 1)[1]) for alt in pictures(page)]
    assert len(strength) == 8 and strength == sorted(strength, reverse=True)
    assert max(strength) < 0  # ahead of the ReLU


def test_a_convolution_is_judged_by_the_activation_behind_it(view: Open):
    page = view("How active it is", layer="conv_1")
    assert "Shown is **relu_1**" in words(page)
    assert "relu_1: how often each map is active" in charts(page)


def test_the_images_that_move_a_unit_most_and_least_are_shown_with_their_numbers(view: Open):
    page = view("How active it is", layer="relu_1")
    shown = [alt for alt in pictures(page) if alt.startswith("Validation image")]
    assert len(shown) == 16 and len(set(shown)) == 16
    strength = [float(alt.rsplit(": ", 1)[1]) for alt in shown]
    assert strength[:8] == sorted(strength[:8], reverse=True)
    assert strength[8:] == sorted(strength[8:]) and strength[8] <= strength[7]


def test_a_unit_chosen_of_a_larger_layer_is_let_go_with_it_and_one_in_a_link_is_said_to_be_missing(
    view: Open,
):
    page = view("How active it is", layer="relu_dense", unit="20")
    page.selectbox(key="choose layer").set_value("relu_1").run()
    assert page.query_params["unit"] == "0" and not page.info
    page = view("How active it is", layer="relu_1", unit="20")
    assert "asks for “20”" in page.info[0].value


def test_flatten_points_to_its_neighbours(view: Open):
    assert "only lines up what it gets" in words(view("How active it is", layer="flatten"))


@pytest.mark.parametrize(
    "name",
    ["What flows through", "How far it sees", "What it costs", "How active it is"],
)
def test_everything_that_is_drawn_has_a_text_alternative(view: Open, name: str):
    page = view(name, layer="conv_2")
    for element in [*page.get("plotly_chart"), *page.dataframe]:
        assert element.proto.alt
    assert all(pictures(page))


def residual() -> keras.Model:
    image = keras.Input((8, 8, 1))
    maps = L.Conv2D(1, 3, padding="same")(image)
    joined = L.Add(name="joined")([image, maps])
    return keras.Model(image, L.Dense(10, "softmax")(L.Flatten()(joined)))


def two_inputs() -> keras.Model:
    one, two = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    return keras.Model([one, two], L.Dense(10)(L.Flatten()(L.Concatenate()([one, two]))))


def over_one_axis() -> keras.Model:
    return keras.Sequential([keras.Input((64, 1)), L.Conv1D(2, 3, name="series"), L.Flatten()])


def over_three_axes() -> keras.Model:
    return keras.Sequential([keras.Input((4, 4, 4, 1)), L.Conv3D(2, 3, name="block"), L.Flatten()])


@pytest.mark.parametrize("page", ["layers", "kernels", "responses"])
@pytest.mark.parametrize(
    ("build", "said"),
    [
        (residual, "'joined' (Add), at which 2 branches meet, as at the end of a residual"),
        (two_inputs, "one input and one output. Received: 2 inputs"),
        (over_one_axis, "'series' (Conv1D); convolutions over one or three axes are not shown"),
        (over_three_axes, "'block' (Conv3D); convolutions over one or three axes are not shown"),
    ],
)
def test_a_network_that_cannot_be_shown_is_a_sentence_on_every_page_of_interpretation(
    visit: Open, trained: Callable[..., str], page: str, build: Callable[[], keras.Model], said: str
):
    state.library().store_file(trained(), "best.keras", lambda path: build().save(path))
    shown = visit(f"interpretation/{page}")
    assert not shown.exception
    assert said in shown.error[0].value
