"""/batch-normalization through app.py: ways out without one, four views, a model that is kept."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import load, split
from core.runs import Epoch, State
from core.settings import RegularizationSettings, Settings, from_mapping
from pages.shared import state

PAGE = "regularization/batch_normalization"
NORMALIZED = from_mapping(
    {
        "dataset": "digits",
        "training_images": 100,
        "filters": 4,
        "dense_units": 16,
        "normalization": "batch",
        "dropout_convolution": 0.5,
    }
)


@pytest.fixture(scope="session")
def normalized_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Networks fresh from their seed, by what is ahead of their normalization."""
    from core.model import build_network

    folder = tmp_path_factory.mktemp("normalized")
    found = {}
    for name, settings in {"dropout": NORMALIZED, "nothing": without_dropout()}.items():
        found[name] = folder / f"{name}.keras"
        build_network(settings, (8, 8, 1), 10).save(found[name])
    return found


def without_dropout() -> Settings:
    part = dataclasses.replace(NORMALIZED.regularization, dropout_convolution=0.0)
    return dataclasses.replace(NORMALIZED, regularization=part)


@pytest.fixture
def normalized(home: Path, normalized_files: dict[str, Path]) -> Callable[..., str]:
    """Put a finished run with normalization into the library; gives its id."""

    def normalized(ahead: str = "dropout") -> str:
        library = state.library()
        run = library.create(NORMALIZED if ahead == "dropout" else without_dropout())
        library.start(run.id)
        epoch = Epoch(1, 4, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)
        library.record_epoch(run.id, epoch, [1, 2, 3, 4], [0, 0, 1, 1])
        library.record_best(run.id, 1, 1.875, 0.375)
        for file in ("best.keras", "last.keras"):
            write = functools.partial(shutil.copy, normalized_files[ahead])
            library.store_file(run.id, file, write)
        library.finish(run.id, State.FINISHED, "Finished all 1 epochs.", 1.5, 0.5, 300)
        return run.id

    return normalized


def charts(page: AppTest) -> dict[str, dict]:
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {figure["layout"]["title"]["text"].split("<br>")[0]: figure for figure in figures}


def numbers(values: object) -> np.ndarray:
    """What Plotly packs into base64, or leaves as a list."""
    if isinstance(values, dict):
        import base64

        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return np.array(values)


def sound(page: AppTest) -> bool:
    return not page.exception and not page.error


def end(run_id: str) -> None:
    state.training_queue().stop(run_id)
    state.training_queue().wait(run_id, 120)


def test_without_a_run_it_offers_the_default_network_with_normalization(
    visit: Callable[..., AppTest],
):
    page = visit(PAGE)
    assert [button.label for button in page.button] == ["Train a network with batch normalization"]
    page.button[0].click().run()
    (run,) = state.library().runs()
    try:
        assert run.settings == Settings(
            regularization=RegularizationSettings(normalization="batch")
        )
        assert sound(page) and page.query_params["run"] == run.id
    finally:
        end(run.id)


