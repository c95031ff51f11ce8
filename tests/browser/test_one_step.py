"""The convolution step by step in a real browser: moved by mouse and keys, without the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core import warmup
from core.data import load, split
from core.inside.layers import kernels_of, load_network
from core.inside.one_step import Scene, scene_of, step_at
from core.inside.stages import layer_stages
from core.runs import Library
from tests.browser.server import Server
from tests.core.small import small, train

pytestmark = pytest.mark.browser


def numbers(page: Page, selector: str) -> list[float]:
    """All digits of the numbers that stand there; padding is 0."""
    titles = page.locator(selector).evaluate_all("nodes => nodes.map((node) => node.title)")
    return [0.0 if title.startswith("padding") else float(title) for title in titles]


def shown_is(page: Page, scene: Scene, row: int, column: int) -> None:
    """The page shows what the layer computes at this position, to the last digit."""
    expect(page.locator(".one-step .place")).to_have_text(f"Row {row}, column {column} of the map")
    step = step_at(scene, row, column)
    for name, expected in (("patch", step.patch), ("products", step.products)):
        got = numbers(page, f".one-step .{name} td")
        np.testing.assert_allclose(got, expected[:, :, 0].ravel(), atol=1e-5)
    ends = numbers(page, ".one-step .chain b")
    assert ends[0] == pytest.approx(step.total, abs=1e-5)
    assert ends[1] == pytest.approx(step.with_bias, abs=1e-5)
    assert ends[-1] == pytest.approx(step.activation, abs=1e-5)


def test_the_kernel_is_moved_by_keys_and_mouse_and_plays_without_the_server(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    assert warmup.wait(300)
    library = Library(tmp_path / "home" / "runs")
    run = train(library, small(epochs=1))
    model = load_network(library.file(run.id, "best.keras"))
    library.close()
    data = split(load("digits"), run.settings.data, run.settings.optimisation.seed)
    stages = layer_stages(model, "conv_1", data.validation_images[0])
    scene = scene_of(*kernels_of(model, "conv_1"), stages, 1)
    sent: list[object] = []
    # Playwright takes no built-in method for a listener.
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    link = f"responses?run={run.id}&view=One+step+at+a+time&layer=conv_1&kernel=1"
    page.goto(f"{serve().url}/{link}")
    expect(page.locator(".one-step .place")).to_have_text(re.compile("^Row"), timeout=120_000)
    expect(page.get_by_role("link", name="The kernels")).to_be_visible()
    shown_is(page, scene, *scene.strongest)
    before = len(sent)

    page.locator(".one-step .passed .plane").click(position={"x": 3, "y": 3})
    shown_is(page, scene, 0, 0)
    expect(page.locator(".one-step .patch td.outside")).to_have_count(5)
    page.locator(".one-step .maps").press("ArrowRight")
    shown_is(page, scene, 0, 1)
    page.locator(".one-step .maps").press("ArrowDown")
    page.locator(".one-step .maps").press("End")
    shown_is(page, scene, 1, 7)
    page.locator(".one-step .maps").press("ArrowRight")  # There is nothing further right.
    shown_is(page, scene, 1, 7)

    page.get_by_label("Speed").select_option("30 steps a second")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    shown_is(page, scene, 7, 7)
    assert len(sent) == before
    expect(page.get_by_test_id("stException")).to_have_count(0)
