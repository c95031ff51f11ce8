"""/responses through app.py: sources of images, and the four views of what kernels make of them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.export.array_files import NamedArray
from core.inside.layers import kernels_of, load_network
from core.inside.responses import respond
from pages.shared.drawing_paper import decoded
from pages.shared.image_source import show_image

PAGE = "interpretation/responses"


def charts(page: AppTest) -> dict[str, dict]:
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {figure["layout"]["title"]["text"].split("<br>")[0]: figure for figure in figures}


def png(pixels: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return written.getvalue()


def upload(page: AppTest, name: str, content: bytes, kind: str = "image/png") -> AppTest:
    return page.file_uploader[0].set_value((name, content, kind)).run()


def test_a_sample_of_the_validation_part_comes_first_with_all_responses(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE)
    assert not page.exception and not page.error
    assert page.number_input(key="sample number").max == 299  # of the validation part
    grid = charts(page)["Responses of conv_1"]
    assert len(grid["layout"]["annotations"]) == 4
    assert any("Strongest first" in caption.value for caption in page.caption)


def test_the_strongest_response_stands_first(
    visit: Callable[..., AppTest], trained: Callable[..., str], network_files: Path
):
    trained()
    page = visit(PAGE, picture="built-in", layer="conv_1")
    shown = charts(page)["Responses of conv_1"]["layout"]["annotations"]
    bars = np.tile(np.repeat([0.0, 1, 0, 1], 2), (8, 1))[:, :, np.newaxis]  # 2 pixels wide at 8x8
    kernels, bias = kernels_of(load_network(network_files / "best.keras"), "conv_1")
    strengths = np.sqrt((respond(kernels, bars, bias) ** 2).mean(axis=(0, 1)))
    first = [f"<b>{number}</b>" for number in np.argsort(-strengths)]
    assert [annotation["text"].split("  ")[0] for annotation in shown] == first


def test_one_kernel_shows_input_kernel_and_response_on_one_symmetric_scale(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, view="One kernel", picture="built-in")
    figures = charts(page)
    row = [figures[title]["data"][0] for title in ("Input", "Kernel", "Response")]
    assert len({(trace["zmin"], trace["zmax"]) for trace in row}) == 1
    assert row[0]["zmin"] == -row[0]["zmax"]
    assert {"Response + bias", "After the activation (relu)"} <= set(figures)


def test_a_deeper_layer_shows_each_input_channel_and_their_sum(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, view="One kernel", layer="conv_2", kernel="3")
    figures = charts(page)
    channels = figures["Filter 3: each input channel by itself"]["layout"]["annotations"]
    assert [annotation["text"] for annotation in channels] == ["0", "1", "2", "3"]
    assert "Sum of channels + bias" in figures


def test_true_convolution_stands_beside_what_the_layer_computes(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, view="True convolution", weights="last")
    assert {"Cross-correlation (the layer)", "True convolution"} <= set(charts(page))
    # In the last weights every kernel is 1 everywhere, so turning it changes nothing.
    assert "looks (nearly) the same when turned" in page.info[0].value


def test_vertical_and_horizontal_stripes_stand_side_by_side(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, view="Vertical and horizontal")
    figures = charts(page)
    assert not page.exception
    assert {"Vertical stripes", "Horizontal stripes"} <= set(figures)
    bars = figures["Which kernels answer to which stripes"]["data"][0]
    assert len(bars["x"]) == 4


def test_an_uploaded_image_is_shown_as_it_is_and_as_the_network_gets_it(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, picture="upload")
    assert "Upload a photo" in page.info[0].value
    colour = np.zeros((40, 60, 3), np.uint8)
    colour[:, 30:] = 255
    upload(page, "edge.png", png(colour))
    assert not page.exception and not page.error
    captions = [image.captions[0] for image in page.get("image")]
    assert captions == [
        "edge.png (60 x 40 pixels)",  # Width first, as people name the size of a picture.
        "As the network gets it (8 x 8 pixels)",
    ]
    assert "Responses of conv_1" in charts(page)


def test_an_upload_is_still_there_after_another_page(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, picture="upload")
    upload(page, "mine.png", png(np.full((20, 20), 128, np.uint8)))
    page.switch_page("pages/interpretation/kernels.py").run()
    page.switch_page("pages/interpretation/responses.py").run()
    assert any("mine.png" in image.captions[0] for image in page.get("image"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "image/png"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png")],
)
def test_an_upload_that_is_no_image_is_one_sentence(
    visit: Callable[..., AppTest], trained: Callable[..., str], content: bytes, kind: str
):
    trained()
    page = visit(PAGE, picture="upload")
    upload(page, "bad.png", content, kind)
    assert not page.exception
    assert len(page.error) == 1
    assert "Expected" in page.error[0].value
    page.button_group(key="choose picture").set_value("built-in").run()
    assert not page.error  # and the way on is open


def test_a_picture_is_seen_at_its_own_size_too(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, picture="upload", view="One kernel")
    upload(page, "wide.png", png(np.random.default_rng(1).integers(0, 255, (30, 50), np.uint8)))
    page.button_group(key="size").set_value("own").run()
    assert not page.exception and not page.error
    shown = charts(page)["Input"]["data"][0]["z"]
    assert shown["shape"] == "30, 50"


def test_invert_exchanges_dark_and_light(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, picture="upload", view="One kernel")
    upload(page, "white.png", png(np.full((8, 8), 255, np.uint8)))
    assert "input value from 1 to 1" in page.get("plotly_chart")[0].proto.alt
    page.toggle(key="invert").set_value(True).run()
    assert "input value from 0 to 0" in page.get("plotly_chart")[0].proto.alt


@pytest.mark.parametrize(
    "view", ["All kernels", "One kernel", "True convolution", "Vertical and horizontal"]
)
def test_every_chart_and_image_has_a_text_alternative(
    visit: Callable[..., AppTest], trained: Callable[..., str], view: str
):
    trained()
    page = visit(PAGE, view=view)
    assert not page.exception and not page.error
    assert all(chart.proto.alt for chart in page.get("plotly_chart"))
    assert all(one.alt for image in page.get("image") for one in image.proto.imgs)


def scene_sent(page: AppTest) -> dict:
    """The scene that the view of single steps sends to the browser."""
    components = page.get("bidi_component")
    (scene,) = (one for one in components if one.proto.component_name == "learnscope.one_step")
    return json.loads(scene.proto.bytes)


def test_one_step_at_a_time_begins_at_the_strongest_place_of_the_map(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(
        PAGE, view="One step at a time", picture="built-in", layer="conv_1", weights="last"
    )
    assert not page.exception and not page.error
    scene = scene_sent(page)
    # All weights are 1: the sum of the padded 3x3 neighbourhood, one bias of 1.
    assert scene["limits"]["sum"] == pytest.approx(1 + 6)
    assert scene["gray"] and scene["channels"] == [0] and scene["bias"] == 1
    assert any("by 1 pixel a step" in caption.value for caption in page.caption)


def test_one_step_at_a_time_in_a_deeper_layer_takes_the_maps_before_it(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, view="One step at a time", layer="conv_2", kernel="3")
    scene = scene_sent(page)
    assert not scene["gray"] and scene["channels"] == [0, 1, 2, 3]
    assert scene["name"] == "filter 3 of conv_2"


def test_every_array_can_be_saved_in_four_forms_and_none_is_made_before_the_click(
    visit: Callable[..., AppTest], trained: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    for form in ("png", "svg", "npy", "csv"):
        monkeypatch.setattr(NamedArray, f"as_{form}", lambda self: pytest.fail("made too early"))
    run = trained()
    page = visit(PAGE, view="One kernel", layer="conv_2", kernel="1")
    assert not page.exception and not page.error
    buttons = [button.proto for button in page.get("download_button")]
    assert [button.label for button in buttons] == ["PNG", "SVG", "NPY", "CSV"] * 8
    names = [button.help.split(":")[0] for button in buttons]
    assert f"{run}-conv_2-responses.npy" in names
    assert f"{run}-conv_2-filter-1-response.csv" in names


def test_a_drawn_digit_is_shown_as_drawn_and_in_the_form_of_the_data_set(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, picture="drawing")
    assert "Draw with the mouse" in page.info[0].value
    drawn = np.full((280, 280), 255, np.uint8)
    drawn[40:240, 130:150] = 0
    page.session_state["drawing"] = png(drawn)
    page.run()
    assert not page.exception and not page.error
    captions = [image.captions[0] for image in page.get("image")]
    assert captions == [
        "Your drawing (280 x 280 pixels)",
        "As the network gets it (8 x 8 pixels)",
    ]
    assert any("centre of mass in the middle" in caption.value for caption in page.caption)
    assert "Responses of conv_1" in charts(page)


def test_the_webcam_says_what_it_waits_for(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, picture="webcam")
    assert not page.exception and not page.error
    assert "Take a picture" in page.info[0].value


@pytest.mark.parametrize("sent", ["", "javascript:1", "data:image/png;base64,§", 7])
def test_what_is_no_drawing_counts_as_an_empty_one(sent: object):
    assert decoded(sent) == b""


def test_two_runs_show_the_same_layer_on_the_same_image(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    first, other = trained("Without"), trained("With")
    page = visit(PAGE, view="Two runs", run=first, beside=other, layer="conv_2")
    assert not page.exception and not page.error
    grids = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    assert len(grids) == 2
    # Both have the same weights here, so that all is the same, the colour scale included.
    assert grids[0]["data"][0]["z"] == grids[1]["data"][0]["z"]
    assert grids[0]["data"][0]["zmax"] == grids[1]["data"][0]["zmax"]
    assert list(page.table[0].value.columns) == ["Figure", "Without", "With"]


def test_two_runs_without_another_one_say_what_to_choose(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, view="Two runs")
    assert not page.exception and not page.error
    assert "Choose another run" in page.info[0].value


def test_a_large_photo_is_shown_as_a_preview_from_all_its_pixels_and_a_part_in_full(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, picture="upload")
    rows, columns = np.indices((1200, 1500))
    upload(page, "large.png", png(((rows + columns) % 256).astype(np.uint8)))
    page.session_state["size"] = "own"
    page.run()
    assert not page.exception and not page.error
    # A megapixel, in the photo's own proportions.
    assert any("reduced to 1118 x 894 pixels" in caption.value for caption in page.caption)
    assert {"Responses of conv_1", "128 x 128 pixels in full"} <= set(charts(page))
    page.toggle(key="all pixels").set_value(True).run()
    assert not page.exception and not page.error
    assert any("all 1500 x 1200 places" in caption.value for caption in page.caption)
    assert {"Responses of conv_1", "128 x 128 pixels in full"} <= set(charts(page))


@pytest.mark.parametrize("view", ["All kernels", "Vertical and horizontal", "One kernel"])
def test_a_filter_that_there_is_not_is_said_in_every_view(
    visit: Callable[..., AppTest], trained: Callable[..., str], view: str
):
    trained()
    page = visit(PAGE, view=view, kernel="99999")
    assert not page.exception and not page.error
    (said,) = (info.value for info in page.info if "99999" in info.value)
    assert "which there is not here" in said
    assert page.query_params.get("kernel") != ["99999"]
    assert not any("99999" in info.value for info in page.run().info)


def test_a_white_picture_has_a_frame_on_a_white_page(monkeypatch: pytest.MonkeyPatch):
    made: list[np.ndarray] = []
    monkeypatch.setattr("core.images.png_bytes", lambda pixels: made.append(pixels) or b"")
    monkeypatch.setattr("pages.shared.image_source.st.image", lambda *_, **__: None)
    show_image(np.ones((8, 8, 1)), "Your drawing", "Your drawing")
    (shown,) = made
    edges = [shown[0], shown[-1], shown[:, 0], shown[:, -1]]
    assert all((edge == 0.5).all() for edge in edges)
    assert (shown[1:-1, 1:-1] == 1).all()
