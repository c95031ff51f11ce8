"""From an empty library to what a kernel does to one's own image, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.seen import chart_titled
from tests.browser.server import Server

pytestmark = pytest.mark.browser


def the_number_under_the_pointer_is_named(page: Page) -> None:
    """The grid is one picture; its hover text must still say which kernel and which cell."""
    grid = page.locator(".js-plotly-plot").first
    area = grid.locator(".nsewdrag").bounding_box()
    assert area is not None
    # The upper left tile: some way in from its corner, below its caption.
    page.mouse.move(area["x"] + 30, area["y"] + 40)
    expect(grid.locator(".hoverlayer")).to_contain_text(
        re.compile(r"filter \d+, input channel 0.*row \d, column \d", re.DOTALL)
    )


def test_a_person_trains_walks_from_layers_to_responses_and_uploads_an_image(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    server = serve()
    page.goto(f"{server.url}/layers")
    page.get_by_role("button", name="Train the default network").click()
    # The page goes on by itself once there are weights; the server imports TensorFlow before.
    expect(page.get_by_text("How it is set")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("group", name="The network, from the image")).to_be_visible()
    run = re.search(r"run=([^&]+)", page.url)
    assert run is not None

    page.get_by_role("link", name="Its kernels").click()
    chart_titled(page, "Kernels of conv_1")
    assert f"run={run[1]}" in page.url and "layer=conv_1" in page.url
    the_number_under_the_pointer_is_named(page)

    page.get_by_role("link", name="What they do to an image").click()
    chart_titled(page, "Responses of conv_1")
    assert f"run={run[1]}" in page.url

    halves = np.zeros((60, 90, 3), np.uint8)
    halves[:, 45:] = 255
    Image.fromarray(halves).save(tmp_path / "halves.png")
    expect(page.get_by_role("radio", name="Draw")).to_be_in_viewport(ratio=1)
    page.get_by_role("radio", name="Upload").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "halves.png")
    expect(page.get_by_text("halves.png (90 x 60 pixels)")).to_be_visible()
    expect(page.get_by_text("As the network gets it (28 x 28 pixels)")).to_be_visible()
    page.get_by_role("tab", name="One kernel").click()
    chart_titled(page, "Response + bias")
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    expect(page.get_by_test_id("stException")).to_have_count(0)
