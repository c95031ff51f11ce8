"""From a run in the wrong order to its recalibrated model, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import keras
import pytest
from playwright.sync_api import Page, expect

from tests.browser.seen import chart_titled
from tests.browser.server import Server

pytestmark = pytest.mark.browser

WRONG_ORDER = (
    "dataset=digits&training_images=200&filters=4&dense_units=16&epochs=3"
    "&normalization=batch&dropout_convolution=0.5"
)


def test_a_person_moves_a_slider_recalibrates_and_keeps_the_model(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    server = serve()
    page.goto(f"{server.url}/train?{WRONG_ORDER}")
    train = page.get_by_role("button", name="Train", exact=True)
    # The server imports TensorFlow before.
    expect(train).to_be_enabled(timeout=120_000)
    train.click()
    best = page.get_by_role("button", name="Best checkpoint")
    expect(best).to_be_visible(timeout=120_000)

    page.get_by_role("link", name="Batch normalization").click()
    chart_titled(page, "Channel 0, batch by batch")
    slider = page.get_by_role("slider", name="Channel")
    slider.focus()
    slider.press("ArrowRight")
    chart_titled(page, "Channel 1, batch by batch")
    expect(page).to_have_url(re.compile("channel=1"))

    page.get_by_role("tab", name="Companions").click()
    chart_titled(page, "How much the layer's output changes")
    page.get_by_role("tab", name="Variance shift").click()
    chart_titled(page, "Variance at test over moving variance")
    page.get_by_role("button", name="Recalibrate").click()
    expect(page.get_by_text("Statistics from 200 training images")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download (.keras)").click()
    taken = tmp_path / "taken.keras"
    download.value.save_as(taken)
    assert keras.models.load_model(taken).get_layer("batch_normalization_1") is not None

    page.get_by_role("button", name="Keep as a model").click()
    page.get_by_role("radio", name="Recalibrated").click()
    expect(page.get_by_text("were taken anew already")).to_be_visible()
    expect(page).to_have_url(re.compile(r"weights=recalibrated-\d"))
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    expect(page.get_by_test_id("stException")).to_have_count(0)
