"""The dropout page in a real browser: a moved rate, steps that play, the chart that stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import Server
from tests.browser.stored_run import run_stored_in

pytestmark = pytest.mark.browser


def test_steps_play_on_one_chart_and_a_moved_rate_is_drawn(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    run_id = run_stored_in(tmp_path / "home" / "runs", dropout_dense=0.5)
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
