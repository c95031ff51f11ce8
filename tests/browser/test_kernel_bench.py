"""A kernel changed, put into the network, and filters switched off, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.seen import chart_titled
from tests.browser.server import Server

pytestmark = pytest.mark.browser

SMALL = "dataset=digits&training_images=200&filters=4&dense_units=16&epochs=2"


KEY = 60
"""Milliseconds from key to key, as of a fast typist. With no time between its last two keys the
grid of Streamlit sometimes drops what was typed."""


def write(page: Page, text: str) -> None:
    """Into the first cell of the grid."""
    page.get_by_test_id("stDataFrame").dblclick(position={"x": 90, "y": 52})
    cell = page.locator("#portal textarea")
    cell.press("Control+a", delay=KEY)
    cell.press_sequentially(text, delay=KEY)
    expect(cell).to_have_value(text)
    cell.press("Enter", delay=KEY)


def test_a_person_makes_a_kernel_puts_it_in_and_switches_filters_off(
    serve: Callable[..., Server], page: Page
) -> None:
    server = serve()
    page.goto(f"{server.url}/train?{SMALL}")
    page.get_by_role("button", name="Train", exact=True).click()
    # The server imports TensorFlow before.
    expect(page.get_by_role("button", name="Best checkpoint")).to_be_visible(timeout=120_000)

    navigation = page.get_by_test_id("stSidebarNav")
    navigation.get_by_role("link", name="Kernel bench").click()
    chart_titled(page, "Its response")
    expect(page.get_by_text("The sum is 0:")).to_be_visible()
    # The first of the nine numbers, right of the rows' own: -1 becomes 5.
    write(page, "1e30")
    expect(page.get_by_text("Received: 1e+30 in row 0, column 0.")).to_be_visible()
    # The image and its controls stay beside it.
    expect(page.get_by_text("The response comes once the numbers")).to_be_visible()
    expect(page.get_by_test_id("stImage").first).to_be_visible()
    write(page, "5")
    expect(page.get_by_text("The sum is 6:")).to_be_visible()

    page.get_by_role("tab", name="In the place of a learned one").click()
    chart_titled(page, "Which classes suffer")
    # The number is kept: the grid is not at its start.
    expect(page.get_by_role("button", name="Take my changes back")).to_be_visible()
    expect(page.get_by_text("Accuracy after", exact=True)).to_be_visible()

    page.get_by_role("tab", name="Ablation").click()
    chart_titled(page, "Accuracy lost without each filter")
    chart_titled(page, "Accuracy as filters are switched off together")
    expect(page.get_by_text("Something went wrong")).to_have_count(0)
