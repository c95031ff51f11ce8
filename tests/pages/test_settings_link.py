"""Settings in a link: what it sets, what it says wrongly, and the address bar that follows."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.settings import CONTROLS
from pages.shared import state

Open = Callable[..., AppTest]

# Every setting as it stands in a link, and what its control then holds.
LINK = {
    "dataset": ("digits", "digits"),
    "training_images": ("500", 500),
    "wrong_labels": ("0.3", 0.3),
    "blocks": ("1", 1),
    "filters": ("8", 8),
    "kernel_size": ("5", 5),
    "pooling": ("average", "average"),
    "dense_units": ("64", 64),
    "dropout_convolution": ("0.25", 0.25),
    "dropout_dense": ("0.5", 0.5),
    "dropout_kind": ("spatial", "spatial"),
    "noise": ("0.1", 0.1),
    "noise_place": ("blocks", "blocks"),
    "normalization": ("group", "group"),
    "batch_normalization_momentum": ("0.99", 0.99),
    "normalization_groups": ("2", 2),
    "normalization_place": ("after", "after"),
    "l1": ("1e-05", 1e-5),
    "l2": ("0.0123", 0.0123),  # Between two stops of its slider.
    "max_norm": ("3.0", 3.0),
    "label_smoothing": ("0.1", 0.1),
    "early_stopping": ("on", True),
    "patience": ("7", 7),
    "shift": ("0.15", 0.15),
    "rotation": ("12.5", 12.5),
    "zoom": ("0.1", 0.1),
    "flip": ("both", "both"),
    "contrast": ("0.3", 0.3),
    "cutout": ("0.5", 0.5),
    "mixup": ("0.2", 0.2),
    "cutmix": ("1.0", 1.0),
    "optimizer": ("sgd", "sgd"),
    "learning_rate": ("0.01", 0.01),
    "schedule": ("plateau", "plateau"),
    "schedule_factor": ("0.3", 0.3),
    "schedule_epochs": ("4", 4),
    "schedule_patience": ("2", 2),
    "momentum": ("0.5", 0.5),
    "weight_decay": ("0.1", 0.1),
    "gradient_clipping": ("0.25", 0.25),
    "averaging": ("swa", "swa"),
    "averaging_momentum": ("0.9", 0.9),
    "averaging_start": ("0.3", 0.3),  # Between two stops.
    "batch_size": ("48", 48),
    "epochs": ("3", 3),
    "seed": ("2147483647", 2**31 - 1),
}


def held(test: AppTest) -> dict[str, object]:
    """What the controls hold, by the setting's name."""
    return {name: test.session_state[state.setting_key(name)] for name in CONTROLS}


def sentences(test: AppTest) -> list[str]:
    return [warning.value for warning in test.warning]


def address(test: AppTest) -> dict[str, str]:
    return {name: text for name, (text,) in _lists(test).items()}


def _lists(test: AppTest) -> dict[str, list[str]]:
    given = dict(test.query_params)
    return {name: text if isinstance(text, list) else [text] for name, text in given.items()}


def test_a_link_sets_every_setting_and_stays_in_the_address_bar(open_app: Open) -> None:
    link = {name: text for name, (text, _) in LINK.items()}
    test = open_app(**link)
    assert not test.exception
    assert list(LINK) == list(CONTROLS)
    assert held(test) == {name: value for name, (_, value) in LINK.items()}
    assert address(test) == link
    assert not any("link" in sentence for sentence in sentences(test))


def test_without_a_link_all_controls_stand_at_their_defaults(open_app: Open) -> None:
    test = open_app()
    assert held(test) == {name: control.default for name, control in CONTROLS.items()}
    assert address(test) == {}


def test_each_wrong_value_is_one_sentence_and_the_other_settings_are_kept(open_app: Open) -> None:
    test = open_app(
        dropout_dense="1",
        dropout_convolution="nan",
        wrong_labels="much",
        epochs="1" + 400 * "0",
        blocks="2.5",
        dropout="0.5",
        dataset="svhn",
        spatial_dropout="yes",
        seed="7",
    )
    assert not test.exception
    kept = "This setting keeps its default."
    assert sentences(test) == [
        "In the link: Dropout rate (dense): expected a number in [0, 0.95]. Received: "
        f"dropout_dense=1. {kept}",
        "In the link: Dropout rate (convolution): expected a number in [0, 0.95]. Received: "
        f"dropout_convolution=nan. {kept}",
        f"In the link: Wrong labels: expected a number. Received: wrong_labels=much. {kept}",
        "In the link: Epochs: expected a whole number in [1, 1000]. Received: "
        f"epochs=1{59 * '0'}.... {kept}",
        "In the link: Convolution blocks: expected a whole number. Received: blocks=2.5. " + kept,
        "In the link: Expected the name of a setting. Received: dropout, which this version of "
        "Learnscope does not know. It is left out.",
        "In the link: Data set: expected one of mnist-5k, digits, fashion-mnist, mnist, cifar10. "
        f"Received: dataset=svhn. {kept}",
        f"In the link: Spatial dropout: expected on or off. Received: spatial_dropout=yes. {kept}",
    ]
    defaults = {name: control.default for name, control in CONTROLS.items()}
    assert held(test) == {**defaults, "seed": 7}
    assert address(test) == {"seed": "7"}


