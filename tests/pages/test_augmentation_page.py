"""/augmentation through app.py: draws, mixed images, and what label smoothing did."""

from __future__ import annotations

import functools
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.augmentation.draws import drawn
from core.augmentation.mixing import two_classes
from core.augmentation.smoothing_pair import with_smoothing
from core.data import load, split
from core.inside.layers import load_network
from core.predictions.quality import Answers, calibration
from core.runs import Epoch, State
from core.settings import AugmentationSettings, Settings, to_mapping
from pages.shared import augmentation_views, state
from tests.pages.conftest import SMALL

PAGE = "regularization/augmentation"
EPOCH = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)


def charts(page: AppTest) -> dict[str, dict]:
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {figure["layout"]["title"]["text"].split("<br>")[0]: figure for figure in figures}


def pictures(page: AppTest) -> list[Any]:
    return [image for element in page.get("image") for image in element.proto.imgs]


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.caption))


def slider(page: AppTest, label: str) -> Any:
    return next(one for one in page.slider if one.label == label)


@pytest.fixture
def stored(home: Path, network_files: Path) -> Callable[[Settings], str]:
    """Put a run with these settings into the library, with an untrained network; gives its id."""

    def stored(settings: Settings, best: str = "best.keras") -> str:
        library = state.library()
        run = library.create(settings)
        library.start(run.id)
        library.record_epoch(run.id, EPOCH, [1, 2, 3], [0, 0, 1])
        library.record_best(run.id, 1, 1.875, 0.375)
        for file in ("best.keras", "last.keras"):
            library.store_file(
                run.id, file, functools.partial(shutil.copy, network_files / (best or file))
            )
        library.finish(run.id, State.FINISHED, "Finished all 1 epochs.", 1.5, 0.5, 300)
        return run.id

    return stored


def test_without_a_run_one_can_be_trained_here(visit: Callable[..., AppTest]):
    page = visit(PAGE)
    assert not page.exception
    assert [button.label for button in page.button] == ["Train the default network"]


