"""What a person sees on a page, as the browser tests wait for it."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def chart_titled(page: Page, title: str) -> None:
    """A chart with these words in its title is there."""
    expect(page.locator(".gtitle", has_text=title).first).to_be_visible()
