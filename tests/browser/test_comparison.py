"""Two groups of three seeds, trained, ticked and told apart in a browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from scipy import stats

from core.library.reader import Reader
from core.runs import Run
from tests.browser.server import ROOT, Server, serving

pytestmark = pytest.mark.browser

SMALL = "dataset=digits&training_images=200&blocks=1&filters=4&dense_units=16&epochs=3"
SLOW, FAST = "learning_rate=0.00001", "learning_rate=0.03"
NUMBER = r"(\d+(?:\.\d+)?)"
SENTENCE = re.compile(
    rf"^Learning rate 0\.03 lowers the validation error by {NUMBER} ± {NUMBER} points \(95 % "
    rf"confidence interval\) against Learning rate 1e-05, 3 seeds each, p (?:= {NUMBER}|< 0\.001) "
    r"\(Welch's t-test\)\.$"
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Server]:
    with serving(ROOT / "app.py", tmp_path) as server:
        yield server


def train_three_seeds(page: Page, app: Server, setting: str) -> None:
    """Through the page, until all three have ended."""
    page.goto(f"{app.url}/train?{SMALL}&{setting}")
    times = page.get_by_role("spinbutton", name="Times")
    times.fill("3")
    times.press("Enter")
    page.get_by_role("button", name="Train 3 times", exact=True).click()
    expect(page.get_by_text("Compare the 3 runs that you started together")).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Best checkpoint")).to_be_visible()


def errors_of(home: Path) -> tuple[list[float], list[float]]:
    """Validation errors in points of the slow and the fast runs, as the library holds them."""
    runs = Reader(home, time.time).runs()

    def errors(rate: float) -> list[float]:
        chosen: list[Run] = [run for run in runs if run.settings.optimisation.learning_rate == rate]
        assert sorted(run.settings.optimisation.seed for run in chosen) == [1, 2, 3]
        return [100 * (1 - float(run.best_validation_accuracy or 0)) for run in chosen]

    return errors(1e-5), errors(0.03)


def test_two_groups_of_three_seeds_are_told_apart_in_one_sentence(
    app: Server, page: Page, browser: Browser
) -> None:
    page.context.set_default_timeout(90_000)
    expect.set_options(timeout=90_000)
    train_three_seeds(page, app, SLOW)
    train_three_seeds(page, app, FAST)

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Runs").click()
    table = page.get_by_test_id("stDataFrame").first
    # The table is a canvas under a layer that scrolls: the box in its corner ticks all six.
    expect(table.get_by_test_id("data-grid-canvas")).not_to_have_attribute("width", "0")
    table.click(position={"x": 18, "y": 18})
    expect(page.get_by_role("heading", name="Comparison: 6 runs in 2 groups")).to_be_visible()
    line = page.get_by_text("lowers the validation error by")
    # Should a run still be under way, the sentence grows with it.
    expect(line).to_have_text(SENTENCE)
    told = SENTENCE.match(line.inner_text())
    assert told

    slow, fast = errors_of(app.home)
    welch = stats.ttest_ind(fast, slow, equal_var=False)
    interval = welch.confidence_interval()
    size, half = float(told[1]), float(told[2])
    assert size == pytest.approx(sum(slow) / 3 - sum(fast) / 3, abs=0.51)
    assert half == pytest.approx((interval.high - interval.low) / 2, abs=0.51)
    assert (told[3] is None) == (welch.pvalue < 0.001)
    if told[3] is not None:
        assert float(told[3]) == pytest.approx(welch.pvalue, rel=0.05)
    expect(page.get_by_text("it cannot go below 0.1")).to_be_visible()
    expect(page.locator(".js-plotly-plot .fills path").first).to_be_attached()

    page.wait_for_url("**/runs?*compare=*")
    context = browser.new_context(viewport={"width": 390, "height": 844})
    other = context.new_page()
    other.goto(page.url)
    expect(other.get_by_text("lowers the validation error by")).to_have_text(line.inner_text())
    expect(other.get_by_role("button", name="All runs")).to_be_visible()
    expect(other.get_by_role("button", name="Delete")).to_have_count(0)
    context.close()
