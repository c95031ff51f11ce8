"""The pictures of the README, made anew: `make screenshots`.

Trains a network that memorises wrong labels, and the default network, with seeds, in a library of
its own, and takes a picture of each page that the README shows. Commit what has changed in `docs`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from core import warmup
from core.runs import Library
from core.settings import Settings, from_mapping
from tests.browser.chromium import SWITCHES, installed
from tests.browser.server import ROOT, serving
from tests.core.small import train

WIDTH, HEIGHT = 1440, 1000
SECONDS = 180_000
"""Milliseconds that a page may take: networks are opened and measured behind some of them."""
CHART, COMPONENT = ".js-plotly-plot", "canvas"
PAGES = {
    "train": ("train?run={wrong}", CHART),
    "layers": ("layers?run={plain}&layers-view=What+flows+through&layer=conv_1", "img"),
    "responses": ("responses?run={plain}&layer=conv_2&view=One+step+at+a+time", COMPONENT),
    "excites": ("excites?run={plain}&layer=conv_1", CHART),
    "decision": ("decision?run={plain}", CHART),
}
"""By the name of its file, what the link to a page says, the runs' ids to be put in, and what is to
be seen on it."""


def trained(home: Path) -> dict[str, str]:
    """The ids of the runs that the pictures are of."""
    library = Library(home / "runs")
    settings = {
        "wrong": from_mapping({"wrong_labels": 0.3}),
        "plain": Settings(),
    }
    ids = {name: train(library, one).id for name, one in settings.items()}
    library.close()
    return ids


def settle(page: Page) -> None:
    """Wait until nothing on the page is on its way any more, and all pictures are drawn."""
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=SECONDS
    )
    for on_its_way in ("stSpinner", "stSkeleton", "stProgress"):
        expect(page.get_by_test_id(on_its_way)).to_have_count(0, timeout=SECONDS)
    # A chart is there once its axes are; the fonts come last.
    page.evaluate("document.fonts.ready")
    page.wait_for_function(
        "[...document.querySelectorAll('.js-plotly-plot')].every((chart) => chart._fullLayout)"
    )


def main() -> None:
    warmup.wait()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        ids = trained(home)
        browser = playwright.chromium.launch(executable_path=installed(), args=list(SWITCHES))
        with serving(ROOT / "app.py", home) as server:
            for name, (link, awaited) in PAGES.items():
                page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
                page.goto(f"{server.url}/{link.format(**ids)}")
                expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SECONDS)
                expect(page.locator(awaited).first).to_be_visible(timeout=SECONDS)
                expect(page.get_by_text("Reading the curves")).to_have_count(0, timeout=SECONDS)
                settle(page)
                page.screenshot(path=ROOT / "docs" / f"{name}.png", animations="disabled")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
