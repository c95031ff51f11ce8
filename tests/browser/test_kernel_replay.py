"""The replay of the kernels in a real browser: it plays without asking the server for anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core import warmup
from core.inside.kernel_history import read_kernel_history
from core.runs import Library
from tests.browser.server import Server
from tests.core.small import small, train

pytestmark = pytest.mark.browser

PICTURE = "document.querySelector('.replay-picture .js-plotly-plot')"
CURSORS = (
    "[...document.querySelectorAll('.replay-side .js-plotly-plot')]"
    ".map((node) => node.layout.shapes[0].x0)"
)

HIGH_BY_WIDE = f"{PICTURE}.data[0].z.length / {PICTURE}.data[0].z[0].length"


def shown(page: Page) -> np.ndarray:
    """The weights in the picture, sorted."""
    rows = page.evaluate(f"{PICTURE}.data[0].z.map((row) => Array.from(row))")
    return np.sort([value for row in rows for value in row if value is not None])


def test_the_replay_follows_the_slider_and_plays_without_the_server(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    assert warmup.wait(300)
    library = Library(tmp_path / "home" / "runs")
    run = train(library, small(epochs=3))
    kernels = read_kernel_history(library.file(run.id, "kernels.npz")).kernels["conv_1"]
    library.close()
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(data)))
    page.goto(f"{serve().url}/kernels?run={run.id}&kernel-view=How+they+formed&weights=last")
    now, slider = page.locator(".replay-now"), page.get_by_role("slider", name="Epoch")
    expect(now).to_have_text("epoch 3", timeout=120_000)
    page.wait_for_function(f"{PICTURE}?.data && {CURSORS}.length === 2")
    np.testing.assert_allclose(shown(page), np.sort(kernels[3].ravel()), rtol=1e-5)
    before = len(sent)

    slider.press("Home")
    expect(now).to_have_text("first weights")
    page.wait_for_function(f"{CURSORS}.every((x) => x === 0)")
    np.testing.assert_allclose(shown(page), np.sort(kernels[0].ravel()), rtol=1e-5)
    slider.press("ArrowRight")
    expect(now).to_have_text("epoch 1")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(now).to_have_text("epoch 3")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_function(f"{CURSORS}.every((x) => x === 3)")
    np.testing.assert_allclose(shown(page), np.sort(kernels[3].ravel()), rtol=1e-5)
    assert len(sent) == before

    # Another order of the filters leaves the replay at its epoch, whether it plays or stands.
    slider.press("Home")
    page.evaluate(f"{PICTURE}.kept = true")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("radio", name="Number", exact=True).click()
    expect(now).to_have_text("epoch 3")
    slider.press("Home")
    slider.press("ArrowRight")
    drawn = page.evaluate(f"JSON.stringify({PICTURE}.layout.annotations)")
    page.get_by_role("radio", name="Norm, largest first", exact=True).click()
    page.wait_for_function(
        f"before => JSON.stringify({PICTURE}.layout.annotations) !== before", arg=drawn
    )
    expect(now).to_have_text("epoch 1")
    assert page.evaluate(f"{PICTURE}.kept") is True
    np.testing.assert_allclose(shown(page), np.sort(kernels[1].ravel()), rtol=1e-5)
    slider.press("End")
    expect(now).to_have_text("epoch 3")

    page.locator(".replay-picture").hover()
    assert page.locator(".replay-picture .modebar-btn").count() == 1  # the camera
    page.set_viewport_size({"width": 390, "height": 844})
    # Nothing is empty below the kernels, and no button lies over the title.
    page.wait_for_function(
        f"(({{ w, h }}) => w < 390 && h - w * {HIGH_BY_WIDE} < 2)({PICTURE}._fullLayout._size)"
    )
    expect(page.locator(".replay-picture .modebar-btn")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
