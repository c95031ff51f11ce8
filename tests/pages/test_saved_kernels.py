"""The files of the kernels page hold what each view shows, held against computations of our own."""

from __future__ import annotations

import functools
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.inside.kernel_chance import chance
from core.inside.layers import kernels_of, load_network
from pages.shared import state
from tests.pages.recorded import record
from tests.pages.saved import Files, arrays, charts_to_save, table

Open = Callable[..., AppTest]


@pytest.fixture
def look(visit: Open) -> Open:
    """Open a view of the kernels of the stored run, as ``look("Two runs", layer="conv_2")``."""

    def look(view: str, **link: str) -> AppTest:
        page = visit("interpretation/kernels", **{"kernel-view": view}, **link)
        assert not page.exception and not page.error
        return page

    return look


@pytest.fixture(scope="module")
def kernels(network_files: Path) -> np.ndarray:
    """Those of conv_2 in the best weights: (3, 3, 4, 8)."""
    return kernels_of(load_network(network_files / "best.keras"), "conv_2")[0]


def test_the_weights_by_epoch_and_both_curves_are_saved(
    look: Open, trained: Callable[..., str], saved: Files, network_files: Path
):
    history = record(trained(), network_files / "best.keras")
    page = look("How they formed", layer="conv_2")
    found = arrays(saved, "conv_2-by-epoch")
    kernels = history.kernels["conv_2"]
    np.testing.assert_array_equal(found["kernels"], kernels)
    np.testing.assert_array_equal(found["bias"], history.others["conv_2"]["bias"])
    assert found["epochs"].tolist() == found["distances_epoch"].tolist() == [0, 1, 2, 3]
    ways = np.linalg.norm((kernels - kernels[0]).reshape(4, -1, 8), axis=1)
    ways /= np.linalg.norm(kernels[0].reshape(-1, 8), axis=0)
    rows = table(saved, "conv_2-by-epoch-distances")
    for row, way in zip(rows, ways, strict=True):
        np.testing.assert_allclose([float(row[f"filter_{n}"]) for n in range(8)], way, rtol=1e-5)
        assert float(row["median"]) == pytest.approx(np.median(way), rel=1e-5)
    (epoch,) = table(saved, "conv_2-by-epoch-losses")  # that which the stored run has
    assert epoch == {"epoch": "1", "validation_loss": "1.875", "training_loss": "1.75"}
    assert "layer conv_2, weights after 4 recorded epochs" in str(found["about"])
    assert "best weights" not in str(found["about"])
    page.selectbox(key="save formation alone").set_value("kernels").run()
    (name,) = (name for name in saved if name.endswith("conv_2-by-epoch-kernels.npy"))
    np.testing.assert_array_equal(np.load(io.BytesIO(saved[name]())), kernels)


def test_what_a_kernel_is_is_saved_with_its_p_values(
    look: Open, trained: Callable[..., str], saved: Files, kernels: np.ndarray
):
    trained()
    look("What a kernel is", layer="conv_2", kernel="3")
    view = "conv_2-filter-3-channel-0"
    found, kernel = arrays(saved, view), kernels[:, :, 0, 3].astype(np.float64)
    np.testing.assert_array_equal(found["kernel"], kernels[:, :, 0, 3])
    rows = {row["property"]: row for row in table(saved, f"{view}-properties")}
    value = {name: float(row["value"]) for name, row in rows.items()}
    energies = np.linalg.svd(kernel, compute_uv=False) ** 2
    norm = np.linalg.norm(kernel)
    assert value["norm"] == pytest.approx(norm) and value["sum"] == pytest.approx(kernel.sum())
    assert value["rank_one"] == pytest.approx(energies[0] / energies.sum())
    assert value["half_turn"] == pytest.approx((kernel * kernel[::-1, ::-1]).sum() / norm**2)
    random = chance(3, 3)
    fewer = (random.variance <= value["circular_variance"]).sum()
    above = (random.separability >= value["rank_one"]).sum()
    assert float(rows["circular_variance"]["p"]) == pytest.approx((1 + fewer) / 40_001)
    assert float(rows["rank_one"]["p"]) == pytest.approx((1 + above) / 40_001)
    assert float(rows["circular_variance"]["random_mean"]) == pytest.approx(0.885, abs=0.001)
    assert rows["norm"]["p"] == "nan"
    alike = {row["classic"]: float(row["similarity"]) for row in table(saved, f"{view}-likenesses")}
    assert alike["Identity"] == pytest.approx(abs(kernel[1, 1]) / norm)
    assert alike["Blur"] == pytest.approx(abs(kernel.sum()) / (3 * norm))
    # One wave by hand: a quarter of a cycle per pixel across, an eighth upwards.
    across, up = np.meshgrid(np.arange(3), -np.arange(3))
    answer = abs((kernel * np.exp(-2j * np.pi * (across / 4 + up / 8))).sum())
    places = found["frequencies"].tolist()
    drawn = found["frequency_response"][places.index(0.125), places.index(0.25)]
    assert drawn == pytest.approx(answer)


