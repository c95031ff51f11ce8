"""From an answer to its maps, to the layers randomised by one click, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.model import build_network
from core.runs import Epoch, Library, State
from core.settings import from_mapping
from tests.browser.server import Server

pytestmark = pytest.mark.browser


def run_stored_in(home: Path) -> str:
    """A finished run of a network fresh from its seed; gives its id."""
    settings = from_mapping({"dataset": "digits", "filters": 4})
    library = Library(home)
    run = library.create(settings, "Stored")
    library.start(run.id)
    epoch = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)
    library.record_epoch(run.id, epoch, [1, 2, 3], [0, 0, 1])
    library.record_best(run.id, 1, 1.875, 0.375)
    model = build_network(settings, (8, 8, 1), 10)
    for file in ("best.keras", "last.keras"):
        library.store_file(run.id, file, model.save)
    library.finish(run.id, State.FINISHED, "Finished all 1 epochs.", 1.5, 0.5, 300)
    library.close()
    return run.id


def chart_titled(page: Page, title: str) -> None:
    expect(page.locator(".gtitle", has_text=title).first).to_be_visible()


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
