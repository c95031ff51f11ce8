"""A run on the train page: while it waits, is trained, and has ended, one way or another."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.library.records import Epoch
from core.runs import Library, Run, State
from core.settings import DataSettings, OptimisationSettings, RegularizationSettings, Settings
from pages.shared import state

Open = Callable[..., AppTest]

# epoch, steps, seconds, running, fair and validation loss and accuracy, penalty, learning rate
EPOCHS = (
    Epoch(1, 2, 1.0, 2.0, 0.25, 1.75, 0.5, 1.5, 0.375, 0.0, 0.001),
    Epoch(2, 4, 2.0, 1.0, 0.5, 0.75, 0.625, 0.5, 0.8125, 0.0, 0.001),
    Epoch(3, 6, 3.0, 0.5, 0.75, 0.25, 0.875, 0.625, 0.75, 0.0, 0.001),
)
BATCHES = ((2.5, 1.5), (1.25, 0.75), (0.75, 0.25))
SETTINGS = Settings(
    data=DataSettings(dataset="digits", training_images=64),
    optimisation=OptimisationSettings(epochs=3, batch_size=32),
)


@pytest.fixture
def library(home: object) -> Library:
    """The library that the page looks at."""
    return state.library()


def stored(library: Library, end: State, sentence: str, best: bool = True) -> Run:
    """A run with the records from above."""
    run = library.create(SETTINGS, "Mine")
    library.start(run.id)
    for epoch, losses in zip(EPOCHS, BATCHES, strict=True):
        library.record_epoch(run.id, epoch, losses, [0.5, 0.5])
    if best:
        library.record_best(run.id, 2, 0.5, 0.8125)
    library.finish(run.id, end, sentence, *((0.625, 0.796875, 300) if best else ()))
    return library.run(run.id)


def press(test: AppTest, label: str) -> AppTest:
    return next(button for button in test.button if button.label == label).click().run()


def cards(test: AppTest) -> dict[str, tuple[str, str]]:
    """Each figure with what it was computed on."""
    return {card.label: (card.value, card.delta) for card in test.metric}


def charts(test: AppTest) -> list[dict[str, dict[str, list[float]]]]:
    """The points of every line of every live chart, by the line's name."""
    messages = [json.loads(chart.proto.bytes) for chart in test.get("bidi_component")]
    return [
        {
            line["name"]: {axis: numbers(line[axis]) for axis in "xy"}
            for line in message["figure"]["data"]
        }
        for message in messages
    ]


def numbers(values: dict[str, str]) -> list[float]:
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()


def headings(test: AppTest) -> list[str]:
    return [text.value for text in test.markdown if text.value.startswith("#")]


def texts(test: AppTest) -> str:
    return "\n".join(text.value for text in test.markdown)


def test_an_empty_library_invites_to_train(open_app: Open) -> None:
    assert "Press **Train** and watch" in texts(open_app())


def test_the_newest_run_is_shown_with_its_stored_figures_and_curves(
    open_app: Open, library: Library
) -> None:
    stored(library, State.FINISHED, "Finished all 3 epochs.")
    test = open_app()
    assert not test.exception
    assert headings(test) == ["#### Mine"]
    assert [box.value for box in test.success] == ["Finished all 3 epochs."]
    assert cards(test) == {
        "Validation loss": ("0.500", "300 images"),
        "Validation accuracy": ("81.2%", "300 images"),
        "Test accuracy": ("79.7%", "300 images"),
    }
    loss, accuracy = charts(test)
    assert {name: line for name, line in loss.items() if not name.endswith(", as it is")} == {
        "Generalization gap": {"x": [1, 2, 3, 3, 2, 1], "y": [1.5, 0.5, 0.625, 0.25, 0.75, 1.75]},
        "Batches": {
            "x": [0.5, 1.0, 1.5, 2.0, 2.5, 3.0],
            "y": [2.5, 1.5, 1.25, 0.75, 0.75, 0.25],
        },
        "Training": {"x": [0.5, 1.5, 2.5], "y": [2.0, 1.0, 0.5]},
        "Fair training": {"x": [1.0, 2.0, 3.0], "y": [1.75, 0.75, 0.25]},
        "Validation": {"x": [1.0, 2.0, 3.0], "y": [1.5, 0.5, 0.625]},
        "Best epoch": {"x": [2.0], "y": [0.5]},
    }
    assert accuracy["Validation"]["y"] == [0.375, 0.8125, 0.75]
    assert accuracy["Best epoch"] == {"x": [2.0], "y": [0.8125]}


