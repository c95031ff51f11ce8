"""A link to any page, opened first thing on a server that nobody has used yet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import Server

pytestmark = pytest.mark.browser

PAGES = {
    "train": "Train",
    "runs": "Runs",
    "predictions": "Predictions",
    "batch-normalization": "Batch normalization",
    "layers": "Layers",
    "kernels": "Kernels",
    "responses": "Responses",
    "decision": "Decision",
    "excites": "What excites a kernel",
    "kernel-bench": "Kernel bench",
    "dropout": "Dropout",
}


def expect_frame(page: Page, title: str) -> None:
    """The navigation with all pages, the current one marked, and a page with a heading."""
    navigation = page.get_by_test_id("stSidebarNav")
    for section in ("Learning", "Regularization", "Interpretation"):
        expect(navigation.get_by_text(section, exact=True)).to_be_visible()
    for other in PAGES.values():
        expect(navigation.get_by_role("link", name=other)).to_be_visible()
    expect(navigation.locator("a[aria-current=page]")).to_contain_text(title)
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_a_link_shows_its_page_in_the_frame(
    serve: Callable[..., Server], page: Page, path: str, title: str
) -> None:
    page.goto(f"{serve().url}/{path}?seed=7")
    expect_frame(page, title)
    assert page.evaluate("location.pathname") == f"/{path}"


def test_the_front_door_leads_to_train_and_takes_the_settings_along(
    serve: Callable[..., Server], page: Page
) -> None:
    page.goto(f"{serve().url}/?seed=7")
    page.wait_for_url("**/train?*seed=7*")
    expect_frame(page, "Train")


def test_every_tab_is_in_sight_on_a_narrow_screen(serve: Callable[..., Server], page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"{serve().url}/train")
    tabs = page.get_by_role("tab")
    expect(tabs.filter(has_text="The same in Keras")).to_be_visible()
    boxes = [tab.bounding_box() for tab in tabs.all()]
    assert len(boxes) >= 8
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 320 for box in boxes)
