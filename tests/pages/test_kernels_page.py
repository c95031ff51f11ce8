"""/kernels through app.py: all kernels of a layer, one of them with its numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from core.inside.layers import kernels_of, load_network

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
