"""From an answer to its maps, to the layers randomised by one click, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.seen import chart_titled
from tests.browser.server import Server
from tests.browser.stored_run import run_stored_in

pytestmark = pytest.mark.browser


def test_a_person_asks_for_another_class_and_randomises_the_layers(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    run_id = run_stored_in(tmp_path / "home" / "runs")
    server = serve()
    page.goto(f"{server.url}/decision?run={run_id}&explained=3")
    # The server imports TensorFlow before.
    title = page.locator(".gtitle", has_text="Which pixels speak for “3”")
    expect(title).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Completeness", exact=True)).to_be_visible()

    page.get_by_role("combobox", name=re.compile("Explain the class")).click()
    page.get_by_role("option", name="5", exact=True).click()
    chart_titled(page, "Which pixels speak for “5”")
    expect(page).to_have_url(re.compile("explained=5"))

    page.get_by_role("tab", name="Sanity check").click()
    page.get_by_role("button", name="Randomise the layers").click()
    chart_titled(page, "The maps as the layers are randomised")
    expect(page.get_by_role("button", name="Randomise the layers")).to_have_count(0)

    page.get_by_role("tab", name="Deletion and insertion").click()
    chart_titled(page, "“5” by deletion and by insertion")
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    expect(page.get_by_test_id("stException")).to_have_count(0)
