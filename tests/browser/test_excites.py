"""What excites a kernel in a real browser: the picture is made in view, for and against."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import warmup
from core.runs import Library
from tests.browser.server import Server
from tests.core.small import small, train

pytestmark = pytest.mark.browser

CHART = ".st-key-climb .js-plotly-plot"
ANSWERS = f"Array.from(document.querySelector('{CHART}')?.data?.[0]?.y ?? [])"


def test_the_answer_rises_and_falls_where_one_asks_for_the_opposite(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    assert warmup.wait(300)
    library = Library(tmp_path / "home" / "runs")
    run = train(library, small(epochs=1))
    library.close()
    page.goto(f"{serve().url}/excites?run={run.id}")
    expect(page.get_by_text(re.compile("of the strongest answer|no preferred"))).to_be_visible(
        timeout=120_000
    )

    page.get_by_role("tab", name="The picture that excites it most").click()
    page.wait_for_function(f"{ANSWERS}.length === 257")
    rising = page.evaluate(ANSWERS)
    assert rising[-1] > rising[0]
    expect(page).to_have_url(re.compile("excites-view=The"))

    page.get_by_role("radio", name="Against").click()
    page.wait_for_function(f"(y => y.length === 257 && y[256] < y[0])({ANSWERS})")
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