def test_the_layer_as_a_whole_is_saved_kernel_by_kernel_and_filter_by_filter(
    look: Open, trained: Callable[..., str], saved: Files, kernels: np.ndarray
):
    trained()
    page = look("The layer as a whole", layer="conv_2")
    page.slider(key="nearly the same").set_value(0.5).run()
    found = arrays(saved, "conv_2-whole")
    matrix = kernels.reshape(-1, 8).astype(np.float64)
    norms = np.linalg.norm(matrix, axis=0)
    cosines = (matrix.T @ matrix) / np.outer(norms, norms)
    order = found["cosines_filters"]
    np.testing.assert_allclose(found["cosines"], cosines[np.ix_(order, order)], atol=1e-9)
    np.testing.assert_allclose(found["filters_norm"], norms)
    singular = [float(row["value"]) for row in table(saved, "conv_2-whole-singular-values")]
    np.testing.assert_allclose(singular, np.linalg.svd(matrix, compute_uv=False))
    group = np.array([int(row["group"]) for row in table(saved, "conv_2-whole-filters")])
    for number in range(8):
        for other in np.flatnonzero((group == group[number]) & (group[number] >= 0)):
            assert cosines[number, other] >= 0.5 - 1e-6
    rows = {(int(r["filter"]), int(r["channel"])): r for r in table(saved, "conv_2-whole-kernels")}
    shown = page.dataframe[0].value
    assert len(rows) == len(shown) == 32
    for _, line in shown.iterrows():
        row = rows[line["Filter"], line["Channel"]]
        assert row["nearest"] == line["Nearest"]
        assert float(row["p_pattern"]) == line["p (pattern)"]
        assert float(row["circular_variance"]) == line["Circular variance"]
    assert found["kinds_kernels"].sum() == 32
    assert "cosine of 0.50 on" in str(found["about"]) and "all 32 kernels" in str(found["about"])


def test_two_runs_are_saved_as_a_and_b(
    look: Open, trained: Callable[..., str], saved: Files, network_files: Path, kernels: np.ndarray
):
    other = trained("With L2")
    # In it every kernel is 1 everywhere.
    write = functools.partial(shutil.copy, network_files / "last.keras")
    state.library().store_file(other, "best.keras", write)
    trained()
    page = look("Two runs", layer="conv_2", beside=other)
    view = f"conv_2-beside-{other}"
    found = arrays(saved, view)
    np.testing.assert_array_equal(found["kernels_a"], kernels)
    np.testing.assert_array_equal(found["kernels_b"], np.ones_like(kernels))
    np.testing.assert_allclose(found["cosines_b"], np.ones((8, 8)))
    rows = table(saved, f"{view}-singular-values")
    values = {run: [float(r["value"]) for r in rows if r["run"] == run] for run in "ab"}
    np.testing.assert_allclose(
        values["a"], np.linalg.svd(kernels.reshape(-1, 8), compute_uv=False), rtol=1e-5
    )
    # One direction: the root of 36 weights times 8 filters, and nothing else.
    np.testing.assert_allclose(values["b"], [288**0.5, *[0] * 7], atol=1e-6)
    table_of_page = page.table[0].value
    assert [row["b"] for row in table(saved, f"{view}-figures")] == table_of_page[
        "With L2"
    ].tolist()
    assert len(table(saved, f"{view}-kernels")) == 2 * 32
    assert f"run b is Run 'With L2' ({other})" in str(found["about"])


@pytest.mark.parametrize(
    ("page", "image"),
    [("kernels", ""), ("responses", ", image: Sample 0 of Digits 8x8 (built in): “7”")],
)
def test_the_charts_of_a_page_are_saved_under_its_name_with_a_sentence_inside(
    visit: Open, trained: Callable[..., str], page: str, image: str
):
    run = trained()
    sent = charts_to_save(visit(f"interpretation/{page}"))
    assert sent["stem"] == f"{run}-{page}" and sent["url"].endswith("plotly.min.js")
    about = f"Run 'My run' ({run}), best weights (epoch 1), dropout off, layer conv_1{image}."
    assert sent["about"] == about
