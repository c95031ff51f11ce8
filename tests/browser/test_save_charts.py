"""The charts of a page in a real browser: each is saved as it stands, as PNG and as SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core import warmup
from core.runs import Library
from tests.browser.server import Server
from tests.core.small import small, train

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"


def open_menu(page: Page, url: str, view: str, charts: int) -> None:
    page.goto(f"{url}&kernel-view={view}")
    expect(page.locator(".js-plotly-plot .gtitle")).to_have_count(charts, timeout=120_000)
    page.get_by_role("button", name="Save pictures and numbers").click()
    expect(page.get_by_label("One of the charts")).to_be_visible()


def take(page: Page, title: str, kind: str, folder: Path) -> Path:
    page.get_by_label("One of the charts").select_option(title)
    with page.expect_download() as download:
        page.locator(f".save-charts button[value={kind}]").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def size_of(page: Page, place: str) -> list[int]:
    return page.locator(place).evaluate("(node) => [node.offsetWidth, node.offsetHeight]")


def test_charts_of_streamlit_and_of_our_own_are_saved_as_png_and_svg(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    assert warmup.wait(300)
    library = Library(tmp_path / "home" / "runs")
    run = train(library, small(epochs=2))
    library.close()
    url = f"{serve().url}/kernels?run={run.id}"

    open_menu(page, url, "The+layer+as+a+whole", 4)
    title = "Singular values of conv_1"
    png = take(page, title, "png", tmp_path)
    assert png.name == f"{run.id}-conv_1-whole-singular-values-of-conv-1.png"
    picture = Image.open(png)
    width, height = size_of(page, ".js-plotly-plot >> nth=2")
    assert picture.size == (2 * width, 2 * height)
    assert run.id in picture.text["Description"] and "layer conv_1" in picture.text["Description"]
    pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    assert (pixels == [0, 0x72, 0xB2]).all(axis=1).sum() > 500  # the line of the filters
    assert (pixels == 255).all(axis=1).mean() > 0.8  # on the page's ground

    open_menu(page, url, "How+they+formed", 3)
    chart = ElementTree.parse(take(page, "Loss at each epoch's end", "svg", tmp_path)).getroot()
    assert chart.tag == f"{SVG}svg" and run.id in str(chart.findtext(f"{SVG}desc"))
    words = {text for one in chart.iter(f"{SVG}text") for text in one.itertext()}
    assert {"Loss at each epoch's end", "Epoch", "Data loss (nats)", "validation"} <= words
    assert "@font-face" in str(chart.findtext(f"{SVG}style"))
    expect(page.locator(".save-charts output")).to_be_empty()
    expect(page.get_by_test_id("stException")).to_have_count(0)
