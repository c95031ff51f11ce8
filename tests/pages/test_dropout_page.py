"""/dropout through app.py: rates, image, and the five views of what dropout does."""

from __future__ import annotations

import base64
import functools
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data import split_again
from core.inside.layers import load_network
from core.mechanisms.averaging import in_words
from core.runs import Epoch, State
from core.settings import Change
from pages.shared import state
from tests.pages.conftest import SMALL

PAGE = "regularization/dropout"
VIEWS = (
    "One training step",
    "Mean and spread",
    "One network or many",
    "How unsure it is",
    "As ridge regression",
)


@pytest.fixture
def dropout(visit: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Open the page at a view, as ``dropout("Mean and spread", rate="0.3")``."""

    def dropout(view: str = VIEWS[0], **link: str) -> AppTest:
        return visit(PAGE, **{"dropout-view": view, **link})

    return dropout


def charts(page: AppTest) -> dict[str, dict]:
    """Those that do not stream, by title."""
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {figure["layout"]["title"]["text"].split("<br>")[0]: figure for figure in figures}


def live(page: AppTest) -> dict[str, dict]:
    """Those that stream: their messages by title."""
    messages = [
        json.loads(part.proto.bytes) for part in page.get("bidi_component") if part.proto.bytes
    ]
    return {one["figure"]["layout"]["title"]["text"].split("<br>")[0]: one for one in messages}


def numbers(packed: dict | list) -> np.ndarray:
    if isinstance(packed, list):
        return np.array(packed, float)
    flat = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
    shape = packed.get("shape")
    return flat.reshape([int(n) for n in shape.split(",")]) if shape else flat


def captions(page: AppTest) -> str:
    return " ".join(one.value for one in page.caption)


def table(page: AppTest) -> dict[str, list]:
    return page.dataframe[0].value.to_dict("list")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_shows_something_with_a_text_alternative(
    dropout: Callable[..., AppTest], trained: Callable[..., str], view: str
):
    trained()
    page = dropout(view)
    assert not page.exception and not page.error
    assert charts(page) or live(page)
    assert all(chart.proto.alt for chart in page.get("plotly_chart"))
    assert all(one["alt"] for one in live(page).values())
    assert all(one.proto.alt for one in page.dataframe)


def test_without_a_run_one_button_trains_one(dropout: Callable[..., AppTest]):
    page = dropout()
    assert not page.exception
    assert [button.label for button in page.button] == ["Train the default network"]


def test_a_run_without_dropout_is_said_to_be_one_and_starts_at_the_classic_rate(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout()
    assert "trained **without** dropout" in captions(page)
    assert page.slider(key="choose rate").value == 0.5
    assert page.slider(key="choose block-rate").value == 0.0
    assert "rate" not in page.query_params


def test_a_run_with_dropout_starts_at_the_rates_of_its_training(
    dropout: Callable[..., AppTest], with_dropout: str
):
    page = dropout(run=with_dropout)
    assert "trained **with** dropout, at rate 0.3 (dense) and 0.2 (convolution)" in captions(page)
    assert page.slider(key="choose rate").value == 0.3
    assert page.slider(key="choose block-rate").value == 0.2
    words = live(page)["The units in one training step"]["alt"]
    assert "pool_1: 4 x 4, 4 channels" in words and "maps silent" in words  # spatial dropout


@pytest.fixture
def with_dropout(home: Path, network_files: Path, tmp_path: Path) -> str:
    """A run that was trained with dropout in both parts; gives its id."""
    import dataclasses

    from core.model import build_network

    regularization = dataclasses.replace(
        SMALL.regularization, dropout_dense=0.3, dropout_convolution=0.2, dropout_kind="spatial"
    )
    settings = dataclasses.replace(SMALL, regularization=regularization)
    path = tmp_path / "with_dropout.keras"
    build_network(settings, (8, 8, 1), 10).save(path)
    library = state.library()
    run = library.create(settings, "With dropout")
    library.start(run.id)
    epoch = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)
    library.record_epoch(run.id, epoch, [1, 2, 3], [0, 0, 1])
    library.record_best(run.id, 1, 1.875, 0.375)
    for file in ("best.keras", "last.keras"):
        library.store_file(run.id, file, functools.partial(shutil.copy, path))
    library.finish(run.id, State.FINISHED, "Finished all 1 epochs.", 1.5, 0.5, 300)
    return run.id


def test_a_rate_turned_in_mid_run_is_that_of_the_weights_after_it_alone(
    dropout: Callable[..., AppTest], with_dropout: str
):
    """Best is epoch 1 of 2, and the rate was turned in epoch 2; both files say 0.3."""
    library = state.library()
    library.record_change(with_dropout, Change("dropout_dense", 0.3, 0.6, 2, 3))
    epoch = Epoch(2, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.975, 0.375, 0.0, 0.001)
    library.record_epoch(with_dropout, epoch, [1, 2, 3], [0, 0, 1])
    library.flush()
    turned = "Turned while it trained: Dropout rate (dense) 0.3 → 0.6 after step 3, in epoch 2."
    for weights, rate in (("best", 0.3), ("last", 0.6)):
        page = dropout(run=with_dropout, weights=weights)
        assert not page.exception and not page.error
        assert f"at rate {rate} (dense) and 0.2 (convolution)" in captions(page)
        assert turned in captions(page)
        assert page.slider(key="choose rate").value == rate


def test_a_moved_slider_stands_in_the_link_and_the_link_sets_the_slider(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout(rate="0.25")
    assert page.slider(key="choose rate").value == 0.25
    page.slider(key="choose rate").set_value(0.8).run()
    assert page.query_params["rate"] == "0.8"
    assert page.slider(key="choose rate").value == 0.8


@pytest.mark.parametrize("text", ["1.5", "-0.1", "much", "nan"])
def test_a_rate_that_cannot_be_is_said_and_the_usual_one_is_shown(
    dropout: Callable[..., AppTest], trained: Callable[..., str], text: str
):
    trained()
    page = dropout(rate=text)
    assert not page.exception and not page.error
    assert f"“{text}”" in page.info[0].value and "[0, 0.95]" in page.info[0].value
    assert page.info[0].value.endswith("Shown instead: 0.5.")
    assert page.slider(key="choose rate").value == 0.5


def test_the_silent_units_that_are_drawn_are_the_number_that_is_said(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout()
    board = live(page)["The units in one training step"]["figure"]["data"]
    silent = next(t for t in board if t["name"] == "silent relu_dense")
    drawn = int(np.isfinite(numbers(silent["z"])).sum())
    said = next(text.value for text in page.markdown if "silent in this step" in text.value)
    assert f"**{drawn} of 128**" in said
    assert "(64 on average)" in said and "3.4" in said and "2¹²⁸" in said


def test_another_step_has_another_mask(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout()

    def mask() -> np.ndarray:
        board = live(page)["The units in one training step"]["figure"]["data"]
        return np.isfinite(numbers(next(t for t in board if t["name"] == "silent relu_dense")["z"]))

    first = mask()
    page.slider(key="training step").set_value(2).run()
    assert (mask() != first).any()
    page.slider(key="training step").set_value(1).run()
    assert (mask() == first).all()


def test_play_goes_on_step_by_step_and_pause_stays(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout()
    page.button(key="play").click().run()
    begun = page.slider(key="training step").value
    assert page.button(key="play").label == "Pause"
    page.run()  # As the clock does.
    assert page.slider(key="training step").value == begun + 1
    page.button(key="play").click().run()
    stays = page.slider(key="training step").value
    page.run()
    assert page.slider(key="training step").value == stays
    assert page.button(key="play").label == "Play"


def test_it_stops_playing_at_the_last_step_and_begins_anew_from_there(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout()
    page.slider(key="training step").set_value(50).run()
    page.session_state["playing"] = True
    page.run()
    assert page.button(key="play").label == "Play"
    assert page.slider(key="training step").value == 50
    page.button(key="play").click().run()
    assert page.slider(key="training step").value < 5


def test_the_histogram_follows_the_slider(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout("Mean and spread")
    spreads = []
    for rate in (0.2, 0.8):
        page.slider(key="choose rate").set_value(rate).run()
        shown = charts(page)["From mask to mask"]
        spreads.append(numbers(shown["data"][0]["x"]).std(ddof=1))
        assert f"rate {rate:g}" in shown["layout"]["title"]["text"]
    # sqrt(rate / (1 - rate)) is 0.5 and 2.
    assert spreads[1] / spreads[0] == pytest.approx(4, rel=0.15)


def test_the_whole_networks_error_is_that_of_keras_on_the_validation_part(
    dropout: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    trained()
    page = dropout("One network or many")
    splits = split_again(SMALL, None)
    model = load_network(network_files / "best.keras")
    given = model.predict(splits.validation_images, verbose=0).argmax(axis=1)
    error = np.array([(given != splits.validation_labels).mean()])
    rows = table(page)
    assert rows["Error"][0] == in_words(error)
    assert rows["Averages"] == [1, 50, 10, 5, 1]
    assert "300 validation images" in captions(page).lower()


def test_at_rate_zero_many_networks_are_one(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout("One network or many", rate="0")
    rows = table(page)
    assert set(rows["Disagreement"]) <= {"0.0%", "0.0% ± 0.0%"}
    page = dropout("One training step", rate="0")
    assert any("there is but one network" in text.value for text in page.markdown)
    page = dropout("How unsure it is", rate="0")
    assert not page.exception and not page.error


def test_the_doubt_view_names_the_errors_that_it_looks_for(
    dropout: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    trained()
    page = dropout("How unsure it is")
    splits = split_again(SMALL, None)
    model = load_network(network_files / "best.keras")
    given = model.predict(splits.validation_images, verbose=0).argmax(axis=1)
    wrong = int((given != splits.validation_labels).sum())
    assert f"{wrong} of 300, the same for all three" in captions(page)
    areas = [metric for metric in page.metric if "to" in metric.delta]
    assert len(areas) == 3
    for metric in areas:
        low, high = map(float, metric.delta.split(" to "))
        assert low <= float(metric.value) <= high
    assert {"Finding the errors by doubt", "Doubt of right answers and of errors"} <= set(
        charts(page)
    )


def test_the_doubt_view_takes_ones_own_picture(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout("How unsure it is", picture="upload")
    written = io.BytesIO()
    Image.fromarray(np.full((20, 30), 128, np.uint8)).save(written, "PNG")
    page.file_uploader[0].set_value(("mine.png", written.getvalue(), "image/png")).run()
    assert not page.exception and not page.error
    assert any(text.value == "**mine.png**" for text in page.markdown)
    box = charts(page)["One image, many thinned networks"]["data"][0]
    assert len(numbers(box["x"])) == 50


def test_ridge_and_dropout_agree_within_their_spread(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout("As ridge regression")
    formula, measured, _ = page.metric[:3]
    spread = float(measured.delta.split()[1])
    # Both are rounded to a tenth of a thousandth.
    assert float(formula.value) == pytest.approx(float(measured.value), abs=4 * spread + 1e-4)
    assert "Weight for weight" in charts(page)


def test_ridge_at_rate_zero_says_what_to_move(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout("As ridge regression", rate="0")
    assert "above 0" in page.info[0].value


def test_dropout_after_the_blocks_is_averaged_too(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = dropout("One network or many", rate="0", **{"block-rate": "0.4"})
    assert not page.exception and not page.error
    assert "rate 0.4 (convolution)" in captions(page)
    assert table(page)["Disagreement"][1] != "0.0% ± 0.0%"


def test_the_link_goes_on_to_the_layers(
    dropout: Callable[..., AppTest], trained: Callable[..., str]
):
    run_id = trained()
    page = dropout()
    links = {link.proto.label: link.proto for link in page.get("page_link")}
    assert f"run={run_id}" in links["The layers"].query_string
