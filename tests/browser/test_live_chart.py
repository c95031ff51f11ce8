"""The live chart, in a browser, while it grows three times a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.server import Server, serving

pytestmark = pytest.mark.browser

# Keeps every socket in reach, so that a test can cut the line as bad Wi-Fi would.
KEEP_SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) { super(...given); window.sockets.push(this); }
};
"""


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = Path(__file__).parent / "apps" / "growing_charts.py"
    with serving(script, tmp_path_factory.mktemp("charts")) as server:
        yield server


@pytest.fixture
def growing(charts: Server, page: Page) -> Page:
    """A page on which both charts are drawn; ``first`` holds the first one's node."""
    page.add_init_script(KEEP_SOCKETS)
    page.goto(charts.url)
    wait_for_charts(page)
    page.evaluate("window.first = document.querySelector('.live-chart')")
    return page


def wait_for_charts(page: Page) -> None:
    page.wait_for_function(
        "[...document.querySelectorAll('.live-chart .legend')].length === 2", timeout=30_000
    )


def points(page: Page) -> int:
    """How many points the lines of the first chart have."""
    return page.evaluate("first.data.at(-1).y.length")


def wait_for_growth(page: Page, updates: int = 3) -> None:
    """Wait until the node that was there at first has been drawn anew some times."""
    page.wait_for_function(f"first.data.at(-1).y.length >= {points(page) + updates}")


def visible(page: Page) -> dict[str, Any]:
    return page.evaluate("Object.fromEntries(first._fullData.map(t => [t.name, t.visible]))")


def ranges(page: Page) -> list[float]:
    return page.evaluate("[...first._fullLayout.xaxis.range, ...first._fullLayout.yaxis.range]")


def drag_a_box(page: Page, chart: int = 0, midway: Callable[[], None] = lambda: None) -> None:
    """Zoom in, from a twentieth to the middle of the plot, both ways."""
    box = page.locator(".live-chart .nsewdrag").nth(chart).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.05, box["y"] + box["height"] * 0.05)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    midway()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.mouse.up()


def test_the_zoom_survives_updates(growing: Page) -> None:
    drag_a_box(growing)
    zoomed = ranges(growing)
    assert zoomed == pytest.approx([2.5, 25, 0.5, 0.95], abs=0.3)
    wait_for_growth(growing)
    assert ranges(growing) == zoomed


def test_the_axes_hold_still_while_a_box_is_dragged(growing: Page) -> None:
    ends: list[float] = []

    def wait_for_figures() -> None:
        ends.append(growing.evaluate("second._fullLayout.xaxis.range[1]"))
        growing.evaluate("window.before = second.chart.figure.data.at(-1).y.length")
        growing.wait_for_function("second.chart.figure.data.at(-1).y.length > before + 2")
        ends.append(growing.evaluate("second._fullLayout.xaxis.range[1]"))

    growing.evaluate("window.second = document.querySelectorAll('.live-chart')[1]")
    drag_a_box(growing, chart=1, midway=wait_for_figures)
    assert ends[0] == ends[1]
    growing.wait_for_function("second.data.at(-1).y.length > before + 3")


def test_a_hidden_legend_entry_stays_hidden_while_another_trace_comes_and_goes(
    growing: Page,
) -> None:
    # In one go, for the entry moves with each trace that comes and goes ahead of it, and a mouse
    # would be on another one by the time that it presses.
    growing.evaluate(
        """() => {
            const entry = [...first.querySelectorAll(".legendtoggle")].at(-1);
            for (const kind of ["pointerdown", "mousedown", "mouseup"]) {
                entry.dispatchEvent(new MouseEvent(kind, { bubbles: true, view: window }));
            }
        }"""
    )
    growing.wait_for_function("first._fullData.at(-1).visible === 'legendonly'")
    wait_for_growth(growing, updates=4)
    assert visible(growing)["training"] is True
    assert visible(growing)["validation"] == "legendonly"


def test_the_hover_label_stays_under_a_resting_pointer(growing: Page) -> None:
    growing.wait_for_function("first.data.at(-1).y.length > 12")
    box = growing.locator(".live-chart .nsewdrag").first.bounding_box()
    assert box is not None
    # The tenth point of "training" lies at (9, 1 / 10); the axes reach to 50 and 1.
    growing.mouse.move(box["x"] + box["width"] * 9 / 50, box["y"] + box["height"] * 0.9)
    growing.wait_for_selector(".live-chart .hovertext")
    for _ in range(3):
        wait_for_growth(growing, updates=1)
        # The pointer rests, so a label that an update took away would not come back by itself; the
        # wait is for a busy machine's browser to answer.
        growing.wait_for_selector(".live-chart .hovertext", timeout=1000)


def test_the_chart_outlives_a_lost_connection(growing: Page) -> None:
    drag_a_box(growing)
    zoomed = ranges(growing)
    growing.context.set_offline(True)
    growing.evaluate("window.sockets.forEach((socket) => socket.close())")
    # Streamlit gives the session back only if the server has noticed that its line is cut, which
    # nothing in the browser tells.
    growing.wait_for_timeout(1000)
    growing.context.set_offline(False)
    growing.wait_for_function("window.sockets.length > 1")
    wait_for_growth(growing)
    assert ranges(growing) == zoomed


def test_two_charts_load_plotly_once_and_leave_nothing_behind(charts: Server, page: Page) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(charts.url)
    wait_for_charts(page)
    page.evaluate("window.first = document.querySelector('.live-chart')")
    for _ in range(2):
        page.get_by_role("link", name="Empty").click()
        page.get_by_text("Nothing here").wait_for()
        page.wait_for_function("!first.isConnected && !first._fullLayout")
        page.get_by_role("link", name="Charts").click()
        wait_for_charts(page)
        page.evaluate("window.first = document.querySelector('.live-chart')")
        wait_for_growth(page)
    assert page.locator(".live-chart").count() == 2
    assert len([url for url in fetched if "plotly.min.js" in url]) == 1


def test_the_chart_follows_width_and_theme_and_says_what_it_shows(growing: Page) -> None:
    assert growing.get_by_role("img", name="Loss by step").count() == 1
    light = growing.evaluate("first._fullLayout.font.color")
    growing.emulate_media(color_scheme="dark")
    growing.wait_for_function("color => first._fullLayout.font.color !== color", arg=light)
    width = growing.evaluate("first._fullLayout.width")
    growing.set_viewport_size({"width": 800, "height": 900})
    growing.wait_for_function(
        "before => first._fullLayout.width < before"
        " && first._fullLayout.width === first.offsetWidth",
        arg=width,
    )


def test_the_page_reports_no_errors(browser: Browser, charts: Server, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(charts.url)
    wait_for_charts(page)
    page.evaluate("window.first = document.querySelector('.live-chart')")
    wait_for_growth(page)
    assert complaints == []
