"""Through the diagram, by mouse and by keyboard, to a layer and on to its kernels."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import Server

pytestmark = pytest.mark.browser

SMALL = "dataset=digits&training_images=200&filters=4&dense_units=16&epochs=2"


def test_a_layer_is_chosen_in_the_diagram_by_mouse_and_by_keyboard(
    serve: Callable[..., Server], page: Page
) -> None:
    server = serve()
    page.goto(f"{server.url}/train?{SMALL}")
    page.get_by_role("button", name="Train", exact=True).click()
    # The server imports TensorFlow before.
    expect(page.get_by_role("button", name="Best checkpoint")).to_be_visible(timeout=120_000)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Layers").click()

    diagram = page.get_by_role("group", name="The network, from the image to the classes")
    node = {
        name: diagram.get_by_role("button", name=re.compile(f"^{name},"))
        for name in ("conv_1", "conv_2", "relu_2", "classes")
    }
    expect(node["conv_1"]).to_have_attribute("aria-pressed", "true")
    node["conv_2"].click()
    expect(page).to_have_url(re.compile(r"layer=conv_2"))
    expect(node["conv_2"]).to_have_attribute("aria-pressed", "true")
    expect(node["conv_1"]).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_text("(3, 3, 4, 8): rows, columns")).to_be_visible()

    node["conv_2"].press("ArrowDown")
    expect(node["relu_2"]).to_be_focused()
    node["relu_2"].press("Enter")
    expect(page).to_have_url(re.compile(r"layer=relu_2"))
    expect(page.get_by_text("This layer has no weights")).to_be_visible()
    expect(node["relu_2"]).to_be_focused()  # the page was drawn anew, and the place is kept
    node["relu_2"].press("End")
    expect(node["classes"]).to_be_focused()

    # On a phone the strip goes on sideways, which one sees; a focused node is whole, with its ring.
    size = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    strip = diagram.get_by_role("list")
    node["conv_1"].press("Home")
    expect(strip).to_have_attribute("data-more", "right")
    expect(diagram.get_by_text("Scroll sideways")).to_be_visible()
    node["conv_1"].press("End")
    expect(strip).to_have_attribute("data-more", "left")
    last, around = node["classes"].bounding_box(), strip.bounding_box()
    assert last and around
    assert last["x"] + last["width"] + 4 <= around["x"] + around["width"]
    assert size
    page.set_viewport_size(size)
    expect(diagram.get_by_text("Scroll sideways")).to_be_hidden()

    node["conv_2"].click()
    expect(page).to_have_url(re.compile(r"layer=conv_2"))
    page.get_by_role("tab", name="What flows through").click()
    expect(page.get_by_role("img", name=re.compile("^Output of conv_2"))).to_be_visible()
    page.get_by_role("link", name="Its kernels").click()
    expect(page.locator(".gtitle", has_text="Kernels of conv_2").first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Something went wrong")).to_have_count(0)
