"""A real server and a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import SWITCHES, installed
from tests.browser.server import ROOT, Server, serving


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server of one's own: ``serve()`` for the app, ``serve(script)`` for another."""
    with ExitStack() as servers:

        def start(script: Path = ROOT / "app.py", home: Path = tmp_path / "home") -> Server:
            return servers.enter_context(serving(script, home))

        yield start


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: the one named by CHROMIUM, an installed one, or Playwright's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=list(SWITCHES))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh tab in a fresh profile, for a screen of 1280 x 900 pixels."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    # Long enough for a busy machine; a test that passes never waits it out.
    context.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    yield context.new_page()
    context.close()