@pytest.mark.parametrize(
    ("end", "kind", "sentence"),
    [
        (State.STOPPED_EARLY, "success", "Stopped early at epoch 3 by patience 1."),
        (State.STOPPED, "success", "Stopped by you in epoch 3 of 3."),
        (State.FAILED, "error", "Failed because the loss was no longer a number."),
        (State.INTERRUPTED, "error", "Interrupted: Learnscope was closed."),
    ],
)
def test_each_end_is_told_in_words(
    open_app: Open, library: Library, end: State, kind: str, sentence: str
) -> None:
    run = stored(library, end, sentence)
    assert [box.value for box in open_app(run=run.id).get(kind)] == [sentence]


def test_a_run_without_a_checkpoint_shows_no_figures_and_offers_no_file(
    open_app: Open, library: Library
) -> None:
    test = open_app(run=stored(library, State.FAILED, "Failed.", best=False).id)
    assert not test.metric
    assert "Best checkpoint" not in [button.label for button in test.download_button]
    assert not test.get("page_link")


def test_a_checkpoint_that_is_gone_is_a_sentence(open_app: Open, library: Library) -> None:
    test = open_app(run=stored(library, State.FINISHED, "Finished.").id)
    assert not test.exception
    assert "Best checkpoint" not in [button.label for button in test.download_button]
    assert len(test.warning) == 1


def test_the_checkpoint_is_offered_with_the_way_on(open_app: Open, library: Library) -> None:
    run = stored(library, State.FINISHED, "Finished.")
    library.store_file(run.id, "best.keras", lambda path: path.write_bytes(b"weights"))
    test = open_app()
    assert "Best checkpoint" in [button.label for button in test.download_button]
    links = test.get("page_link")
    assert [link.label for link in links] == [
        "Predictions",
        "Layers",
        "Kernels",
        "Responses",
        "What excites a kernel",
        "Kernel bench",
        "Decision",
        "Dropout",
        "Weight penalties",
    ]
    assert all(link.proto.query_string == f"run={run.id}" for link in links)


def test_a_link_to_a_run_shows_that_run(open_app: Open, library: Library) -> None:
    first = stored(library, State.FINISHED, "The first.")
    stored(library, State.FINISHED, "The second.")
    test = open_app(run=first.id)
    assert [box.value for box in test.success] == ["The first."]
    assert dict(test.query_params)["run"] in (first.id, [first.id])


def test_an_unknown_run_in_a_link_is_a_sentence_and_the_newest_is_shown(
    open_app: Open, library: Library
) -> None:
    stored(library, State.FINISHED, "The newest.")
    test = open_app(run="20261124-000000")
    assert not test.exception
    assert test.warning[0].value == (
        "Expected the id of a run in the library. Received: '20261124-000000', which stands for "
        "none. Choose one on the page of runs."
    )
    assert [box.value for box in test.success] == ["The newest."]


def test_train_trains_and_ends_with_the_stored_test_accuracy(
    open_app: Open, library: Library
) -> None:
    test = open_app(dataset="digits", training_images="200", epochs="2", dropout_dense="0.5")
    press(test, "Train")
    (run,) = library.runs()
    assert run.settings == Settings(
        data=DataSettings(dataset="digits", training_images=200),
        regularization=RegularizationSettings(dropout_dense=0.5),
        optimisation=OptimisationSettings(epochs=2),
    )
    assert state.training_queue().wait(run.id, 120)
    run = library.run(run.id)
    test.run()
    assert not test.exception
    (box,) = test.success
    assert box.value == run.sentence
    assert box.value.startswith("Finished all 2 epochs.")
    assert cards(test)["Test accuracy"] == (f"{run.test_accuracy:.1%}", "300 images")
    loss, accuracy = charts(test)
    assert len(loss["Batches"]["y"]) == 2 * 7  # 200 images are 7 batches of at most 32.
    epochs = library.epochs(run.id)
    assert accuracy["Validation"]["y"] == pytest.approx([e.validation_accuracy for e in epochs])
    model = keras.models.load_model(library.file(run.id, "best.keras"))
    assert "dropout" in " ".join(layer.name for layer in model.layers)


def test_a_second_run_waits_can_be_removed_and_the_first_be_stopped(
    open_app: Open, library: Library
) -> None:
    queue = state.training_queue()
    test = press(open_app(dataset="digits", epochs="1000"), "Train")
    test.number_input(key=state.setting_key("seed")).set_value(2).run()
    press(test, "Train")
    second, first = library.runs()
    assert queue.running() == first.id
    assert "**Waiting for their turn**" in texts(test)
    assert f"1. {second.name}" in texts(test)
    assert second.settings.optimisation.seed == 2

    waiting = open_app(run=second.id)
    (bar,) = waiting.get("progress")
    assert bar.proto.text == "Waits in the queue, place 1"

    test = press(test, "Remove")
    assert "Waiting" not in texts(test)
    assert library.run(second.id).state is State.STOPPED
    assert library.run(second.id).sentence == "Stopped by you while it waited."
    assert queue.running() == first.id

    wait_for_steps(first.id)
    press(test.run(), "Stop")
    assert queue.wait(first.id, 120)
    test.run()
    first = library.run(first.id)
    assert first.state is State.STOPPED
    assert [box.value for box in test.success] == [first.sentence]
    assert first.sentence.startswith("Stopped by you in epoch ")


