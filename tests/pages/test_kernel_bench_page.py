"""/kernel-bench through app.py: a kernel by hand, in the place of a learned one, and ablation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from core.data import load, split
from core.inside.layers import load_network
from pages.shared import state
from tests.pages.conftest import SMALL

PAGE = "interpretation/kernel_bench"
PLACE, OFF = "In the place of a learned one", "Ablation"


def whole(page: AppTest) -> AppTest:
    """The page, after a look whether anything went wrong, and everything has words for it."""
    assert not page.exception and not page.error and not page.warning
    for element in [*page.get("plotly_chart"), *page.dataframe]:
        assert element.proto.alt
    return page


def figures(page: AppTest) -> dict[str, dict]:
    charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {chart["layout"]["title"]["text"].split("<br>")[0]: chart for chart in charts}


def texts(page: AppTest) -> str:
    return " ".join(one.value for one in [*page.caption, *page.info, *page.markdown])


def cards(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


@pytest.fixture(scope="module")
def validation() -> tuple[np.ndarray, np.ndarray]:
    parts = split(load("digits"), SMALL.data, SMALL.optimisation.seed)
    return parts.validation_images, parts.validation_labels


def accuracy(model: keras.Model, validation: tuple[np.ndarray, np.ndarray]) -> float:
    images, labels = validation
    return float((model.predict(images, verbose=0).argmax(axis=1) == labels).mean())


def test_without_any_run_the_default_network_is_offered(visit: Callable[..., AppTest]) -> None:
    page = visit(PAGE)
    assert not page.exception
    assert "Train the default network" in [button.label for button in page.button]


def test_the_first_look_is_sobel_on_a_digit_with_what_its_sum_means(
    visit: Callable[..., AppTest], trained: Callable[..., str]
) -> None:
    trained()
    page = whole(visit(PAGE))
    kept = page.session_state[f"{state.HAND_KERNEL} 3x3"]["cells"]
    np.testing.assert_array_equal(kept.astype(float), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    assert "Its response" in figures(page)
    assert "The sum is 0: flat gray gives 0" in texts(page)


def test_another_size_and_a_learned_kernel_are_other_starts(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
) -> None:
    trained()
    page = visit(PAGE, layer="conv_2")
    size = next(one for one in page.button_group if one.label == "Size")
    whole(size.set_value("5x5").run())
    assert page.session_state[f"{state.HAND_KERNEL} 5x5"]["cells"].shape == (5, 5)
    whole(page.button_group(key=state.HAND_BEGIN).set_value("learned").run())
    whole(page.selectbox(key=f"{state.HAND_FILTER} conv_2").set_value(5).run())
    kernel = np.asarray(load_network(network_files / "best.keras").get_layer("conv_2").kernel)
    np.testing.assert_allclose(
        page.session_state[f"{state.HAND_KERNEL} 3x3"]["cells"].astype(float),
        kernel[:, :, 0, 5],
        atol=1e-4,
    )


def test_a_number_that_cannot_be_taken_is_refused_in_words(
    visit: Callable[..., AppTest], trained: Callable[..., str]
) -> None:
    trained()
    page = visit(PAGE)
    kept = page.session_state[f"{state.HAND_KERNEL} 3x3"]
    for text, received in ((None, "an empty cell"), ("1e30", "1e+30"), ("a", "“a”")):
        kept["shown"] = np.where(np.eye(3) > 0, text, kept["shown"])
        page.run()
        assert not page.exception
        assert f"Received: {received} in row 0, column 0" in page.error[0].value


def with_cell(page: AppTest, text: str) -> AppTest:
    """The page after the first number of the kernel was written over."""
    kept = page.session_state[f"{state.HAND_KERNEL} 3x3"]
    kept["shown"] = np.where(np.arange(9).reshape(3, 3) == 0, text, kept["shown"])
    return page.run()


def sides(page: AppTest) -> list[Block]:
    """The left and the right half: grid and message, and what comes of them."""
    return [column for column in page.columns if column.weight in (0.4, 0.6)][:2]


def test_beside_a_wrong_number_the_image_and_its_controls_stay_and_the_response_is_awaited(
    visit: Callable[..., AppTest], trained: Callable[..., str]
) -> None:
    trained()
    page = visit(PAGE)
    before = sides(page)[1]
    controls = [group.label for group in before.button_group]
    assert controls and len(before.get("image")) == 1
    left, right = sides(with_cell(page, "1e30"))
    assert "Received: 1e+30" in left.error[0].value and len(page.error) == 1
    assert [group.label for group in right.button_group] == controls
    assert len(right.get("image")) == 1
    assert "The response comes once the numbers of the kernel are right" in right.info[0].value
    assert "Its response" not in figures(page) and not left.info

    whole(with_cell(page, "5"))
    assert "Its response" in figures(page) and "The sum is 6" in texts(page)


def test_beside_a_wrong_number_the_place_can_be_chosen_and_the_answers_are_awaited(
    visit: Callable[..., AppTest], trained: Callable[..., str]
) -> None:
    trained()
    page = with_cell(visit(PAGE, **{state.BENCH_VIEW: PLACE}, layer="conv_1"), "1e30")
    left, right = sides(page)
    assert "Received: 1e+30" in left.error[0].value and len(page.error) == 1
    assert "Replace filter" in [box.label for box in right.selectbox]
    assert right.toggle(key=state.SAME_NORM).value
    assert "once the numbers of the kernel are right" in right.info[0].value
    assert [title.split(" ")[0] for title in figures(page)] == ["Learned"]
    assert not page.metric


def test_in_the_place_of_a_learned_one_the_accuracy_is_that_of_keras_with_it(
    visit: Callable[..., AppTest],
    trained: Callable[..., str],
    network_files: Path,
    validation: tuple[np.ndarray, np.ndarray],
) -> None:
    trained()
    page = whole(visit(PAGE, **{state.BENCH_VIEW: PLACE}, layer="conv_1", kernel="2"))
    model = load_network(network_files / "best.keras")
    assert cards(page)["Accuracy before"] == f"{accuracy(model, validation):.1%}"
    layer = model.get_layer("conv_1")
    kernel = np.asarray(layer.kernel).copy()
    sobel = np.outer([1, 2, 1], [-1, 0, 1]) / np.sqrt(12)
    kernel[:, :, 0, 2] = sobel * np.linalg.norm(kernel[:, :, 0, 2])
    layer.kernel.assign(kernel)
    assert cards(page)["Accuracy after"] == f"{accuracy(model, validation):.1%}"
    assert "scaled to the norm of what was learned" in texts(page)
    assert f"all {len(validation[1]):,} validation images, dropout off" in texts(page)
    assert "Which classes suffer" in figures(page)


def test_a_learned_kernel_in_its_own_place_changes_nothing(
    visit: Callable[..., AppTest], trained: Callable[..., str]
) -> None:
    trained()
    page = visit(PAGE, **{state.BENCH_VIEW: PLACE}, layer="conv_1", kernel="0")
    page.button_group(key=state.HAND_BEGIN).set_value("learned").run()
    whole(page)
    assert "Nothing changed: every probability is the same, bit for bit." in texts(page)
    assert cards(page)["Accuracy lost"] == "0.0%"


def test_each_filter_off_stands_with_the_accuracy_that_keras_loses(
    visit: Callable[..., AppTest],
    trained: Callable[..., str],
    network_files: Path,
    validation: tuple[np.ndarray, np.ndarray],
) -> None:
    trained()
    page = whole(visit(PAGE, **{state.BENCH_VIEW: OFF}, layer="conv_1"))
    model = load_network(network_files / "best.keras")
    layer, before = model.get_layer("conv_1"), accuracy(model, validation)
    learned = layer.get_weights()
    lost = {}
    for number in range(4):
        kernel, bias = (array.copy() for array in learned)
        kernel[..., number], bias[number] = 0, 0
        layer.set_weights([kernel, bias])
        lost[str(number)] = before - accuracy(model, validation)
    drawn = figures(page)["Accuracy lost without each filter"]["data"][0]
    shown = dict(zip(drawn["x"], drawn["y"], strict=True))
    assert shown == pytest.approx(lost)
    assert list(drawn["y"]) == sorted(drawn["y"], reverse=True)


def test_filters_off_together_go_from_all_on_to_all_off_in_three_orders(
    visit: Callable[..., AppTest],
    trained: Callable[..., str],
    network_files: Path,
    validation: tuple[np.ndarray, np.ndarray],
) -> None:
    trained()
    page = whole(visit(PAGE, **{state.BENCH_VIEW: OFF}, layer="conv_1"))
    model = load_network(network_files / "best.keras")
    before = accuracy(model, validation)
    layer = model.get_layer("conv_1")
    layer.set_weights([np.zeros_like(array) for array in layer.get_weights()])
    after = accuracy(model, validation)
    lines = [
        line
        for line in figures(page)["Accuracy as filters are switched off together"]["data"]
        if "mode" in line
    ]
    assert {line["name"] for line in lines} == {"by drop", "by norm", "in random order (mean)"}
    for line in lines:
        ends = np.array(_numbers(line["y"]))[[0, -1]]
        np.testing.assert_allclose(ends, [before, after], atol=1e-6)
    assert "Spearman" in texts(page) or "rank correlation" in texts(page)


def _numbers(sent: list | dict) -> list[float]:
    import base64

    if isinstance(sent, list):
        return sent
    return np.frombuffer(base64.b64decode(sent["bdata"]), sent["dtype"]).tolist()


def test_picked_filters_are_off_together_and_none_is_asked_for(
    visit: Callable[..., AppTest], trained: Callable[..., str]
) -> None:
    trained()
    page = whole(visit(PAGE, **{state.BENCH_VIEW: OFF}, layer="conv_1"))
    assert "One by one they cost" in texts(page)
    whole(page.multiselect(key=f"{state.SWITCHED_OFF} conv_1").set_value([]).run())
    assert "Pick filters" in texts(page) and not page.metric


def test_the_run_of_the_person_is_never_changed(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
) -> None:
    run = trained()
    whole(visit(PAGE, **{state.BENCH_VIEW: PLACE}, layer="conv_1"))
    page = whole(visit(PAGE, **{state.BENCH_VIEW: OFF}, layer="conv_1"))
    page.switch_page("pages/interpretation/kernels.py").run()
    stored = state.library().file(run, "best.keras")
    assert stored.read_bytes() == (network_files / "best.keras").read_bytes()
