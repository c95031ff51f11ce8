"""The dropout page in a real browser: a moved rate, steps that play, the chart that stays."""

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
    settings = from_mapping({"dataset": "digits", "filters": 4, "dropout_dense": 0.5})
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


def test_steps_play_on_one_chart_and_a_moved_rate_is_drawn(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    run_id = run_stored_in(tmp_path / "home" / "runs")
    server = serve()
    page.goto(f"{server.url}/dropout?run={run_id}")
    board = page.locator(".live-chart", has_text="The units in one training step")
    # The server imports TensorFlow before.
    expect(board.locator(".gtitle")).to_contain_text("step 1, epoch 1 (best)", timeout=120_000)
    assert re.search(r"\d+ of 128 are silent", board.get_attribute("aria-label") or "")
    board.evaluate("node => { node.mark = 'the same' }")

    page.get_by_role("button", name="Play").click()
    expect(board.locator(".gtitle")).to_contain_text(re.compile(r"step ([3-9]|\d\d),"))
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()

    # The key of the slider's thumb: one step of 0.05 to the left.
    page.get_by_role("slider", name="Dropout rate (dense)").press("ArrowLeft")
    expect(board.locator(".gtitle")).to_contain_text("rate 0.45 (dense)")
    assert "rate=0.45" in page.url
    assert board.evaluate("node => node.mark") == "the same"

    page.get_by_role("tab", name="One network or many").click()
    expect(page.locator(".gtitle", has_text="Disagreement")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
