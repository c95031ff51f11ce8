"""A copied link shows the same in a new tab: the picture, the filters that are off, the ascent."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.shared import state
from pages.shared.link_value import several_of, whole_number

Visit = Callable[..., AppTest]
Trained = Callable[..., str]
WITH_PICTURES = {
    "interpretation/decision": {},
    "interpretation/responses": {},
    "interpretation/layers": {state.LAYERS_VIEW: "What flows through"},
    "interpretation/kernel_bench": {},
}
ABLATION = {state.BENCH_VIEW: "Ablation"}
CLIMB = {state.EXCITES_VIEW: "The picture that excites it most"}


def told(page: AppTest) -> str:
    return " ".join(one.value for one in page.info)


def link_of(page: AppTest) -> dict[str, str]:
    return {
        name: text if isinstance(text, str) else text[0] for name, text in page.query_params.items()
    }


def drawn() -> bytes:
    written = io.BytesIO()
    Image.fromarray(np.full((8, 8), 90, np.uint8)).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize("name", WITH_PICTURES)
def test_the_number_of_the_image_is_in_the_link_and_comes_back_in_a_new_tab(
    visit: Visit, trained: Trained, name: str
):
    trained()
    page = visit(name, **WITH_PICTURES[name])
    assert state.SAMPLE_IN_LINK not in link_of(page)  # It is where it begins.
    page.number_input(key=state.SAMPLE).set_value(5).run()
    assert link_of(page)[state.SAMPLE_IN_LINK] == "5"
    another = visit(name, **link_of(page))
    assert not another.exception and not another.info[1:]
    assert another.number_input(key=state.SAMPLE).value == 5


def test_a_number_that_there_is_not_is_refused_in_words_and_leaves_the_link(
    visit: Visit, trained: Trained
):
    trained()
    page = visit("interpretation/responses", sample="300")
    assert not page.exception
    expected = "asks for “300”. Expected a whole number from 0 to 299. Shown instead: 0"
    assert expected in told(page)
    assert state.SAMPLE_IN_LINK not in link_of(page)
    assert "asks for" not in told(page.run())


@pytest.mark.parametrize("wrong", ["300", "-1", "1.5", "five", "²", "", "1" * 5000])
def test_what_is_no_whole_number_within_the_limits_is_not_read(wrong: str):
    assert whole_number(0, 299).read(wrong) is None


def test_a_whole_number_keeps_to_its_steps():
    read = whole_number(32, 512, 32).read
    assert (read("64"), read("65")) == (64, None)


@pytest.mark.parametrize("wrong", ["conv_1:9", "conv_1:1,1", "conv_9:1", "1", "conv_1:1,"])
def test_filters_that_there_are_not_are_not_read(wrong: str):
    kind = several_of(range(4), "conv_1")
    assert kind.read(wrong) is None
    assert kind.read(kind.write([3, 1])) == [3, 1]
    assert kind.read(kind.write([])) == []


def test_the_same_number_is_shown_in_the_reach_of_a_layer(visit: Visit, trained: Trained):
    trained()
    page = visit("interpretation/layers", sample="5", **{state.LAYERS_VIEW: "How far it sees"})
    assert page.number_input(key=state.SAMPLE).value == 5


def test_a_built_in_picture_and_its_inversion_are_in_the_link(visit: Visit, trained: Trained):
    trained()
    page = visit("interpretation/responses", picture="built-in", sample="5")
    assert state.SAMPLE_IN_LINK not in link_of(page)
    page.selectbox(key="choose built-in").set_value("circle").run()
    page.toggle(key=state.INVERT).set_value(True).run()
    assert link_of(page)[state.BUILT_IN_PICTURE] == "circle"
    another = visit("interpretation/responses", **link_of(page))
    assert another.selectbox(key="choose built-in").value == "circle"
    assert another.toggle(key=state.INVERT).value
    assert "“maybe”" in told(visit("interpretation/responses", invert="maybe"))


@pytest.mark.parametrize("source", ["upload", "webcam", "drawing"])
def test_a_new_tab_says_that_the_picture_was_not_in_the_link(
    visit: Visit, trained: Trained, source: str
):
    trained()
    page = visit("interpretation/responses", picture=source)
    assert not page.exception
    assert "This picture was not in the link" in told(page)


def test_who_chooses_an_upload_is_invited_and_not_told_about_a_link(visit: Visit, trained: Trained):
    trained()
    page = visit("interpretation/responses")
    page.button_group(key="choose picture").set_value("upload").run()
    assert "not in the link" not in told(page)
    assert "Upload a photo" in told(page)
    page.file_uploader[0].set_value(("mine.png", drawn(), "image/png")).run()
    assert any("link does not hold this picture" in one.value for one in page.caption)


def test_filters_that_are_off_and_which_go_first_are_in_the_link(visit: Visit, trained: Trained):
    trained()
    page = visit("interpretation/kernel_bench", layer="conv_1", **ABLATION)
    page.multiselect(key=f"{state.SWITCHED_OFF} conv_1").set_value([3, 1]).run()
    page.button_group(key=state.OFF_FIRST).set_value("most").run()
    assert link_of(page)[state.SWITCHED_OFF] == "conv_1:3,1"
    another = visit("interpretation/kernel_bench", **link_of(page))
    assert another.multiselect(key=f"{state.SWITCHED_OFF} conv_1").value == [3, 1]
    assert another.button_group(key=state.OFF_FIRST).value == "most"
    # Those of one layer are not those of another.
    another.selectbox(key="choose layer").set_value("conv_2").run()
    assert "asks for" not in told(another)
    assert state.SWITCHED_OFF not in link_of(another)


def test_filters_that_there_are_not_are_refused_in_words(visit: Visit, trained: Trained):
    trained()
    link = {**ABLATION, state.SWITCHED_OFF: "conv_1:9"}
    page = visit("interpretation/kernel_bench", layer="conv_1", **link)
    assert not page.exception
    assert "asks for “conv_1:9”. Expected such as “conv_1:" in told(page)


def test_how_a_picture_is_sought_is_in_the_link(visit: Visit, trained: Trained):
    trained()
    page = visit("interpretation/excites", **CLIMB, **{"climb-steps": "32"})
    assert page.slider(key=f"{state.CLIMB} steps").value == 32
    page.number_input(key=f"{state.CLIMB} seed").set_value(7).run()
    page.button_group(key=f"{state.CLIMB} prior").set_value("blur").run()
    link = link_of(page)
    assert [link[state.CLIMB_IN_LINK[name]] for name in ("steps", "seed", "prior")] == [
        *("32", "7", "blur")
    ]
    another = visit("interpretation/excites", **link)
    assert another.number_input(key=f"{state.CLIMB} seed").value == 7
    assert "32 steps, jitter" in " ".join(one.value for one in another.caption)
    assert "seed 7" in " ".join(one.value for one in another.caption)


def test_the_methods_of_a_decision_are_in_the_link(visit: Visit, trained: Trained):
    trained()
    page = visit("interpretation/decision")
    page.slider(key=f"{state.PATCH_SIDE} 8").set_value(4).run()
    page.select_slider(key=state.INTEGRATION_STEPS).set_value(32).run()
    another = visit("interpretation/decision", **link_of(page))
    assert another.slider(key=f"{state.PATCH_SIDE} 8").value == 4
    assert another.select_slider(key=state.INTEGRATION_STEPS).value == 32
