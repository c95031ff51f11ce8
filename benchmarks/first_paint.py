"""The first paint of /train on a cold server, against an empty Streamlit app.

Both in one run, in turns, each with a server process and a browser profile of its own. The clock
runs from the request to the moment the page's own title can be seen, which is its first paint
(target: 1.5 times), and further until its last part, the button "Train", stands there too.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import SWITCHES, installed
from tests.browser.server import ROOT, serving

ROUNDS = 7
EMPTY = 'import streamlit as st\n\nst.title("Train")\nst.button("Train")\n'


def seconds_to_paint(browser: Browser, script: Path, path: str) -> tuple[float, float]:
    """Seconds until the title can be seen, and until the button "Train" can be."""
    with tempfile.TemporaryDirectory() as folder, serving(script, Path(folder)) as server:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        began = time.perf_counter()
        page.goto(f"{server.url}/{path}", wait_until="commit")
        page.get_by_role("heading", name="Train", exact=True).first.wait_for(timeout=60_000)
        title = time.perf_counter() - began
        page.get_by_role("button", name="Train", exact=True).first.wait_for(timeout=60_000)
        button = time.perf_counter() - began
        context.close()
    return title, button


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY)
        browser = playwright.chromium.launch(executable_path=installed(), args=list(SWITCHES))
        of_empty, of_train = [], []
        for _ in range(ROUNDS):
            of_empty.append(seconds_to_paint(browser, empty, ""))
            of_train.append(seconds_to_paint(browser, ROOT / "app.py", "train"))
        browser.close()
    for part, what in enumerate(("first paint", "all painted")):
        one = statistics.median(times[part] for times in of_empty)
        other = statistics.median(times[part] for times in of_train)
        print(f"{what:11}  empty app {one:.2f} s  /train {other:.2f} s  ratio {other / one:.2f}")
    print("(target: at most 1.5 for the first paint)")


if __name__ == "__main__":
    main()
