"""/layers through app.py: the picker of runs, the table, the diagram, one layer's weights."""

from __future__ import annotations

import json
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.runs import State
from core.settings import Settings
from pages.shared import state

PAGE = "interpretation/layers"


def charts(page: AppTest) -> dict[str, dict]:
    """The charts of the page, by title."""
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return {figure["layout"]["title"]["text"].split("<br>")[0]: figure for figure in figures}


def diagram(page: AppTest) -> dict:
    """What the browser gets to draw the network from."""
    components = page.get("bidi_component")
    (drawn,) = (
        one for one in components if one.proto.component_name == "learnscope.layers_diagram"
    )
    return json.loads(drawn.proto.json)


def test_without_a_run_the_page_says_so_and_offers_to_train_one(visit: Callable[..., AppTest]):
    page = visit(PAGE)
    assert not page.exception
    assert any("no trained network" in text.value for text in page.markdown)
    assert [button.label for button in page.button] == ["Train the default network"]


def test_the_offered_button_trains_and_the_page_waits_for_the_weights(
    visit: Callable[..., AppTest],
):
    page = visit(PAGE)
    page.button[0].click().run()
    (run,) = state.library().runs()
    try:
        assert run.settings == Settings()
        assert not page.exception
        assert page.query_params["run"] == run.id
        if run.best_epoch is None:
            assert any("goes on by itself" in info.value for info in page.info)
    finally:
        state.training_queue().stop(run.id)
        state.training_queue().wait(run.id, 120)


def test_a_first_run_under_way_is_waited_for_and_no_second_one_offered(
    visit: Callable[..., AppTest],
):
    library = state.library()
    library.start(library.create(Settings(), "My first").id)
    page = visit(PAGE)
    assert not page.exception
    assert any("“My first” is training" in info.value for info in page.info)
    assert not page.button


def test_every_layer_is_in_the_table_with_its_shape_and_purpose(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE)
    assert not page.exception and not page.error
    table = next(one.value for one in page.dataframe if "What it does" in one.value)
    assert list(table["Layer"][:3]) == ["conv_1", "relu_1", "pool_1"]
    assert list(table["Output"][:1]) == ["8 x 8, 4 channels"]
    assert list(table["Weights"][:1]) == [3 * 3 * 1 * 4 + 4]
    assert table["What it does"].str.len().min() > 10


def test_the_network_is_drawn_and_the_chosen_layer_has_its_weights_spelled_out(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, layer="conv_2")
    assert diagram(page)["title"] == "The network, from the image to the classes"
    assert "Weights of conv_2: kernel" in charts(page)
    assert any(
        "`(3, 3, 4, 8): rows, columns, input channels, filters`" in text.value
        for text in page.markdown
    )


def test_every_layer_is_a_node_that_says_what_it_is_and_the_image_is_none_to_choose(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    drawn = diagram(visit(PAGE, layer="relu_1"))
    assert drawn["chosen"] == "relu_1"
    assert [node["name"] for node in drawn["nodes"][:3]] == ["image", "conv_1", "relu_1"]
    assert [node["layer"] for node in drawn["nodes"][:3]] == [False, True, True]
    assert drawn["nodes"][1]["words"].startswith("conv_1, Conv2D: 8 x 8, 4 channels, 40 weights")


def test_the_page_counts_exact_zeros_and_does_not_say_that_l1_makes_them(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    caption = next(c.value for c in visit(PAGE).caption if c.value.startswith("Mean"))
    assert "Exactly 0: 0 of 36." in caption
    assert "hardly a weight becomes exactly 0" in caption


def test_a_layer_without_weights_says_so(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, layer="pool_1")
    assert not page.exception
    assert any("no weights" in info.value for info in page.info)


def test_every_chart_and_table_has_a_text_alternative(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE)
    for element in [*page.get("plotly_chart"), *page.dataframe]:
        assert element.proto.alt


def test_an_unknown_run_is_a_sentence_and_the_newest_run_is_shown(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    run_id = trained("The newest")
    page = visit(PAGE, run="20200101-000000")
    assert not page.exception
    assert "'20200101-000000'" in page.warning[0].value
    assert page.selectbox(key="choose run").value == run_id


def test_an_unknown_run_in_an_empty_library_leads_to_training(visit: Callable[..., AppTest]):
    page = visit(PAGE, run="20200101-000000")
    assert not page.exception
    assert len(page.warning) == 1
    assert page.button[0].label == "Train the default network"


def test_a_run_that_ended_without_weights_is_said_to_have_none(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    library = state.library()
    failed = library.create(Settings(), "Fell")
    library.start(failed.id)
    library.finish(failed.id, State.FAILED, "Failed because the loss became no number.")
    page = visit(PAGE, run=failed.id)
    assert "“Fell” has no weights to look into" in page.warning[0].value
    assert "the loss became no number" in page.warning[0].value


def test_a_damaged_file_is_a_sentence(visit: Callable[..., AppTest], trained: Callable[..., str]):
    run_id = trained()
    state.library().file(run_id, "best.keras").write_bytes(b"no network")
    page = visit(PAGE)
    assert not page.exception
    assert "changed or damaged" in page.error[0].value


def test_best_or_last_weights_can_be_chosen_and_stand_in_the_link(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    run_id = trained()
    page = visit(PAGE, run=run_id, weights="last", layer="conv_1")
    caption = next(text.value for text in page.caption if text.value.startswith("Mean"))
    assert caption.startswith("Mean 1, spread (standard deviation) 0.")
    page.button_group(key="choose weights").set_value("best").run()
    assert page.query_params["weights"] == "best"
    caption = next(text.value for text in page.caption if text.value.startswith("Mean"))
    assert not caption.startswith("Mean 1,")


def test_a_run_that_was_cut_off_offers_the_weights_alone_that_it_has(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    run_id = trained()
    library = state.library()
    library._writer.write(
        lambda connection: connection.execute("DELETE FROM files WHERE name = 'last.keras'")
    )
    page = visit(PAGE, run=run_id, weights="last")
    assert not page.exception
    assert page.button_group(key="choose weights").options == ["Best (epoch 1)"]
    assert "Weights: the link asks for “last”, which there is not here." in page.info[0].value


def test_another_layer_goes_into_the_link(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    run_id = trained()
    page = visit(PAGE)
    page.selectbox(key="choose layer").set_value("dense").run()
    assert page.query_params["layer"] == "dense"
    assert page.query_params["run"] == run_id
    assert "Weights of dense: kernel" in charts(page)


def test_each_of_two_runs_of_one_name_can_be_chosen_and_stays_when_something_else_is(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    older, newer = trained(), trained()
    page = visit(PAGE, run=older, layer="conv_1")
    listed = page.selectbox(key="choose run")
    assert len(set(listed.options)) == 2
    page.selectbox(key="choose layer").set_value("conv_2").run()
    assert page.query_params["run"] == older
    page.selectbox(key="choose run").set_value(newer).run()
    assert page.query_params["run"] == newer


def test_a_layer_that_is_not_there_is_said_and_another_shown(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    trained()
    page = visit(PAGE, layer="conv_9")
    assert "“conv_9”" in page.info[0].value
    assert page.selectbox(key="choose layer").value == "conv_1"


def test_the_walk_on_carries_run_weights_and_layer(
    visit: Callable[..., AppTest], trained: Callable[..., str]
):
    run_id = trained()
    page = visit(PAGE, layer="conv_2")
    links = {link.proto.label: link.proto for link in page.get("page_link")}
    assert links["Its kernels"].query_string == f"run={run_id}&weights=best&layer=conv_2"
