"""The train page ahead of a run: controls, refusals, words, and the images to learn from."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from streamlit.testing.v1 import AppTest

from core.data import downloads
from core.settings import CONTROLS
from pages.shared import state

Open = Callable[..., AppTest]

# With these every control has a reason to be there, but that of the other optimizer's.
ALL_ON = {
    "dropout_dense": "0.5",
    "noise": "0.1",
    "early_stopping": "on",
}
WIDGETS = ("slider", "select_slider", "number_input", "selectbox", "toggle", "button_group")


def controls(test: AppTest) -> Iterator[tuple[str, object]]:
    """Every widget that holds a setting, with the setting's name."""
    names = {state.setting_key(name): name for name in CONTROLS}
    for kind in WIDGETS:
        for widget in test.get(kind):
            if widget.key in names:
                yield names[widget.key], widget


def train_button(test: AppTest) -> object:
    (button,) = [button for button in test.button if button.label == "Train"]
    return button


def captions(test: AppTest) -> str:
    return "\n".join(caption.value for caption in test.caption)


def class_bars(test: AppTest) -> dict[str, np.ndarray]:
    """The heights of the bars of images by class, by the name of their trace."""
    (chart,) = test.get("plotly_chart")
    return {bar["name"]: _numbers(bar["y"]) for bar in json.loads(chart.proto.spec)["data"]}


def _numbers(values: object) -> np.ndarray:
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).astype(int)
    return np.array(values)


def test_every_setting_has_a_control_with_its_label_and_help(open_app: Open) -> None:
    one = {"optimizer": "sgd", "normalization": "batch", "schedule": "step"}
    one |= {"averaging": "ema"}
    other = {"optimizer": "adamw", "normalization": "group", "schedule": "plateau"}
    other |= {"averaging": "swa"}
    found = dict(controls(open_app(**ALL_ON, **one)))
    found |= dict(controls(open_app(**other)))
    assert set(found) == set(CONTROLS)
    assert {name: widget.label for name, widget in found.items()} == {
        name: control.label for name, control in CONTROLS.items()
    }
    assert {name: widget.proto.help for name, widget in found.items()} == {
        name: control.help for name, control in CONTROLS.items()
    }


def test_controls_that_mean_nothing_are_not_there(open_app: Open) -> None:
    hidden = set(CONTROLS) - set(dict(controls(open_app())))
    assert hidden == {
        "dropout_kind",
        "noise_place",
        "batch_normalization_momentum",
        "normalization_groups",
        "normalization_place",
        "patience",
        "schedule_factor",
        "schedule_epochs",
        "schedule_patience",
        "averaging_momentum",
        "averaging_start",
        "momentum",
        "weight_decay",
    }


def test_each_line_of_folded_settings_says_what_is_set_in_it(open_app: Open) -> None:
    """So that it may stay folded, and the column short."""
    test = open_app(dropout_dense="0.5", normalization="layer", l1="1e-05", l2="0.001", epochs="3")
    groups = {one.label.split("**")[1]: one for one in test.expander if "**" in one.label}
    assert {title: one.label.split("**")[2] for title, one in groups.items()} == {
        "Dropout and noise": " · Dropout rate (dense) 0.5",
        "Normalization": " · Layer",
        "Price and bound on weights": " · L1 strength 1e-05, L2 strength 0.001",
        "Labels and stopping": "",
        "Learning-rate schedule": "",
        "Clipping and averaging": "",
    }
    opened = [title for title, one in groups.items() if one.proto.expanded]
    assert opened == ["Dropout and noise"]
    assert "**elastic net** (Zou & Hastie, 2005)" in captions(test)


def test_it_is_said_which_epochs_the_equal_average_is_of(open_app: Open) -> None:
    test = open_app(averaging="swa", averaging_start="0.25", epochs="20")
    assert "Averaged are the weights after epochs 6 to 20." in captions(test)
    test.number_input(key=state.setting_key("epochs")).set_value(0).run()
    assert not test.exception
    assert "Averaged are" not in captions(test)


def test_groups_that_do_not_divide_the_channels_are_refused_in_words(open_app: Open) -> None:
    test = open_app(dataset="digits", filters="4", normalization="group", normalization_groups="8")
    (error,) = test.error
    assert "divides the 4 channels before group_normalization_1" in error.value
    assert train_button(test).disabled
    test.select_slider(key=state.setting_key("normalization_groups")).set_value(2).run()
    assert not test.error
    assert not train_button(test).disabled


@pytest.mark.parametrize("label", ["Dropout rate (convolution)", "Dropout rate (dense)"])
def test_dropout_rates_are_sliders_from_0_to_95_hundredths(open_app: Open, label: str) -> None:
    (slider,) = [slider for slider in open_app().slider if slider.label == label]
    assert (slider.min, slider.max, slider.value) == (0.0, 0.95, 0.0)


def test_a_network_that_shrinks_to_nothing_is_refused_by_the_layer(open_app: Open) -> None:
    """Digits have 8x8 pixels: 8, 4, 2, 1, and the fourth pooling has nothing to halve."""
    test = open_app(dataset="digits", blocks="4")
    (error,) = test.error
    assert "pool_4" in error.value
    assert train_button(test).disabled
    test.slider(key=state.setting_key("blocks")).set_value(3).run()
    assert not test.error
    assert not train_button(test).disabled


def test_a_batch_larger_than_the_data_is_refused(open_app: Open) -> None:
    test = open_app(training_images="50", batch_size="64")
    assert [error.value for error in test.error] == [
        "Batch size: expected at most the 50 training images. Received: 64. Lower the batch size "
        "or take more images."
    ]
    assert train_button(test).disabled


