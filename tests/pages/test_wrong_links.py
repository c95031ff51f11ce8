"""What a link asks for and there is not is told in words, and leaves the link."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import state

Visit = Callable[..., AppTest]
Trained = Callable[..., str]


def told(page: AppTest) -> str:
    return " ".join(one.value for one in page.info)


@pytest.mark.parametrize(
    ("name", "view", "first"),
    [
        ("interpretation/kernels", state.KERNEL_VIEW, "All kernels"),
        ("interpretation/excites", state.EXCITES_VIEW, "Tuning curve"),
        ("interpretation/kernel_bench", state.BENCH_VIEW, "A kernel by hand"),
        ("interpretation/decision", state.DECISION_VIEW, "The maps"),
        ("interpretation/layers", state.LAYERS_VIEW, "The layer"),
        ("interpretation/responses", state.VIEW, "All kernels"),
    ],
)
def test_a_view_that_there_is_not_is_told(
    visit: Visit, trained: Trained, name: str, view: str, first: str
):
    trained()
    page = visit(name, **{view: "nosuch"})
    assert not page.exception and not page.error
    wrong = "View: the link asks for “nosuch”, which there is not here."
    assert f"{wrong} Shown instead: {first}." in told(page)
    assert "nosuch" not in told(page.run())


def tabs() -> None:
    from pages.shared.open_tab import tabs_in_link

    tabs_in_link({"One": None, "Other": None}, "look")


def test_a_view_that_there_is_opens_without_a_word():
    page = AppTest.from_function(tabs)
    page.query_params["look"] = "Other"
    assert not page.run().info
    assert page.query_params["look"] in ("Other", ["Other"])


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("interpretation/kernel_bench", {"kernel": "77"}, "Filter: the link asks for “77”"),
        ("interpretation/responses", {"kernel": "77"}, "Filter: the link asks for “77”"),
        ("interpretation/kernels", {"beside": "nosuch"}, "Compare with: the link asks for “nos"),
        ("interpretation/responses", {"beside": "nosuch"}, "Compare with: the link asks for “nos"),
        ("interpretation/kernel_bench", {"beside": "nosuch"}, "Compare with: the link asks for"),
    ],
)
def test_a_choice_of_a_view_that_is_not_open_is_told_and_dropped(
    visit: Visit, trained: Trained, name: str, asked: dict[str, str], words: str
):
    trained()
    page = visit(name, **asked)
    assert not page.exception and not page.error
    assert words in told(page)
    assert not set(asked) & set(page.query_params)


def test_a_right_choice_of_a_view_that_is_not_open_stays(visit: Visit, trained: Trained):
    other = trained("Other")
    trained()
    page = visit("interpretation/kernels", beside=other, **{state.KERNEL_VIEW: "How they formed"})
    assert "asks for" not in told(page)
    assert page.query_params["beside"] in (other, [other])


def test_a_filter_chosen_here_in_a_larger_layer_is_dropped_without_a_word(
    visit: Visit, trained: Trained
):
    trained()
    page = visit("interpretation/kernels", layer="conv_2", kernel="7")
    page.selectbox(key="choose layer").set_value("conv_1").run()
    assert "asks for" not in told(page)
    assert page.selectbox(key="choose kernel").value != "7"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({state.CAM_LAYER: "dense"}, "Layer of Grad-CAM: the link asks for “dense”"),
        ({state.PATCH_SIDE: "99"}, "Side of occlusion's patch (pixels): the link asks for “99”"),
    ],
)
def test_what_stands_in_a_closed_popover_is_told_outside_of_it(
    visit: Visit, trained: Trained, asked: dict[str, str], words: str
):
    trained()
    page = visit("interpretation/decision", **asked)
    assert words in told(page)
    assert not [one for popover in page.get("popover") for one in popover.get("info")]
