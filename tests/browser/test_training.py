"""Training, in a browser: press, watch, leave, come back, stop."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from core.library.reader import Reader
from pages.shared.run_view import IDLE_TICK
from tests.browser.server import ROOT, Server, serving

pytestmark = pytest.mark.browser

# Keeps every socket in reach, so that a test can cut the line as bad Wi-Fi would.
KEEP_SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) { super(...given); window.sockets.push(this); }
};
"""
# As on a busy machine: when the browser is free again a press and a timer are due, in this order,
# and a moment goes by between any two messages.
PRESS_WHILE_BUSY = """(button, milliseconds) => {
  const busy = (milliseconds) => {
    const began = performance.now();
    while (performance.now() - began < milliseconds);
  };
  const socket = window.sockets.at(-1);
  socket.send = (message) => { WebSocket.prototype.send.call(socket, message); busy(300); };
  setTimeout(() => {
    setTimeout(() => button.click(), 0);
    busy(milliseconds);
    setTimeout(() => delete socket.send, 1000);
  }, 0);
}"""
CURVE = "document.querySelector('.live-chart')?._fullData?.find(t => t.name === 'Training')"
BATCHES = "first._fullData.find(t => t.name === 'Batches').visible"
RAW_BATCHES = "first._fullData.find(t => t.name === 'Batches, as it is').visible"
RAW_CURVE = "first._fullData.find(t => t.name === 'Validation, as it is')"
SMALL = "dataset=digits&training_images=1000"
LONG = f"{SMALL}&epochs=1000"
SEEDS = itertools.count(2)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of this file, each of which ends the runs that it began."""
    with serving(ROOT / "app.py", tmp_path_factory.mktemp("app")) as server:
        yield server


@pytest.fixture(autouse=True)
def patience(page: Page) -> None:
    """Training shares the machine with whatever else runs on it."""
    page.context.set_default_timeout(90_000)
    expect.set_options(timeout=90_000)


@pytest.fixture
def training(app: Server, page: Page) -> Iterator[Page]:
    """A page on which a long run is under way; ``first`` holds the node of its first chart."""
    page.add_init_script(KEEP_SOCKETS)
    open_and_train(page, app, LONG)
    wait_for_charts(page)
    yield page
    context = page.context.browser.new_context()
    other = context.new_page()
    other.goto(f"{app.url}/train")
    stop = other.get_by_role("button", name="Stop", exact=True)
    ended = other.get_by_role("button", name="Best checkpoint")
    expect(stop.or_(ended)).to_be_visible()
    if stop.is_visible():
        stop.click()
        expect(stop).to_be_hidden()
    context.close()


def open_and_train(page: Page, app: Server, link: str) -> None:
    """Begin a run that is told from all others by its seed, and wait for its first curve."""
    seed = next(SEEDS)
    page.goto(f"{app.url}/train?{link}&seed={seed}")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector(f".live-chart[aria-label$='Seed {seed}.']")


def wait_for_charts(page: Page) -> None:
    """Wait until both are drawn, with an epoch's end on the first."""
    page.wait_for_function(
        f"document.querySelectorAll('.live-chart .legend').length === 2 && {CURVE}?.y.length > 0"
    )
    page.evaluate("window.first = document.querySelector('.live-chart')")


def epochs(page: Page) -> int:
    """How many epochs the first chart shows."""
    return page.evaluate(f"{CURVE}.y.length")


def wait_for_epochs(page: Page, least: int) -> None:
    page.wait_for_function(f"least => {CURVE}?.y?.length >= least", arg=least)