def test_dropout_ahead_of_a_normalization_gets_a_warning_and_may_be_trained(open_app: Open) -> None:
    test = open_app(dropout_convolution="0.25", batch_normalization="on")
    (warning,) = test.warning
    assert warning.value.startswith("dropout_1 stands ahead of batch_normalization_2.")
    assert "variance shift; Li et al., 2019" in warning.value
    assert not train_button(test).disabled


def test_batches_of_one_image_with_a_normalization_get_a_warning(open_app: Open) -> None:
    test = open_app(batch_size="1", batch_normalization="on")
    (warning,) = test.warning
    assert warning.value.startswith("With a batch of 1 image, batch normalization has no batch")


def test_more_patience_than_epochs_gets_a_note(open_app: Open) -> None:
    test = open_app(early_stopping="on", patience="30")
    assert not test.warning
    assert [note.value for note in test.info] == [
        "Early stopping cannot act: it waits 30 epochs for a better one, and the run ends after 30."
    ]


def test_weights_and_memory_follow_the_settings(open_app: Open) -> None:
    """By hand, for digits, one block of 4 filters and 8 dense units, 4x4 maps after the pooling:
    (9 + 1) * 4 + (4 * 4 * 4 + 1) * 8 + (8 + 1) * 10 = 650 weights."""
    test = open_app(dataset="digits", blocks="1", filters="4", dense_units="8")
    assert "650 weights · about " in captions(test)
    (table,) = test.dataframe
    assert table.value["Weights"].tolist()[-1] == "650"
    shapes = dict(zip(table.value["Layer"], table.value["Output shape"], strict=True))
    assert shapes["conv_1"] == "8 x 8 x 4"
    assert shapes["pool_1"] == "4 x 4 x 4"
    assert shapes["flatten"] == "64"


def test_the_images_are_told_and_counted_as_numpy_counts_them(open_app: Open) -> None:
    test = open_app(dataset="digits", training_images="200", seed="3")
    order = np.random.default_rng(3).permutation(1797)[600:800]
    digits = load_digits()
    images, labels = digits.images[order] / 16, digits.target[order]
    assert (
        f"200 training images of 8x8 pixels, gray, values from {images.min():.2f} to "
        f"{images.max():.2f}. For validation 300 other images, for the test 300 more."
    ) in captions(test)
    bars = class_bars(test)
    assert list(bars) == ["As the network is told"]
    assert bars["As the network is told"].tolist() == np.bincount(labels).tolist()


def test_wrong_labels_are_counted_and_the_truth_stands_beside(open_app: Open) -> None:
    test = open_app(dataset="digits", training_images="200", seed="3", wrong_labels="0.3")
    rng = np.random.default_rng(3)
    labels = load_digits().target[rng.permutation(1797)[600:800]]
    learnt = labels.copy()
    wrong = rng.choice(200, 60, replace=False)
    learnt[wrong] = (learnt[wrong] + rng.integers(1, 10, 60)) % 10
    assert "60 of their labels are wrong on purpose" in captions(test)
    bars = class_bars(test)
    assert bars["As the network is told"].tolist() == np.bincount(learnt).tolist()
    assert bars["In truth"].tolist() == np.bincount(labels).tolist()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing fetched yet, and nobody listens where the files would come from."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("no_proxy", "*")
    files = {
        dataset: tuple(
            dataclasses.replace(file, origin="http://127.0.0.1:9/nothing") for file in files
        )
        for dataset, files in downloads.REMOTE_FILES.items()
    }
    monkeypatch.setattr(downloads, "REMOTE_FILES", files)


def test_without_a_network_fetching_says_so_and_the_page_lives_on(
    open_app: Open, no_network: None
) -> None:
    test = open_app(dataset="fashion-mnist")
    assert not test.exception
    assert not test.error
    test.button(key=state.FETCH).click().run()
    assert not test.exception
    (error,) = test.error
    assert "Fashion-MNIST" in error.value
    assert "connection" in error.value
    test.selectbox(key=state.setting_key("dataset")).set_value("digits").run()
    assert not test.error
    assert "of 8x8 pixels" in captions(test)


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("epochs", 0, "Epochs: expected a whole number in [1, 1000]. Received: epochs=0."),
        ("epochs", 99999, "Epochs: expected a whole number in [1, 1000]. Received: epochs=99999."),
        ("seed", -3, "Seed: expected a whole number in [0, 2147483647]. Received: seed=-3."),
    ],
)
def test_a_number_beyond_its_limits_is_refused_in_words_and_stays_as_it_was_typed(
    open_app: Open, name: str, typed: int, sentence: str
) -> None:
    test = open_app(dataset="digits")
    field = test.number_input(key=state.setting_key(name))
    default = field.value
    field.set_value(typed).run()
    assert [error.value for error in test.error] == [sentence]
    assert test.number_input(key=state.setting_key(name)).value == typed
    train = next(button for button in test.button if button.label == "Train")
    assert train.disabled
    assert name not in dict(test.query_params)
    test.number_input(key=state.setting_key(name)).set_value(default).run()
    assert not test.error
    assert not next(button for button in test.button if button.label == "Train").disabled


def test_the_script_follows_the_settings(open_app: Open) -> None:
    (code,) = open_app(dropout_dense="0.55").code
    assert "Dropout(0.55" in code.value
    compile(code.value, "script.py", "exec")
