"""The weights after any recorded epoch: where they are offered, and why not elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.recorded import record

Visit = Callable[..., AppTest]
Trained = Callable[..., str]


def weights_offered(page: AppTest) -> list[str]:
    return [option.content for option in page.button_group(key="choose weights").proto.options]


def test_the_kernels_after_an_epoch_are_those_recorded_then(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    history = record(trained(), network_files / "best.keras")
    page = visit("interpretation/kernels")
    page.button_group(key="choose weights").set_value("epoch").run()
    assert page.select_slider(key="choose epoch").options == ["0 (first weights)", "1", "2", "3"]
    page.select_slider(key="choose epoch").set_value("2").run()
    assert not page.exception
    assert (page.query_params["weights"], page.query_params["epoch"]) == ("epoch", "2")
    copied = eval(page.code[0].value, {"np": np})
    filter_number = int(page.selectbox(key="choose kernel").value)
    kernel = history.kernels["conv_1"][2][:, :, 0, filter_number]
    np.testing.assert_allclose(copied, kernel, rtol=1e-5)


def test_a_link_leads_to_an_epoch_and_on_to_the_responses_of_it(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    record(trained(), network_files / "best.keras")
    page = visit("interpretation/responses", weights="epoch", epoch="1", layer="conv_2")
    assert not page.exception and not page.error
    assert page.select_slider(key="choose epoch").value == "1"
    assert any("epoch=1" in link.proto.query_string for link in page.get("page_link"))


def test_choosing_the_best_weights_again_takes_the_epoch_out_of_the_link(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    record(trained(), network_files / "best.keras")
    page = visit("interpretation/kernels", weights="epoch", epoch="1")
    page.button_group(key="choose weights").set_value("best").run()
    assert "epoch" not in page.query_params


@pytest.mark.parametrize("page", ["regularization/dropout", "regularization/weight_penalties"])
def test_a_page_that_needs_the_answer_says_why_no_epoch_can_be_had(
    visit: Visit, trained: Trained, network_files: Path, page: str
) -> None:
    record(trained(), network_files / "best.keras")
    shown = visit(page, weights="epoch", epoch="1")
    assert not shown.exception
    assert "After an epoch" not in weights_offered(shown)
    assert any("An earlier version of Learnscope recorded it" in one.value for one in shown.info)


def test_a_run_of_an_earlier_version_has_its_kernels_and_says_that_there_are_no_biases(
    visit: Visit, trained: Trained, network_files: Path
) -> None:
    record(trained(), network_files / "best.keras", biases=False)
    assert "After an epoch" in weights_offered(visit("interpretation/kernels"))
    page = visit("interpretation/responses", weights="epoch", epoch="1")
    assert "After an epoch" not in weights_offered(page)
    assert any("the kernels only" in info.value for info in page.info)


def test_a_run_without_a_record_offers_best_and_last_only(visit: Visit, trained: Trained) -> None:
    trained()
    assert len(weights_offered(visit("interpretation/kernels"))) == 2