def test_a_run_without_normalization_is_no_dead_end(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    run = state.library().run(trained())
    page = visit(PAGE)
    assert sound(page)
    assert any("has no batch normalization" in text.value for text in page.markdown)
    (button,) = page.button
    assert button.label == "Train the same with batch normalization"
    button.click().run()
    newest = state.library().runs()[0]
    try:
        part = dataclasses.replace(run.settings.regularization, normalization="batch")
        assert newest.settings == dataclasses.replace(run.settings, regularization=part)
        assert page.query_params["run"] == newest.id
    finally:
        end(newest.id)


def test_it_begins_with_a_run_that_has_normalization(
    visit: Callable[..., AppTest], normalized: Callable[..., str], trained: Callable[..., str]
):
    run_id = normalized()
    trained("Newer, without")
    page = visit(PAGE)
    assert sound(page)
    assert page.query_params["run"] == run_id
    assert page.query_params["layer"] == "batch_normalization_dense"


def test_one_channel_shows_before_after_and_every_batch_on_the_sample_that_it_names(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    normalized()
    page = visit(PAGE, layer="batch_normalization_1", channel="2")
    figures = charts(page)
    assert {
        "Before: what reaches the layer",
        "After: what it passes on",
        "Channel 2, batch by batch",
        "Gamma and beta of every channel",
    } == set(figures)
    assert len(numbers(figures["Channel 2, batch by batch"]["data"][1]["x"])) == 3  # and one blue
    (said,) = [text.value for text in page.caption if "training images" in text.value]
    assert "100 training images in 4 batches of 32" in said and "dropout and noise on" in said
    assert list(page.dataframe[0].value["Channel"]) == [0, 1, 2, 3]


def test_the_batch_that_is_chosen_is_the_one_that_stands_out(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    normalized()
    page = visit(PAGE, layer="batch_normalization_1")
    page.slider(key="normalized batch 4").set_value(3).run()
    blue = charts(page)["Channel 0, batch by batch"]["data"][2]
    assert sound(page) and numbers(blue["x"]).tolist() == [3]


def test_a_channel_that_the_next_layer_has_not_is_left_without_a_word(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    normalized()
    page = visit(PAGE, layer="batch_normalization_dense", channel="12")
    page.selectbox(key="choose layer").set_value("batch_normalization_1").run()
    assert sound(page) and not page.info
    assert page.query_params["channel"] == "0"


def test_the_lag_is_the_momentum_to_the_power_of_the_steps(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    normalized()
    page = visit(PAGE, aspect="Moving statistics")
    left = {metric.label: metric.value for metric in page.metric}
    assert left["First values left"] == f"{0.9**4:.1%}"  # four steps were made
    page.select_slider(key="lag momentum 0.9").set_value(0.99).run()
    left = {metric.label: metric.value for metric in page.metric}
    assert sound(page) and left["First values left"] == f"{0.99**4:.1%}"
    assert {"Mean: moving against batches", "Variance: moving against batches"} < set(charts(page))


def test_companions_change_the_batch_and_not_the_group(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    normalized()
    page = visit(PAGE, aspect="Companions", layer="batch_normalization_2")
    assert sound(page)
    batch, group = charts(page)["How much the layer's output changes"]["data"]
    assert list(batch["x"]) == ["2", "4", "8", "16", "32", "64"]
    assert numbers(batch["y"]).min() > 0
    assert numbers(group["y"]).tolist() == [0] * 6
    assert group["name"] == "group normalization, 2 groups"
    page.select_slider(key="company size").set_value(8).run()
    assert sound(page)
    assert len(page.get("image")[-1].proto.imgs) == 7


def test_companions_of_one_class_are_of_that_class_and_as_many_as_there_are(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    normalized()
    page = visit(PAGE, aspect="Companions")
    page.selectbox(key="companions").set_value("3").run()
    labels = split(load("digits"), NORMALIZED.data, NORMALIZED.optimisation.seed)
    threes = int((labels.true_training_labels == 3).sum())
    assert sound(page)
    assert any(f"drawn from {threes} training images of class 3" in c.value for c in page.caption)


def test_the_shift_stands_beside_the_theory(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    normalized()
    page = visit(PAGE, aspect="Variance shift")
    assert sound(page)
    table = page.dataframe[0].value
    assert list(table["Dropout ahead"]) == ["none", "dropout_1", "dropout_2"]
    assert table["Straight behind ReLU"].round(3).tolist() == [1.0, 0.405, 0.405]
    assert "100 training images" in next(
        chart.proto.alt for chart in page.get("plotly_chart") if "over moving" in chart.proto.alt
    )
    page.button_group(key="choose shift part").set_value("validation").run()
    assert "300 validation images" in page.get("plotly_chart")[0].proto.alt
    assert not any("wrong order" in button.label for button in page.button)


def test_without_dropout_ahead_the_wrong_order_is_offered(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    run_id = normalized("nothing")
    page = visit(PAGE, aspect="Variance shift")
    next(one for one in page.button if "wrong order" in one.label).click().run()
    newest = state.library().runs()[0]
    try:
        assert newest.id != run_id and newest.settings == NORMALIZED
    finally:
        end(newest.id)


def test_what_is_offered_and_there_already_is_shown_and_not_trained_again(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    wrong = normalized()
    page = visit(PAGE, aspect="Variance shift", run=normalized("nothing"))
    next(one for one in page.button if one.label == "Look at the run that has it").click().run()
    assert page.query_params["run"] == wrong
    assert len(state.library().runs()) == 2


def test_recalibrating_shows_before_and_after_and_the_model_can_be_kept_and_looked_into(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    run_id = normalized()
    before = state.library().files(run_id)
    page = visit(PAGE, aspect="Variance shift")
    next(one for one in page.button if one.label == "Recalibrate").click().run()
    assert sound(page)
    assert [m.label for m in page.metric[:2]] == ["Accuracy before", "Accuracy after"]
    assert "300 validation images" in page.metric[0].help
    assert any("Statistics from 100 training images" in text.value for text in page.caption)
    next(one for one in page.button if one.label == "Keep as a model").click().run()
    assert sound(page) and "Kept with the run" in page.success[0].value
    after = state.library().files(run_id)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"recalibrated-1.keras"}
    page.button_group(key="choose weights").set_value("recalibrated-1").run()
    assert sound(page)
    # What was recalibrated meets after training just what it was told to expect.
    assert page.dataframe[0].value["Measured"].tolist() == pytest.approx([1, 1, 1], abs=1e-3)
    assert not any(one.label == "Recalibrate" for one in page.button)
    page.switch_page("pages/interpretation/layers.py").run()
    assert sound(page) and page.query_params["weights"] == "recalibrated-1"
    page = visit("learning/train", run=run_id)
    assert "Recalibrated weights (epoch 1)" in [one.label for one in page.download_button]


def test_every_chart_table_and_image_has_a_text_alternative(
    visit: Callable[..., AppTest], normalized: Callable[..., str]
):
    normalized()
    for aspect in ("One channel", "Moving statistics", "Companions", "Variance shift"):
        page = visit(PAGE, aspect=aspect)
        for element in [*page.get("plotly_chart"), *page.dataframe]:
            assert element.proto.alt