def wait_for_steps(run_id: str) -> None:
    """Until the run is under way."""
    deadline = time.monotonic() + 120
    while (progress := state.training_queue().progress(run_id)) and not progress.done:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_run_that_another_process_trains_is_followed_to_its_end(
    open_app: Open, library: Library
) -> None:
    run = library.create(SETTINGS, "Elsewhere")
    library.start(run.id)
    test = open_app()  # Comes to rest: a page that redraws itself for ever would time out here.
    assert not test.exception
    assert headings(test) == ["#### Elsewhere"]
    assert "This run is not trained here." in test.info[-1].value
    library.record_epoch(run.id, EPOCHS[0], BATCHES[0], [0.5, 0.5])
    library.flush()
    assert charts(test.run())[0]["Validation"]["y"] == [1.5]
    library.finish(run.id, State.FINISHED, "Finished all 3 epochs.")
    test.run()
    assert [box.value for box in test.success] == ["Finished all 3 epochs."]
    assert not [box.value for box in test.info if "not trained here" in box.value]


def test_a_run_that_was_taken_out_of_the_queue_is_not_shown_to_a_newcomer(
    open_app: Open, library: Library
) -> None:
    stored(library, State.FINISHED, "The newest that was trained.")
    removed = library.create(SETTINGS, "Removed")
    library.finish(removed.id, State.STOPPED, "Stopped by you while it waited.")
    assert [box.value for box in open_app().success] == ["The newest that was trained."]


def test_a_name_is_shown_as_it_was_typed_and_not_read_as_markdown(
    open_app: Open, library: Library
) -> None:
    run = stored(library, State.FINISHED, "Finished.")
    library.rename(run.id, "$x^2$ **bold** :red[hi] `code`")
    assert headings(open_app()) == [
        r"#### \$x^2\$ \*\*bold\*\* \:red\[hi\] \`code\`",
    ]


def test_the_settings_of_a_run_come_back_into_the_controls(
    open_app: Open, library: Library
) -> None:
    stored(library, State.FINISHED, "Finished.")
    test = open_app(dropout_dense="0.5")
    press(test, "Use these settings")
    assert not test.exception
    assert test.number_input(key=state.setting_key("training_images")).value == 64
    assert test.slider(key=state.setting_key("dropout_dense")).value == 0.0
    assert dict(test.query_params)["dataset"] in ("digits", ["digits"])
    assert "dropout_dense" not in dict(test.query_params)


def test_a_link_to_a_run_opens_with_the_settings_of_that_run(
    open_app: Open, library: Library
) -> None:
    run = stored(library, State.FINISHED, "Finished.")
    test = open_app(run=run.id)
    assert test.selectbox(key=state.setting_key("dataset")).value == "digits"
    assert test.number_input(key=state.setting_key("training_images")).value == 64


def test_a_run_opened_later_leaves_the_settings_as_somebody_has_set_them(
    open_app: Open, library: Library
) -> None:
    run = stored(library, State.FINISHED, "Finished.")
    test = open_app(dropout_dense="0.5")
    test.query_params["run"] = run.id
    test.run()
    assert test.slider(key=state.setting_key("dropout_dense")).value == 0.5
    assert test.selectbox(key=state.setting_key("dataset")).value == "mnist-5k"


def test_a_loss_that_ran_away_fits_its_card_and_is_drawn_on_a_logarithmic_axis(
    open_app: Open, library: Library
) -> None:
    run = library.create(SETTINGS, "Too fast")
    library.start(run.id)
    for epoch, losses in zip(EPOCHS, BATCHES, strict=True):
        wild = replace(epoch, validation_loss=9966815207751.68, running_loss=588.0, fair_loss=648.0)
        library.record_epoch(run.id, wild, losses, [0.5, 0.5])
    library.record_best(run.id, 1, 9966815207751.68, 0.125)
    library.finish(run.id, State.FINISHED, "Finished all 3 epochs.", 9e12, 0.125, 300)
    test = open_app(run=run.id)
    assert cards(test)["Validation loss"] == ("9.97e+12", "300 images")
    (loss, _) = (json.loads(c.proto.bytes) for c in test.get("bidi_component"))
    assert loss["figure"]["layout"]["yaxis"]["type"] == "log"
    assert "Logarithmic, since the losses ran away" in [text.value for text in test.caption]