def test_a_link_of_an_earlier_version_opens_under_the_names_of_today(open_app: Open) -> None:
    test = open_app(
        dropout_convolution="0.25",
        spatial_dropout="on",
        batch_normalization="on",
        batch_normalization_place="after",
        batch_normalization_momentum="0.99",
    )
    assert not [sentence for sentence in sentences(test) if "link" in sentence]
    assert address(test) == {
        "dropout_convolution": "0.25",
        "dropout_kind": "spatial",
        "normalization": "batch",
        "batch_normalization_momentum": "0.99",
        "normalization_place": "after",
    }
    assert held(test)["normalization"] == "batch"


def test_the_sentences_stay_until_a_setting_is_changed(open_app: Open) -> None:
    test = open_app(dropout_dense="1").run()
    assert len(sentences(test)) == 1
    test.slider(key=state.setting_key("dropout_dense")).set_value(0.5).run()
    assert sentences(test) == []


def test_the_address_bar_follows_the_controls_and_opens_the_same_settings_elsewhere(
    open_app: Open,
) -> None:
    test = open_app(seed="7")
    test.slider(key=state.setting_key("dropout_dense")).set_value(0.5).run()
    test.segmented_control(key=state.setting_key("normalization")).set_value("batch").run()
    link = {"dropout_dense": "0.5", "normalization": "batch", "seed": "7"}
    assert address(test) == link
    assert held(open_app(**link)) == held(test)
    test.number_input(key=state.setting_key("seed")).set_value(1).run()
    assert address(test) == {"dropout_dense": "0.5", "normalization": "batch"}


def test_a_link_may_name_more_images_than_the_data_set_has(open_app: Open) -> None:
    test = open_app(dataset="digits", training_images="60000", seed="x")
    assert not test.exception
    assert len(sentences(test)) == 1
    (refusal,) = [error.value for error in test.error if "1,197" in error.value]
    assert refusal == (
        "Training images: expected at most 1,197, which is what Digits 8x8 (built in) has. "
        "Received: 60,000. Lower the number or choose a larger data set."
    )
    assert held(test)["training_images"] == 60000  # Nothing that was typed is lost.
    assert next(button for button in test.button if button.label == "Train").disabled
    test.number_input(key=state.setting_key("training_images")).set_value(1000).run()
    assert not [error.value for error in test.error]
    assert not next(button for button in test.button if button.label == "Train").disabled


def test_settings_outlive_a_visit_to_another_page_and_return_to_the_address_bar(
    open_app: Open,
) -> None:
    test = open_app(dropout_dense="0.5")
    test.number_input(key=state.setting_key("epochs")).set_value(3).run()
    before = held(test)
    test.switch_page("pages/learning/runs.py")
    test.query_params.clear()
    test.run()
    assert test.title[0].value == "Runs"
    test.switch_page("pages/learning/train.py").run()
    assert held(test) == before
    assert address(test) == {"dropout_dense": "0.5", "epochs": "3"}


def test_a_click_that_still_brings_the_old_address_undoes_nothing(open_app: Open) -> None:
    """With each click the browser sends its address, also one that it has yet to change."""
    test = open_app(seed="7")
    test.slider(key=state.setting_key("dropout_dense")).set_value(0.5).run()
    test.query_params.clear()
    test.query_params["seed"] = "7"
    test.slider(key=state.setting_key("dropout_convolution")).set_value(0.25).run()
    assert address(test) == {"dropout_convolution": "0.25", "dropout_dense": "0.5", "seed": "7"}


def test_a_new_link_in_the_same_tab_replaces_the_settings(open_app: Open) -> None:
    test = open_app(dropout_dense="0.5", seed="7")
    test.query_params.clear()
    test.query_params["epochs"] = "3"
    test.run()
    assert address(test) == {"epochs": "3"}
    assert held(test)["dropout_dense"] == 0.0
