"""Two tiny settings side by side, from one click to their end, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import Server

pytestmark = pytest.mark.browser
SMALL = "dataset=digits&training_images=200&blocks=1&filters=4&dense_units=16&epochs=3"


def test_a_person_trains_two_settings_side_by_side_and_rewinds_them(
    serve: Callable[..., Server], page: Page
) -> None:
    server = serve()
    page.goto(f"{server.url}/train?{SMALL}")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled(timeout=120_000)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Side by side").click()
    take_away = page.get_by_role("button", name="close")
    expect(take_away).to_have_count(3)
    take_away.last.click()
    expect(take_away).to_have_count(0)
    base = page.get_by_test_id("stSelectbox").filter(has_text="Everything but the regularizers")
    base.locator("input").click()
    page.get_by_text("What the controls of the page Train say").click()
    expect(page.get_by_text("3 epochs with Adam")).to_be_visible()

    page.get_by_role("button", name="Train side by side").click()
    alike = page.get_by_text("The same in all 2 runs, by the fingerprints")
    expect(alike).to_be_visible(timeout=120_000)
    expect(page.get_by_role("button", name="Stop all")).to_be_hidden(timeout=120_000)
    page.wait_for_url(re.compile(r"/side-by-side\?together=[^&]+$"))
    link = page.url
    for title in ("Loss (nats)", "Accuracy"):
        chart = page.locator(".js-plotly-plot", has_text=title)
        expect(chart.locator(".scatterlayer .trace")).to_have_count(2)
        expect(chart.locator(".legend")).to_contain_text("A: No regularization")
    first = lines_of(page)

    page.get_by_role("button", name="Rewind").click()
    page.wait_for_url(lambda url: "together=" in url and url != link)
    expect(alike).to_be_visible(timeout=120_000)
    # Opened anew, for the charts of the runs before may still stand there.
    page.goto(page.url)
    expect(alike).to_be_visible(timeout=120_000)
    assert lines_of(page) == first

    page.goto(link)
    expect(alike).to_be_visible()
    expect(page.get_by_role("button", name="Train side by side")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def lines_of(page: Page) -> list[list[float]]:
    """The numbers of both curves, as the browser has them, once all three epochs are drawn."""
    read = """
        [...document.querySelectorAll(".js-plotly-plot")]
            .find((node) => node.textContent.includes("Loss (nats)"))
            ?.calcdata?.map((points) => points.map((point) => point.y))
    """
    page.wait_for_function(
        f"(({read}) ?? []).map((line) => line.length).join() === '3,3'", timeout=120_000
    )
    lines: list[list[float]] = page.evaluate(read)
    return lines
