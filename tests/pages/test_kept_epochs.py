"""The whole network after an epoch, on the pages that need the network's answer."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import load, split
from core.library.kept_epochs import kept_file
from core.runs import Epoch, State
from core.settings import Change
from pages.shared import state
from pages.shared.run_picker import open_network
from tests.pages.conftest import SMALL
from tests.pages.recorded import keep, record
from tests.pages.test_recorded_epoch import weights_offered

Visit = Callable[..., AppTest]
Trained = Callable[..., str]
WORD = {"weights": "epoch", "epoch": "2"}


def sound(page: AppTest) -> AppTest:
    assert not page.exception and not page.error
    return page


def said(page: AppTest) -> str:
    return "\n".join(part.value for part in (*page.markdown, *page.caption, *page.info))


def bars(page: AppTest, title: str, axis: str = "x") -> np.ndarray:
    """The probabilities in the chart of that title."""
    for chart in page.get("plotly_chart"):
        figure = json.loads(chart.proto.spec)
        if figure["layout"]["title"]["text"].startswith(title):
            return np.array(figure["data"][0][axis])
    raise AssertionError(title)


def validation() -> tuple[np.ndarray, np.ndarray]:
    parts = split(load("digits"), SMALL.data, SMALL.optimisation.seed)
    return parts.validation_images, parts.validation_labels


def answer(model: keras.Model, image: np.ndarray) -> np.ndarray:
    return np.asarray(model(image[None], training=False))[0]


def test_a_decision_is_that_of_the_network_of_then(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    models = keep(trained(), network_files / "best.keras")
    page = sound(visit("interpretation/decision", **WORD))
    image = validation()[0][0]
    expected = answer(models[2], image)
    np.testing.assert_allclose(bars(page, "What the network says"), expected, atol=1e-5)
    assert np.abs(expected - answer(models[4], image)).max() > 0.01
    assert "weights of epoch 2, dropout off" in said(page)
    assert page.select_slider(key="choose epoch").options == ["0 (first weights)", "2", "4"]
    page.select_slider(key="choose epoch").set_value("4").run()
    sound(page)
    np.testing.assert_allclose(
        bars(page, "What the network says"), answer(models[4], image), atol=1e-5
    )
    assert (page.query_params["weights"], page.query_params["epoch"]) == ("epoch", "4")


def test_what_flows_through_the_layers_ends_in_the_answer_of_then_and_says_the_epoch(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    models = keep(trained(), network_files / "best.keras")
    flow = {state.LAYERS_VIEW: "What flows through"}
    page = sound(visit("interpretation/layers", **WORD, **flow))
    expected = answer(models[2], validation()[0][0])
    np.testing.assert_allclose(bars(page, "The decision", "y"), expected, atol=1e-5)
    assert "The way of this one image, epoch 2, dropout off" in said(page)
    assert any("epoch=2" in link.proto.query_string for link in page.get("page_link"))


def test_the_bench_counts_what_the_network_of_then_gets_right(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    models = keep(trained(), network_files / "best.keras")
    view = {state.BENCH_VIEW: "In the place of a learned one"}
    page = sound(visit("interpretation/kernel_bench", **WORD, **view, layer="conv_1", kernel="2"))
    images, labels = validation()
    right = models[2].predict(images, verbose=0).argmax(axis=1) == labels
    cards = {metric.label: metric.value for metric in page.metric}
    assert cards["Accuracy before"] == f"{right.mean():.1%}"


@pytest.mark.parametrize("epoch", ["0", "2"])
@pytest.mark.parametrize(
    ("page", "views"),
    [
        ("dropout", {state.DROPOUT_VIEW: "Mean and spread"}),
        ("augmentation", {}),
        ("weight_penalties", {state.PENALTY_VIEW: "Small weights"}),
    ],
)
def test_the_other_pages_take_it_too(
    visit: Visit,
    trained: Trained,
    network_files: Path,
    page: str,
    views: dict[str, str],
    epoch: str,
) -> None:
    keep(trained(), network_files / "best.keras")
    shown = sound(visit(f"regularization/{page}", weights="epoch", epoch=epoch, **views))
    assert shown.select_slider(key="choose epoch").value == epoch
    charts = " ".join(chart.proto.spec for chart in shown.get("plotly_chart"))
    words = {
        "dropout": {"0": "epoch 0 (first weights)", "2": "epoch 2"},
        "augmentation": {"0": "(first weights, dropout off)", "2": "(weights after epoch 2, "},
        "weight_penalties": {"0": "first weights", "2": "weights after epoch 2"},
    }
    assert words[page][epoch] in said(shown) + charts
    assert "(best)" not in said(shown) + charts


@pytest.fixture
def normalized(home: Path, network_files: Path, tmp_path: Path) -> str:
    """A run with batch normalization that has kept its network three times."""
    from core.model import build_network

    regularization = dataclasses.replace(
        SMALL.regularization, normalization="batch", dropout_convolution=0.5
    )
    settings = dataclasses.replace(SMALL, regularization=regularization)
    path = tmp_path / "normalized.keras"
    build_network(settings, (8, 8, 1), 10).save(path)
    library = state.library()
    run = library.create(settings)
    library.start(run.id)
    epoch = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)
    library.record_epoch(run.id, epoch, [1, 2, 3], [0, 0, 1])
    library.record_best(run.id, 1, 1.875, 0.375)
    library.store_file(run.id, "best.keras", functools.partial(shutil.copy, path))
    library.finish(run.id, State.FINISHED, "Finished all 1 epochs.", 1.5, 0.5, 300)
    keep(run.id, path)
    return run.id


def test_batch_normalization_of_then_is_shown_and_no_model_of_it_is_offered_to_be_kept(
    visit: Visit, normalized: str
) -> None:
    page = sound(visit("regularization/batch_normalization", **WORD, aspect="Variance shift"))
    assert not any(one.label in ("Recalibrate", "Keep as a model") for one in page.button)
    assert "Shown are the weights after epoch 2. Their statistics are not taken anew" in said(page)
    charts = " ".join(chart.proto.spec for chart in page.get("plotly_chart"))
    assert "images, epoch 2, dropout off" in charts


def test_the_first_weights_of_a_normalization_have_made_no_step(
    visit: Visit, normalized: str
) -> None:
    link = {"weights": "epoch", "epoch": "0", "aspect": "Moving statistics"}
    page = sound(visit("regularization/batch_normalization", **link))
    assert "in the order of epoch 1, with the first weights; training mode" in said(page)
    assert page.select_slider(key="choose epoch").value == "0"


def test_an_epoch_without_the_whole_network_leads_to_the_nearest_and_says_so(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    run_id = trained()
    keep(run_id, network_files / "best.keras")
    record(run_id, network_files / "best.keras", epochs=5)
    page = visit("interpretation/kernels", weights="epoch", epoch="3")
    assert page.select_slider(key="choose epoch").value == "3"
    link = next(one.proto for one in page.get("page_link") if one.proto.page == "layers")
    assert "epoch=3" in link.query_string
    page = sound(visit("interpretation/layers", weights="epoch", epoch="3"))
    assert page.select_slider(key="choose epoch").value == page.query_params["epoch"] == "2"
    (words,) = [one.value for one in page.info if "nearest" in one.value]
    assert "after epochs 0, 2, 4, not after epoch 3. Shown is the nearest: epoch 2." in words


def test_no_epoch_is_offered_whose_file_is_gone_or_that_the_run_has_not_made(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    run_id = trained()
    keep(run_id, network_files / "best.keras", epochs=(0, 2, 4, 9))
    (state.library().folder(run_id) / kept_file(2)).unlink()
    page = sound(visit("interpretation/layers", weights="epoch", epoch="4"))
    assert page.select_slider(key="choose epoch").options == ["0 (first weights)", "4"]


def test_a_damaged_file_is_named_and_other_weights_can_be_chosen(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    run_id = trained()
    keep(run_id, network_files / "best.keras")
    path = state.library().folder(run_id) / kept_file(2)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    page = visit("interpretation/layers", **WORD)
    assert not page.exception
    (error,) = page.error
    assert "epoch-2.npz" in error.value and "changed or damaged" in error.value
    page.button_group(key="choose weights").set_value("best").run()
    sound(page)


def test_a_network_that_is_too_large_says_so(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    run_id = trained()
    record(run_id, network_files / "best.keras")
    state.library().start(run_id, weights=50_000_000)
    state.library().finish(run_id, State.FINISHED, "Finished.", 1.5, 0.5, 300)
    page = sound(visit("interpretation/layers", **WORD))
    assert "After an epoch" not in weights_offered(page)
    assert any("50,000,000 weights, is too large to be kept" in one.value for one in page.info)


def test_what_was_turned_by_then_is_in_force_and_nothing_that_came_later(
    home: Path, trained: Trained, network_files: Path
) -> None:
    run_id = trained()
    keep(run_id, network_files / "best.keras")
    state.library().record_change(run_id, Change("dropout_dense", 0.0, 0.5, 3, 7))
    run = state.library().run(run_id)
    rates = {
        epoch: [layer.rate for layer in network.model.layers if layer.name == "dropout_dense"]
        for epoch in (0, 2, 4)
        if (network := open_network(run, f"epoch-{epoch}", whole=True))
    }
    assert rates == {0: [], 2: [], 4: [0.5]}