def test_the_draws_are_those_of_a_usual_choice_where_the_run_had_none(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    """How many keep the answer, computed beside the page."""
    trained()
    page = visit(PAGE)
    assert not page.exception and not page.error
    assert (slider(page, "Shift").value, slider(page, "Rotation").value) == (0.1, 15.0)
    image = split(load("digits"), SMALL.data, 1).validation_images[0]
    draws = drawn(image, AugmentationSettings(shift=0.1, rotation=15.0, zoom=0.1), 1, 24)
    model = load_network(network_files / "best.keras")
    plain = model.predict(image[np.newaxis], verbose=0)[0]
    answers = model.predict(draws, verbose=0).argmax(axis=1)
    kept = int((answers == plain.argmax()).sum())
    assert f"calls the image as it is “{plain.argmax()}”, {plain.max():.1%} sure" in words(page)
    assert f"**{kept} of 24** draws" in words(page)


def test_without_any_strength_every_draw_is_the_image(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE)
    for label in ("Shift", "Rotation", "Zoom"):
        slider(page, label).set_value(0.0)
    page.run()
    assert "**24 of 24** draws" in words(page)


def test_a_run_s_own_augmentation_comes_first(
    visit: Callable[..., AppTest], stored: Callable[..., str]
):
    own = AugmentationSettings(cutout=0.5, flip="vertical", mixup=1.0)
    stored(replace(SMALL, augmentation=own))
    page = visit(PAGE)
    assert (slider(page, "Cutout").value, slider(page, "Shift").value) == (0.5, 0.0)
    assert "begin where this run stood" in words(page)
    assert not page.get("page_link") or "Train with these settings" not in [
        link.proto.label for link in page.get("page_link")
    ]


def test_what_was_tried_goes_on_to_the_page_train(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE)
    slider(page, "Cutout").set_value(0.5).run()
    (link,) = [one for one in page.get("page_link") if one.proto.label.startswith("Train with")]
    said = dict(pair.split("=") for pair in link.proto.query_string.lstrip("?").split("&"))
    assert said == {
        "dataset": "digits",
        "filters": "4",
        "shift": "0.1",
        "rotation": "15.0",
        "zoom": "0.1",
        "cutout": "0.5",
    }


def test_draw_again_draws_other_images_and_the_same_again_on_a_new_visit(
    visit: Callable[..., AppTest], trained: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    """The seed is the run's own, and moves with the button alone."""
    import core.augmentation.draws

    seeds = []

    def noted(image: Any, settings: Any, seed: int, count: int) -> Any:
        seeds.append(seed)
        return drawn(image, settings, seed, count)

    monkeypatch.setattr(core.augmentation.draws, "drawn", noted)
    trained()
    page = visit(PAGE)
    page.button(key="draw image").click().run()
    slider(page, "Shift").set_value(0.2).run()
    visit(PAGE)
    assert seeds == [1, 1001, 1001, 1]


def test_a_pair_is_mixed_by_the_slider_s_share(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, altered="Mixup and CutMix")
    assert not page.exception and not page.error
    slider(page, "Share of the first image").set_value(0.75).run()
    label, answer = charts(page)["Mixup: label and answer"]["data"]
    assert sorted(label["y"])[-2:] == [0.25, 0.75]
    assert sum(answer["y"]) == pytest.approx(1, abs=1e-5)
    # A quarter of 8x8 pixels is a square of 4x4.
    assert sorted(charts(page)["CutMix: label and answer"]["data"][0]["y"])[-2:] == [0.25, 0.75]
    assert "training accuracy counts an image as right" in words(page)


def test_a_second_image_that_is_chosen_is_mixed_in_and_stands_in_the_link(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    data = split(load("digits"), SMALL.data, SMALL.optimisation.seed)
    eights = np.flatnonzero(data.training_labels == 8)
    first, drawn_second = two_classes(data.training_labels, SMALL.optimisation.seed)
    page = visit(PAGE, altered="Mixup and CutMix")
    box = page.selectbox(key="choose second")
    assert box.value == "chance" and page.query_params["second"] == "chance"
    captions = [picture.caption for picture in pictures(page)]
    assert f"Second: “{data.training_labels[drawn_second]}”" in captions
    of_chance = pictures(page)[1].url
    box.set_value("8-3").run()
    assert not page.exception and not page.error and page.query_params["second"] == "8-3"
    by_hand = {picture.caption.split(":")[0]: picture for picture in pictures(page)}
    assert by_hand["Second"].caption == "Second: “8”"
    assert by_hand["Second"].url != of_chance
    label = charts(page)["Mixup: label and answer"]["data"][0]["y"]
    shares = np.zeros(10)
    shares[data.training_labels[first]] += 0.7
    shares[8] += 0.3
    assert label == pytest.approx(list(shares))
    again = visit(PAGE, altered="Mixup and CutMix", second="8-3")
    assert pictures(again)[1].url == by_hand["Second"].url
    # The chosen image is that one of its class, and stays when the first one is drawn again.
    assert len(eights) >= 3
    again.button(key="draw pair").click().run()
    assert pictures(again)[1].url == by_hand["Second"].url
    assert pictures(again)[0].url != by_hand["First"].url


def test_a_second_image_that_the_run_has_not_gives_way_to_chance(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, altered="Mixup and CutMix", second="8-7000")
    assert not page.exception and not page.error and page.query_params["second"] == "chance"


def test_labels_that_are_wrong_on_purpose_are_said_to_be(
    visit: Callable[..., AppTest], stored: Callable[[Settings], str]
):
    """At 0.9, nine of ten images are told as another class than they are of."""
    settings = replace(SMALL, data=replace(SMALL.data, wrong_labels=0.9))
    data = split(load("digits"), settings.data, settings.optimisation.seed)
    stored(settings)
    page = visit(PAGE, altered="Mixup and CutMix")
    assert not page.exception and not page.error
    first, second = two_classes(data.training_labels, settings.optimisation.seed)
    captions = [picture.caption for picture in pictures(page)]
    assert data.training_is_wrong[[first, second]].any()
    for title, number in (("First", first), ("Second", second)):
        told = f"{title}: “{data.training_labels[number]}”"
        if data.training_is_wrong[number]:
            told += f", wrong on purpose (“{data.true_training_labels[number]}”)"
        assert told in captions
    assert "are wrong on purpose in this run" in words(page)


def test_a_batch_is_mixed_by_an_example_where_the_run_had_none(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, altered="Mixup and CutMix")
    chosen = {one.label: one.value for one in page.get("button_group")}
    assert (chosen["Mixup: alpha"], chosen["CutMix: alpha"]) == (0.4, 0.0)


@pytest.mark.parametrize("smoothing", [0.1, 0.3])
def test_the_smoothed_label_and_its_gap_follow_the_slider(
    visit: Callable[..., AppTest], trained: Callable[..., str], smoothing: float
):
    trained()
    page = visit(PAGE, altered="Label smoothing")
    assert not page.exception and not page.error
    slider(page, "Label smoothing").set_value(smoothing).run()
    (bars,) = charts(page)["The label of “0”"]["data"]
    assert sum(bars["y"]) == pytest.approx(1)
    assert bars["y"][0] == pytest.approx(1 - smoothing * 0.9)
    gap = math.log((1 - smoothing * 0.9) / (smoothing / 10))
    assert f"**{gap:.2f}**: beyond that, being surer costs" in words(page)


def test_no_smoothing_asks_for_no_gap_that_could_be_reached(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, altered="Label smoothing")
    slider(page, "Label smoothing").set_value(0.0).run()
    assert not page.exception
    assert "has no end" in words(page)


def test_one_button_trains_what_the_comparison_lacks(
    visit: Callable[..., AppTest], stored: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    queued: list[Settings] = []
    run_id = stored(SMALL)
    monkeypatch.setattr(
        type(state.training_queue()), "submit", lambda queue, settings: queued.append(settings)
    )
    page = visit(PAGE, altered="Label smoothing", run=run_id)
    button = page.button(key="train pair")
    assert button.label == "Train it with smoothing 0.1"
    button.click().run()
    assert queued == [with_smoothing(SMALL, 0.1)]


def test_two_runs_that_differ_by_smoothing_are_compared(
    visit: Callable[..., AppTest], stored: Callable[..., str], network_files: Path
):
    """Calibration and gaps, computed beside the page from what Keras predicts."""
    stored(SMALL)
    stored(with_smoothing(SMALL, 0.2))
    page = visit(PAGE, altered="Label smoothing")
    assert not page.exception and not page.error
    assert "train pair" not in [button.key for button in page.button]
    table = page.dataframe[0].value
    data = split(load("digits"), SMALL.data, 1)
    said = load_network(network_files / "best.keras").predict(data.validation_images, verbose=0)
    error = calibration(Answers(said, data.validation_labels)).error
    assert table["Expected calibration error"].tolist() == [f"{error:.1%}"] * 2
    logits = np.log(said)
    right = logits[np.arange(300), data.validation_labels]
    gaps = right - (logits.sum(axis=1) - right) / 9
    expected = f"{gaps.mean():.2f} ± {gaps.std():.2f}"
    assert table["Gap between logits (mean ± standard deviation)"].tolist() == [expected] * 2
    histogram = charts(page)["Gap between the logits"]
    assert [sum(trace["y"]) for trace in histogram["data"]] == [300, 300]
    assert histogram["layout"]["shapes"][0]["x0"] == pytest.approx(math.log(0.82 / 0.02))


def test_every_picture_and_chart_has_words_in_its_place(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    for view in ("Altered images", "Mixup and CutMix", "Label smoothing"):
        page = visit(PAGE, altered=view)
        assert not page.exception
        assert bool(pictures(page)) == (view != "Label smoothing")
        assert all(image.alt for image in pictures(page))
        assert all(chart.proto.alt for chart in page.get("plotly_chart"))


def test_the_example_is_one_that_can_be_trained():
    assert set(augmentation_views.EXAMPLE) <= set(to_mapping(Settings()))
