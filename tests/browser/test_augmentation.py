"""From an empty library to altered, mixed and smoothed digits, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import Server

pytestmark = pytest.mark.browser


def test_a_person_trains_tries_augmentation_and_looks_at_labels(
    serve: Callable[..., Server], page: Page
) -> None:
    server = serve()
    page.goto(f"{server.url}/augmentation")
    page.get_by_role("button", name="Train the default network").click()
    # The page goes on by itself once there are weights; the server imports TensorFlow before.
    grid = page.locator("img[alt^='24 draws']")
    expect(grid).to_be_visible(timeout=120_000)
    first = grid.get_attribute("src")
    page.get_by_role("button", name="Draw again").click()
    expect(grid).not_to_have_attribute("src", first or "")
    for name in ("Shift", "Rotation", "Zoom"):
        page.get_by_role("slider", name=name).press("Home")
    expect(page.get_by_text("24 of 24")).to_be_visible()

    page.get_by_role("tab", name="Mixup and CutMix").click()
    expect(page.locator("img[alt^='Mixup: 70%']")).to_be_visible()
    page.get_by_role("slider", name="Share of the first image").press("ArrowLeft")
    expect(page.locator("img[alt^='Mixup: 65%']")).to_be_visible()
    expect(page.locator("img[alt^='12 mixed images']")).to_be_visible()

    page.get_by_role("tab", name="Label smoothing").click()
    expect(page.get_by_text("4.51").first).to_be_visible()
    page.get_by_role("slider", name="Label smoothing").press("Home")
    expect(page.get_by_text("has no end")).to_be_visible()
    expect(page.get_by_role("button", name="Train")).to_be_visible(timeout=120_000)
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    expect(page.get_by_test_id("stException")).to_have_count(0)
