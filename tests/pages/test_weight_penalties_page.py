"""/weight-penalties through app.py: seven views of one run, and of another one beside it."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.inside.kernel_history import GrowingKernels
from core.inside.layers import load_network
from core.runs import Epoch, State
from core.settings import Change, from_mapping, to_mapping
from pages.shared import state
from tests.pages.conftest import SMALL

PAGE = "regularization/weight_penalties"
WITH_L2 = from_mapping({**to_mapping(SMALL), "l2": 0.001})


@pytest.fixture
def penalised(home: Path, network_files: Path) -> Callable[..., str]:
    """Put a finished run with recorded kernels and movements into the library; gives its id.

    With those of the dense layer at each epoch too, if they are given; else as an earlier version.
    """

    def penalised(dense: list[np.ndarray] | None = None) -> str:
        library = state.library()
        run = library.create(WITH_L2, "With L2")
        library.start(run.id)
        epoch = Epoch(1, 3, 1.5, 2.0, 0.25, 0.75, 0.5, 1.875, 0.375, 0.25, 0.001)
        norms = {"conv_1": (3.0, 0.1), "dense": (4.0, 0.1)}
        library.record_epoch(run.id, epoch, [1, 2, 3], [0, 0, 1], norms)
        library.record_best(run.id, 1, 1.875, 0.375)
        for file in ("best.keras", "last.keras"):
            library.store_file(run.id, file, functools.partial(shutil.copy, network_files / file))
        best = load_network(network_files / "best.keras")
        kernels = GrowingKernels()
        for number in range(2 if dense is None else len(dense)):
            kernels.add(
                number,
                {name: np.asarray(best.get_layer(name).kernel) for name in ("conv_1", "conv_2")},
                dense=None if dense is None else {"dense": dense[number]},
            )
        library.store_file(run.id, "kernels.npz", kernels.write)
        library.finish(run.id, State.FINISHED, "Finished all 1 epochs.", 1.5, 0.5, 300)
        return run.id

    return penalised


def whole(page: AppTest) -> AppTest:
    """The page, after a look whether anything on it went wrong."""
    assert not page.exception and not page.error and not page.warning
    return page


def figures(page: AppTest) -> dict[str, dict]:
    charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {chart["layout"]["title"]["text"].split("<br>")[0]: chart for chart in charts}


def texts(page: AppTest) -> str:
    elements = [*page.caption, *page.info, *page.markdown, *page.text]
    return " ".join(element.value for element in elements)


def test_without_any_run_the_default_network_is_offered(visit: Callable[..., AppTest]) -> None:
    page = whole(visit(PAGE))
    assert [button.label for button in page.button] == ["Train the default network"]


def test_where_weights_cost_nothing_the_same_with_a_price_is_trained_at_one_click(
    visit: Callable[..., AppTest], trained: Callable[..., str]
) -> None:
    run_id = trained()
    page = whole(visit(PAGE))
    assert "Weights cost nothing in this run" in texts(page)
    page.button_group(key=state.TWIN).set_value("l1").run()
    page.button(key=state.TRAIN_TWIN).click().run()
    whole(page)
    (twin,) = [run for run in state.library().runs() if run.id != run_id]
    state.training_queue().stop(twin.id)
    assert state.training_queue().wait(twin.id, 60)
    assert twin.settings == from_mapping({**to_mapping(SMALL), "l1": 0.0003})
    assert page.query_params[state.BESIDE] == twin.id
    assert "Weights cost nothing" not in texts(page)


def test_a_run_that_differs_in_its_price_alone_is_laid_beside(
    visit: Callable[..., AppTest], trained: Callable[..., str], penalised: Callable[..., str]
) -> None:
    twin = penalised()
    run_id = trained("Plain")
    page = whole(visit(PAGE, run=run_id))
    assert page.selectbox(key="choose beside").value == twin
    assert "Weights cost nothing" not in texts(page)
    page.selectbox(key="choose beside").set_value("none").run()
    assert "Weights cost nothing" in texts(whole(page))
    # The button knows that there is such a run already, and trains no second one.
    page.button(key=state.TRAIN_TWIN).click().run()
    assert whole(page).selectbox(key="choose beside").value == twin
    assert len(state.library().runs()) == 2


def test_a_run_beside_that_is_gone_leaves_the_page_whole(
    visit: Callable[..., AppTest], penalised: Callable[..., str]
) -> None:
    penalised()
    page = whole(visit(PAGE, beside="20200101-abcdef"))
    assert page.selectbox(key="choose beside").value == "none"


def test_histograms_are_of_the_recorded_kernels_and_say_so(
    visit: Callable[..., AppTest], penalised: Callable[..., str], network_files: Path
) -> None:
    penalised()
    page = whole(visit(PAGE, layer="conv_2"))
    kernel = np.asarray(load_network(network_files / "best.keras").get_layer("conv_2").kernel)
    assert f"Standard deviation of these weights: With L2: {kernel.std():.3g} (epoch 1)" in texts(
        page
    )
    assert "was recorded while the network trained" in texts(page)
    shown = figures(page)["Weights of conv_2"]["data"][0]
    assert sum(shown["y"]) == pytest.approx(1)
    page = whole(visit(PAGE, layer="dense"))
    assert "only convolution layers are" in texts(page)


DENSE = [
    np.random.default_rng(epoch).normal(0, 0.05 * (epoch + 1), (32, 128)).astype(np.float32)
    for epoch in range(5)
]


def test_histograms_of_a_dense_layer_are_of_every_recorded_epoch_and_say_so(
    visit: Callable[..., AppTest], penalised: Callable[..., str]
) -> None:
    penalised(DENSE)
    page = whole(visit(PAGE, layer="dense"))
    chart = figures(page)["Weights of dense over the epochs"]["data"][0]
    assert chart["x"] == ["0", "1", "2", "3", "4"]
    assert "dense was recorded while the network trained" in texts(page)
    assert "only convolution layers are" not in texts(page)
    assert "outermost bins" not in texts(page)
    (slider,) = [one for one in page.select_slider if one.label == "After epoch"]
    assert slider.options == ["0", "1", "2", "3", "4"]
    slider.set_value(2).run()
    spread = DENSE[2].astype(np.float64).std()
    assert f"With L2: {spread:.3g} (epoch 2)" in texts(whole(page))
    shown = figures(page)["Weights of dense"]["data"][0]
    middles = np.array(shown["x"])
    half = (middles[1] - middles[0]) / 2
    edges = [*(middles - half), middles[-1] + half]
    expected = np.histogram(DENSE[2].astype(np.float64), edges)[0] / DENSE[2].size
    np.testing.assert_allclose(shown["y"], expected, rtol=1e-9)


def test_beside_a_run_of_an_earlier_version_the_page_says_which_was_recorded(
    visit: Callable[..., AppTest], penalised: Callable[..., str], trained: Callable[..., str]
) -> None:
    trained("Plain")
    page = whole(visit(PAGE, layer="dense", run=penalised(DENSE)))
    assert "Not so in Plain, of which are shown the best and the last weights" in texts(page)
    one, other = figures(page)["Weights of dense"]["data"]
    assert one["x"] == other["x"]
    assert sum(one["y"]) == pytest.approx(1) and sum(other["y"]) == pytest.approx(1)


def test_the_share_of_small_weights_follows_the_threshold(
    visit: Callable[..., AppTest], penalised: Callable[..., str], network_files: Path
) -> None:
    penalised()
    page = whole(visit(PAGE, **{state.PENALTY_VIEW: "Small weights"}))
    page.select_slider(key=state.THRESHOLD).set_value(0.05).run()
    model = load_network(network_files / "best.keras")
    kernels = [np.asarray(layer.kernel).ravel() for layer in model.layers if layer.weights]
    expected = (np.abs(np.concatenate(kernels)) < np.float32(0.05)).mean()
    assert page.metric[0].value == f"{expected:.1%}"
    bars = figures(page)["Weights smaller than 0.05"]["data"][0]
    assert bars["y"][-1] == pytest.approx(expected)


def test_the_penalty_is_shown_as_a_share_and_as_a_bill_by_layer(
    visit: Callable[..., AppTest], penalised: Callable[..., str]
) -> None:
    """A penalty of 0.25 beside a fair loss of 0.75; norms 3 and 4 at a price of 0.001."""
    penalised()
    page = whole(visit(PAGE, **{state.PENALTY_VIEW: "Share of the loss"}))
    shown = figures(page)
    assert shown["Share of the penalty in the loss"]["data"][0]["y"] == [0.25]
    assert shown["What the weights cost at L2 0.001"]["data"][0]["y"] == pytest.approx([0.025])
    bill = page.dataframe[0].value
    # The file of this test's network was saved without a price.
    assert list(bill["Layer"]) == ["conv_1", "conv_2", "dense", "classes"]
    assert list(bill["Weights"]) == [36, 288, 32 * 128, 1280]
    assert "on 300 training images" in texts(page)


def test_a_penalty_turned_on_in_mid_run_is_on_the_bill_and_no_other_is_offered(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
) -> None:
    """The file of the weights knows nothing of it."""
    run_id = trained()
    state.library().record_change(run_id, Change("l2", 0.0, 0.01, 1, 2))
    page = whole(visit(PAGE, run=run_id, **{state.PENALTY_VIEW: "Share of the loss"}))
    assert "Weights cost nothing" not in texts(page)
    bill = page.dataframe[0].value
    model = load_network(network_files / "best.keras")
    kernels = [np.asarray(layer.kernel, np.float64) for layer in model.layers if layer.weights]
    expected = [0.01 * np.square(kernel).sum() for kernel in kernels]
    assert list(bill["L2 (nats)"]) == pytest.approx(expected)
    assert page.select_slider(key=state.PRICE).value == 0.01


def test_dead_kernels_are_counted_on_all_validation_images(
    visit: Callable[..., AppTest], penalised: Callable[..., str]
) -> None:
    penalised()
    page = whole(visit(PAGE, **{state.PENALTY_VIEW: "Dead kernels"}))
    table = page.dataframe[0].value
    assert list(table["Kernels"]) == ["4 filters", "8 filters", "128 units", "10 units"]
    assert list(table["Shrunk away"]) == [0, 0, 0, 0]
    assert table["Silent"].iloc[-1] == "no ReLU"
    assert "on all 300 validation images" in texts(page)


def test_pruning_shows_the_accuracy_at_the_share_and_all_of_the_curve(
    visit: Callable[..., AppTest], penalised: Callable[..., str]
) -> None:
    penalised()
    page = whole(visit(PAGE, **{state.PENALTY_VIEW: "Pruning"}))
    curve = figures(page)["Accuracy as the smallest weights are set to 0"]["data"][0]
    assert len(curve["x"]) == 15
    page.select_slider(key=state.PRUNED).set_value(1.0).run()
    assert page.metric[0].value == f"{curve['y'][-1]:.1%}"
    assert page.dataframe[0].value["Left of dense"].iloc[0] == 0
    assert "all 300 validation images" in texts(page)


def test_decay_shows_two_weights_and_the_networks_own(
    visit: Callable[..., AppTest], penalised: Callable[..., str]
) -> None:
    penalised()
    page = whole(visit(PAGE, **{state.PENALTY_VIEW: "L2 or weight decay"}))
    page.select_slider(key=state.DECAY_STRENGTH).set_value(0.0).run()
    assert "Closed form (1 - ηλ)^500: 1.000" in texts(whole(page))
    assert {"Two weights that only decay", "The network's own weights"} <= set(figures(page))
    page.button_group(key=state.DECAY_RULE).set_value("sgd").run()
    assert "Plain gradient descent" in texts(whole(page)) + str(figures(page))


def test_without_normalization_a_network_with_it_stands_in_and_that_is_said(
    visit: Callable[..., AppTest], penalised: Callable[..., str]
) -> None:
    penalised()
    page = whole(visit(PAGE, **{state.PENALTY_VIEW: "Before normalization"}))
    assert "at its first weights, untrained" in texts(page)
    page.select_slider(key=state.FACTOR).set_value(4.0).run()
    difference, gradient, rate = whole(page).metric
    assert gradient.delta == "by the law: x 0.25" and rate.delta == "by the law: x 0.0625"
    assert gradient.value.startswith("x 0.2") and rate.value.startswith("x 0.06")
    assert float(difference.value) < 0.05
    assert "first 128 training images as one batch" in texts(page)


@pytest.mark.parametrize(
    "view", ["All weights", "Small weights", "Share of the loss", "Dead kernels"]
)
def test_two_runs_beside_one_another_have_every_chart_described(
    view: str,
    visit: Callable[..., AppTest],
    trained: Callable[..., str],
    penalised: Callable[..., str],
) -> None:
    penalised()
    page = whole(visit(PAGE, run=trained("Plain"), **{state.PENALTY_VIEW: view}))
    elements = [*page.get("plotly_chart"), *page.dataframe]
    assert elements and all(element.proto.alt for element in elements)
    assert "Plain" in elements[0].proto.alt + elements[-1].proto.alt