def zoom_in(page: Page) -> list[float]:
    """Drag a box over a part of the first chart; returns the axes' ends."""
    box = page.locator(".live-chart .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6, steps=3)
    page.mouse.up()
    page.wait_for_function("first._fullLayout.xaxis.range[0] > 0")
    return ranges(page)


def ranges(page: Page) -> list[float]:
    return page.evaluate("[...first._fullLayout.xaxis.range, ...first._fullLayout.yaxis.range]")


def hide_batches(page: Page) -> None:
    page.locator(".live-chart").first.locator(".legendtoggle").first.click()
    page.wait_for_function(f"{BATCHES} === 'legendonly'")


def shown_dropout(page: Page) -> str:
    return page.get_by_role("slider", name="Dropout rate (dense)").get_attribute("aria-valuetext")


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop", exact=True).click()


def test_a_dropout_rate_is_set_the_curves_move_and_the_run_ends_in_words(
    app: Server, page: Page, tmp_path: Path
) -> None:
    page.goto(f"{app.url}/train?{SMALL}&epochs=150")
    slider = page.get_by_role("slider", name="Dropout rate (dense)")
    for _ in range(10):
        slider.press("ArrowRight")
    page.wait_for_url("**dropout_dense=0.5*")
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for_charts(page)
    seen = epochs(page)
    assert seen < 150
    wait_for_epochs(page, seen + 1)
    expect(page.get_by_text("Finished all 150 epochs.")).to_be_visible()
    wait_for_epochs(page, 150)
    expect(page.get_by_test_id("stMetric").filter(has_text="Test accuracy")).to_contain_text("%")
    with page.expect_download() as download:
        page.get_by_role("button", name="Best checkpoint").click()
    saved = tmp_path / "saved.keras"
    download.value.save_as(saved)
    (run_id,) = re.findall(r"learnscope-(.+)-best\.keras", download.value.suggested_filename)
    (stored,) = app.home.rglob("best.keras")
    assert run_id in str(stored)
    assert saved.read_bytes() == stored.read_bytes()


def test_zoom_and_hidden_curves_survive_the_updates_and_a_stop_that_keeps_the_best_checkpoint(
    training: Page,
) -> None:
    zoomed = zoom_in(training)
    hide_batches(training)
    # Past the thirtieth epoch, where the axis of a long run grows.
    wait_for_epochs(training, max(epochs(training) + 5, 32))
    assert ranges(training) == zoomed
    stop(training)
    sentence = training.get_by_text("Stopped by you in epoch")
    expect(sentence).to_contain_text(re.compile(r"The best checkpoint, of epoch \d+, is kept\."))
    expect(training.get_by_role("button", name="Best checkpoint")).to_be_visible()
    expect(training.get_by_test_id("stMetric").filter(has_text="Test accuracy")).to_be_visible()
    assert training.evaluate("first.isConnected")
    assert ranges(training) == zoomed
    assert training.evaluate(BATCHES) == "legendonly"


def test_switches_of_the_chart_keep_the_zoom_and_what_is_hidden_while_the_run_grows(
    training: Page,
) -> None:
    left, right, low, high = zoom_in(training)
    hide_batches(training)
    training.get_by_role("button", name="Axes and smoothing").click()
    slider = training.get_by_role("slider", name="Smoothing")
    for _ in range(10):
        slider.press("ArrowRight")
    training.wait_for_function(f"{RAW_CURVE}.y.length > 1")
    seen = epochs(training)
    wait_for_epochs(training, seen + 3)
    # The popover is still open after some updates, and both curves of the batches stay hidden.
    expect(slider).to_be_visible()
    assert ranges(training) == [left, right, low, high]
    assert training.evaluate(BATCHES) == training.evaluate(RAW_BATCHES) == "legendonly"

    # A zoom in epochs means nothing in steps; that of the loss stays.
    training.get_by_text("Steps", exact=True).click()
    training.wait_for_function("first._fullLayout.xaxis.title.text === 'Step'")
    wait_for_epochs(training, epochs(training) + 3)
    assert ranges(training)[1] > 32 * epochs(training) > right
    assert ranges(training)[2:] == [low, high]
    assert training.evaluate(BATCHES) == "legendonly"

    training.get_by_text("Logarithmic loss").click()
    training.wait_for_function("first._fullLayout.yaxis.type === 'log'")
    wait_for_epochs(training, epochs(training) + 3)
    assert ranges(training)[2:] != [low, high]
    assert training.evaluate(BATCHES) == "legendonly"
    assert training.evaluate("first.isConnected")


def test_advice_opens_the_settings_with_that_control_changed(app: Server, page: Page) -> None:
    open_and_train(page, app, f"{SMALL}&epochs=3&filters=8")
    expect(page.get_by_text("Finished all 3 epochs.")).to_be_visible()
    page.get_by_role("button", name="Epochs: 6", exact=True).click()
    page.wait_for_url("**epochs=6*")
    expect(page.get_by_text("Epochs is now 6 instead of 3")).to_be_visible()
    expect(page.get_by_role("tab", name="Training", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("6")
    assert "filters=8" in page.url


def test_one_press_trains_one_run_also_while_a_timer_of_the_page_goes_off(
    app: Server, page: Page
) -> None:
    """The tick is sent first, when the press is noted already, and both in two messages."""
    seed = next(SEEDS)
    page.add_init_script(KEEP_SOCKETS)
    page.goto(f"{app.url}/train?{LONG}&seed={seed}")
    train = page.get_by_role("button", name="Train", exact=True)
    expect(train).to_be_enabled()
    train.evaluate(PRESS_WHILE_BUSY, 1500 * IDLE_TICK)
    page.wait_for_selector(f".live-chart[aria-label$='Seed {seed}.']")
    stop(page)
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    runs = Reader(app.home, time.time).runs()
    assert [run.settings.optimisation.seed for run in runs].count(seed) == 1


def test_a_run_is_found_again_after_a_reload_in_another_tab_and_when_the_first_is_closed(
    training: Page, app: Server, browser: Browser
) -> None:
    seen = epochs(training)
    training.reload()
    wait_for_charts(training)
    assert epochs(training) >= seen
    context = browser.new_context()
    other = context.new_page()
    other.goto(f"{app.url}/train")
    wait_for_charts(other)
    seen = epochs(other)
    training.close()
    wait_for_epochs(other, seen + 5)
    stop(other)
    expect(other.get_by_text("Stopped by you in epoch")).to_be_visible()
    context.close()


def test_an_open_page_follows_a_run_that_another_tab_begins(
    app: Server, page: Page, browser: Browser
) -> None:
    page.goto(f"{app.url}/train")
    page.get_by_role("button", name="Train", exact=True).wait_for()
    context = browser.new_context()
    other = context.new_page()
    open_and_train(other, app, LONG)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    stop(page)
    expect(page.get_by_text("Stopped by you").first).to_be_visible()
    expect(other.get_by_text("Stopped by you").first).to_be_visible()
    context.close()


def test_a_lost_connection_loses_nothing(training: Page, app: Server, browser: Browser) -> None:
    training.get_by_role("slider", name="Dropout rate (dense)").press("ArrowRight")
    training.wait_for_url("**dropout_dense=0.05*")
    zoomed = zoom_in(training)
    context = browser.new_context()
    witness = context.new_page()
    witness.goto(f"{app.url}/train")
    wait_for_charts(witness)

    training.context.set_offline(True)
    training.evaluate("sockets.forEach((socket) => socket.close())")
    seen = epochs(training)
    wait_for_epochs(witness, seen + 20)
    assert epochs(training) < seen + 20
    training.context.set_offline(False)

    wait_for_epochs(training, seen + 25)
    assert ranges(training) == zoomed
    assert shown_dropout(training) == "0.05"
    context.close()


def test_the_chart_moves_twice_a_second_in_messages_under_100_kilobytes(
    app: Server, page: Page
) -> None:
    sizes: list[int] = []

    def note(frame: str | bytes) -> None:
        content = frame if isinstance(frame, bytes) else frame.encode()
        if b"Learning curves: the " in content:
            sizes.append(len(content))

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", note)

    page.on("websocket", listen)
    open_and_train(page, app, LONG)
    wait_for_charts(page)
    page.evaluate("window.moves = 0; first.on('plotly_afterplot', () => { window.moves += 1; })")
    assert best_pace(page) >= 2 / max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1) - 1)
    stop(page)
    expect(page.get_by_text("Stopped by you in epoch")).to_be_visible()
    assert len(sizes) > 8
    assert max(sizes) < 100_000


def best_pace(page: Page, spells: int = 6) -> float:
    """New figures a second in the best of some spells: others may be at work on this machine."""
    paces: list[float] = []
    while len(paces) < spells and max(paces, default=0) < 2:
        begin = time.monotonic()
        before = page.evaluate(f"[moves, {CURVE}.y.length]")
        page.wait_for_timeout(2000)
        after = page.evaluate(f"[moves, {CURVE}.y.length]")
        assert after[1] > before[1]
        paces.append((after[0] - before[0]) / (time.monotonic() - begin))
    return max(paces)
