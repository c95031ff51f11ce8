"""Two real servers on one library: the second says who holds it, and takes over after a kill."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.runs import Library, State
from core.settings import Settings
from tests.browser.server import Server

pytestmark = pytest.mark.browser


def test_the_second_server_names_the_first_and_takes_over_once_that_is_killed(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    library = Library(home / "runs")
    library.finish(library.create(Settings(), "Before").id, State.FINISHED, "Done.")
    library.close()
    first = serve(home=home)
    # Whoever is visited first opens the library.
    page.goto(f"{first.url}/runs")
    expect(page.get_by_text("1 run.")).to_be_visible()
    second = serve(home=home)
    page.goto(f"{second.url}/runs")
    banner = page.get_by_role("alert").filter(has_text="is held by another Learnscope")
    expect(banner).to_contain_text(f"process {first.process.pid} on the machine")
    expect(banner).to_contain_text(f"at {first.url}. Train there")
    expect(page.get_by_text("1 run.")).to_be_visible()
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    page.reload()
    expect(page.get_by_text("1 run.")).to_be_visible()
    expect(banner).to_have_count(0)
    page.goto(f"{second.url}/train")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
