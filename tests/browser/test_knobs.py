"""A knob is turned in a browser while the run trains: the mark on the curve, and the sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import ROOT, Server, serving

pytestmark = pytest.mark.browser
TEXTS = "[...document.querySelectorAll('.live-chart .shape-label text')].map(t => t.textContent)"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Server]:
    with serving(ROOT / "app.py", tmp_path) as server:
        yield server


def test_a_dropout_rate_turned_in_mid_run_is_told_and_marked_while_the_page_ticks(
    app: Server, page: Page
) -> None:
    page.context.set_default_timeout(90_000)
    expect.set_options(timeout=90_000)
    page.goto(f"{app.url}/train?dataset=digits&training_images=1000&epochs=1000&dropout_dense=0.2")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function("document.querySelectorAll('.live-chart .legend').length === 2")
    page.get_by_role("button", name="Turn a knob").click()
    opened = page.get_by_test_id("stPopoverBody")
    slider = opened.get_by_role("slider", name="Dropout rate (dense)")
    # It opens at what the run has, and stays open and where it was put from tick to tick.
    expect(slider).to_have_attribute("aria-valuetext", "0.20")
    for _ in range(6):
        slider.press("ArrowRight")
    opened.get_by_role("button", name="Apply").click()
    sentence = r"Dropout rate \(dense\) 0\.2 → 0\.5 after step [\d,]+, in epoch [\d,]+"
    expect(opened.get_by_text(re.compile(f"In force: {sentence}"))).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", "0.50")
    page.wait_for_function(f"{TEXTS}.filter(t => t === 'Dropout rate (dense) 0.5').length === 2")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    told = page.get_by_text(re.compile(f"Turned while it trained: {sentence}"))
    expect(told).to_be_visible()
