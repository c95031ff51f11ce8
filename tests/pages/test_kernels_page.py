"""/kernels through app.py: all kernels of a layer, one of them with its numbers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from streamlit.testing.v1 import AppTest

from core.inside.layers import kernels_of, load_network
from core.settings import from_mapping, to_mapping
from pages.shared import state
from tests.core.small_networks import in_line
from tests.pages.conftest import SMALL
from tests.pages.recorded import record

PAGE = "interpretation/kernels"


def captions_of_the_grid(page: AppTest) -> list[str]:
    grid = json.loads(page.get("plotly_chart")[0].proto.spec)
    return [annotation["text"] for annotation in grid["layout"]["annotations"]]


def test_all_kernels_are_shown_largest_norm_first(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    trained()
    page = visit(PAGE)
    assert not page.exception and not page.error
    kernels, _ = kernels_of(load_network(network_files / "best.keras"), "conv_1")
    norms = np.sqrt((kernels**2).sum(axis=(0, 1, 2)))
    assert captions_of_the_grid(page) == [str(number) for number in np.argsort(-norms)]


def test_the_order_by_number_is_kept_over_a_change_of_page(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE)
    page.button_group(key="kernel order").set_value("index").run()
    assert captions_of_the_grid(page) == ["0", "1", "2", "3"]
    page.switch_page("pages/interpretation/layers.py").run()
    page.switch_page("pages/interpretation/kernels.py").run()
    assert captions_of_the_grid(page) == ["0", "1", "2", "3"]


def test_a_deeper_layer_shows_every_input_channel(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, layer="conv_2")
    shown = captions_of_the_grid(page)
    assert len(shown) == 4 * 8  # 4 input channels, 8 filters
    assert {caption.split("·")[1] for caption in shown} == {"0", "1", "2", "3"}
    assert any("32 kernels of 3x3 weights" in caption.value for caption in page.caption)


def test_512_filters_of_3x3x256_come_in_pages_of_one_picture(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    layers = [
        keras.layers.Conv2D(256, 1, name="wide"),
        keras.layers.Conv2D(512, 3, padding="same", name="huge"),
        keras.layers.GlobalAveragePooling2D(name="mean"),
        keras.layers.Dense(10, "softmax", name="classes"),
    ]
    network = in_line((8, 8, 1), layers)
    state.library().store_file(trained(), "best.keras", network.save)
    page = visit(PAGE, layer="huge")
    assert not page.exception and not page.error
    kernels = np.asarray(network.get_layer("huge").kernel)
    order = np.argsort(-np.linalg.norm(kernels.reshape(-1, 512), axis=0), kind="stable")
    for number in (1, 64):  # the first page and the last
        page.session_state["kernel page huge 64"] = number
        page.run()
        grid, _ = page.get("plotly_chart")
        assert len(grid.proto.spec) < 1_000_000
        figure = json.loads(grid.proto.spec)
        (picture,) = figure["data"]
        assert f"page {number} of 64" in figure["layout"]["title"]["text"]
        drawn = np.frombuffer(base64.b64decode(picture["z"]["bdata"]), picture["z"]["dtype"])
        shown = order[8 * (number - 1) : 8 * number]  # 8 filters with 256 kernels each
        np.testing.assert_array_equal(
            np.sort(drawn[np.isfinite(drawn)]), np.sort(kernels[..., shown].ravel())
        )


def test_the_chosen_kernel_is_shown_with_its_numbers_to_copy(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    trained()
    page = visit(PAGE, layer="conv_2", kernel="5")
    page.selectbox(key="kernel channel").set_value(2).run()
    kernels, _ = kernels_of(load_network(network_files / "best.keras"), "conv_2")
    (code,) = page.code
    copied = eval(code.value, {"np": np})
    np.testing.assert_allclose(copied, kernels[:, :, 2, 5], rtol=1e-5)
    np.testing.assert_allclose(page.dataframe[0].value.to_numpy(), copied, rtol=1e-5)
    large = json.loads(page.get("plotly_chart")[1].proto.spec)
    assert large["layout"]["title"]["text"] == "conv_2, filter 5, input channel 2"


def test_a_layer_without_kernels_in_the_link_is_said_and_another_shown(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, layer="dense")
    assert not page.exception
    assert "“dense”" in page.info[0].value
    assert page.selectbox(key="choose layer").value == "conv_1"


def test_every_chart_and_table_has_a_text_alternative(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE)
    for element in [*page.get("plotly_chart"), *page.dataframe]:
        assert element.proto.alt


def view(visit: Callable[..., AppTest], name: str, **link: str) -> AppTest:
    page = visit(PAGE, **{"kernel-view": name}, **link)
    assert not page.exception and not page.error
    for element in [*page.get("plotly_chart"), *page.dataframe]:
        assert element.proto.alt
    return page


def replayed(page: AppTest) -> dict[str, Any]:
    components = page.get("bidi_component")
    (replay,) = (one for one in components if one.proto.component_name == "learnscope.replay")
    return json.loads(replay.proto.bytes)


def test_the_replay_sends_all_recorded_epochs_at_once(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    history = record(trained(), network_files / "best.keras")
    page = view(visit, "How they formed", weights="epoch", epoch="2")
    sent = replayed(page)
    assert sent["places"] == [0, 1, 2, 3]
    assert sent["names"] == ["first weights", "epoch 1", "epoch 2", "epoch 3"]
    assert sent["at"] == 2
    shape = [int(size) for size in sent["frames"]["shape"].split(",")]
    numbers = np.frombuffer(base64.b64decode(sent["frames"]["bdata"]), "<f4").reshape(shape)
    kernels = history.kernels["conv_1"]
    for frame, then in zip(numbers, kernels, strict=True):
        np.testing.assert_array_equal(np.sort(frame[np.isfinite(frame)]), np.sort(then.ravel()))
    assert len(sent["charts"]) == 3
    assert sent["camera"]["modeBarButtons"] == [["toImage"]]
    assert sent["camera"]["toImageButtonOptions"]["format"] == "svg"
    assert any("4 recorded moments" in caption.value for caption in page.caption)


def test_a_run_without_a_record_says_how_to_get_a_replay(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = view(visit, "How they formed")
    assert "not recorded epoch by epoch. Train its settings again" in page.info[0].value


def test_what_a_kernel_is_stands_in_words_with_numbers_and_a_p_value(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    trained()
    page = view(visit, "What a kernel is", layer="conv_2", kernel="3")
    kernels, _ = kernels_of(load_network(network_files / "best.keras"), "conv_2")
    cards = {metric.label: metric.value for metric in page.metric}
    assert cards["Norm"] == f"{np.linalg.norm(kernels[:, :, 0, 3]):.2f}"
    assert cards["Sum"] == f"{kernels[:, :, 0, 3].sum():.2f}"
    assert any("circular variance" in text.value and "p = " in text.value for text in page.markdown)
    assert len(page.get("plotly_chart")) == 6
    (words,) = (text.value for text in page.caption if "circular variance near 1" in text.value)
    assert "whose weights mostly have one sign" in words


def test_the_layer_as_a_whole_counts_and_lists_its_kernels(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = view(visit, "The layer as a whole", layer="conv_2")
    assert "Of **32 kernels**" in page.markdown[1].value
    assert len(page.dataframe[0].value) == 32
    page.slider(key="nearly the same").set_value(0.5).run()
    assert any("cosine of at least 0.50" in text.value for text in page.markdown)


def test_two_runs_stand_side_by_side(visit: Callable[..., AppTest], trained: Callable[..., str]):
    other = trained("With L2")
    trained("Without")
    page = view(visit, "Two runs")
    assert "Choose another run" in page.info[0].value
    page.selectbox(key="choose beside").set_value(other).run()
    assert not page.exception and not page.error
    table = page.table[0].value
    assert list(table.columns) == ["Figure", "Without", "With L2"]
    assert (table["Without"] == table["With L2"]).all()  # the same network twice
    page.button_group(key="choose weights").set_value("last").run()
    # In the last weights of this fixture every kernel is 1 everywhere: one direction.
    rows = page.table[0].value.set_index("Figure")["With L2"]
    assert rows["Effective rank"].startswith("1.0 of 4")


def test_two_runs_of_long_names_are_told_apart_by_what_differs_in_headings_table_and_legend(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    penalized = to_mapping(SMALL) | {
        "dropout_convolution": 0.25,
        "dropout_dense": 0.5,
        "l1": 0.0001,
    }
    one, other = trained(""), trained("", from_mapping(penalized))
    page = view(visit, "Two runs", run=one, beside=other)
    texts = [text.value for text in page.markdown]
    assert any(
        text.startswith(
            "**A\\: Dropout rate (convolution) 0, Dropout rate (dense) 0, L1 strength off**"
        )
        for text in texts
    )
    assert any("(dense) 0.5, L1 strength 0.0001**" in text for text in texts)
    short = ["A: Dropout rate (convolution) 0 …", "B: Dropout rate (convolution) 0.25 …"]
    assert list(page.table[0].value.columns)[1:] == short
    legend = json.loads(page.get("plotly_chart")[-1].proto.spec)["data"]
    assert [line["name"] for line in legend if not line["name"].startswith("random")] == short
