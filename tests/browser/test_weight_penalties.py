"""From a run without a price to one with L2 beside it, and a slider moved, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.seen import chart_titled
from tests.browser.server import Server

pytestmark = pytest.mark.browser

SMALL = "dataset=digits&training_images=200&filters=4&dense_units=16&epochs=3"


def test_a_person_trains_the_same_with_l2_and_moves_sliders(
    serve: Callable[..., Server], page: Page
) -> None:
    server = serve()
    page.goto(f"{server.url}/train?{SMALL}")
    page.get_by_role("button", name="Train", exact=True).click()
    # The server imports TensorFlow before.
    expect(page.get_by_role("button", name="Best checkpoint")).to_be_visible(timeout=120_000)

    navigation = page.get_by_test_id("stSidebarNav")
    navigation.get_by_role("link", name="Weight penalties").click()
    page.get_by_role("button", name="Train the same with L2").click()
    # It appears by itself after its first epoch.
    legend = page.locator(".legendtext", has_text="L2 strength 0.001").first
    expect(legend).to_be_visible(timeout=60_000)
    expect(page).to_have_url(re.compile(r"beside=\d{8}-"))

    page.get_by_role("tab", name="Small weights").click()
    chart_titled(page, "Weights smaller than 0.001")
    slider = page.get_by_role("slider", name="Small is below")
    slider.focus()
    slider.press("ArrowRight")
    chart_titled(page, "Weights smaller than 0.002")

    page.get_by_role("tab", name="Before normalization").click()
    chart_titled(page, "What shrinks")
    expect(page.get_by_text("by the law: x 0.5", exact=True)).to_be_visible()
    factor = page.get_by_role("slider", name="Multiply its kernel by")
    factor.focus()
    factor.press("ArrowRight")
    expect(page.get_by_text("by the law: x 0.0625", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Something went wrong")).to_have_count(0)
