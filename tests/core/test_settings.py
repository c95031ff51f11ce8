"""Settings: the same set of names everywhere, limits that hold, words that say what changed."""

from __future__ import annotations

import dataclasses
import math
import re

import pytest

from core.errors import LearnscopeError
from core.settings import (
    CONTROLS,
    Settings,
    changes_from_default,
    checked,
    describe,
    differences,
    from_mapping,
    to_mapping,
    value_of,
)

NUMBERS = [name for name, control in CONTROLS.items() if control.low is not None]


def refusal(values) -> str:
    with pytest.raises(LearnscopeError) as refused:
        from_mapping(values)
    return str(refused.value)


# Controls


def test_controls_and_fields_are_the_same_in_the_same_order():
    fields = [
        (section.name, part.name)
        for section in dataclasses.fields(Settings)
        for part in dataclasses.fields(getattr(Settings(), section.name))
    ]
    assert [(control.section, name) for name, control in CONTROLS.items()] == fields
    assert [control.name for control in CONTROLS.values()] == list(CONTROLS)


def test_no_two_controls_have_the_same_label():
    assert len({control.label for control in CONTROLS.values()}) == len(CONTROLS)


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_teaches_in_one_to_three_sentences(name):
    control = CONTROLS[name]
    assert control.label[0].isupper() and not control.label.endswith((".", ":"))
    assert control.help.endswith(".")
    assert 1 <= len(re.findall(r"\.(?= [A-Z]|$)", control.help)) <= 3


@pytest.mark.parametrize("name", CONTROLS)
def test_the_default_and_every_stop_are_allowed_and_keep_their_type(name):
    control = CONTROLS[name]
    for value in (control.default, *control.choices):
        kept = checked(control, value)
        assert kept == value
        assert type(kept) is type(control.default)
    if control.choices:
        assert control.default in control.choices
    if control.step is not None:
        stops = (control.default - control.low) / control.step
        assert math.isclose(stops, round(stops), abs_tol=1e-9), "no stop of the slider"


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_has_limits_or_choices_unless_it_is_a_switch(name):
    control = CONTROLS[name]
    assert isinstance(control.default, bool) or control.choices or control.low < control.high


def test_only_what_is_a_choice_has_a_word_of_its_own():
    for control in CONTROLS.values():
        assert set(control.words) <= set(control.choices)


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("l2", 0.0, "off"),
        ("l2", 0.00001, "1e-05"),
        ("dropout_dense", 0.15000000000000002, "0.15"),
        ("early_stopping", True, "on"),
        ("early_stopping", False, "off"),
        ("kernel_size", 5, "5x5"),
        ("optimizer", "adamw", "AdamW (weight decay)"),
        ("batch_size", 64, "64"),
        ("momentum", 0.0, "0"),
    ],
)
def test_a_value_in_words(name, value, word):
    assert CONTROLS[name].word(value) == word


# Mappings


def test_settings_come_back_from_their_mapping():
    values = {name: control.choices[-1] for name, control in CONTROLS.items() if control.choices}
    settings = from_mapping(values | {"early_stopping": True, "wrong_labels": 0.3, "seed": 7})
    assert settings != Settings()
    assert from_mapping(to_mapping(settings)) == settings
    assert to_mapping(settings)["wrong_labels"] == 0.3


def test_names_that_are_missing_keep_their_defaults():
    assert from_mapping({}) == Settings()
    assert from_mapping({"seed": 4}).optimisation == dataclasses.replace(
        Settings().optimisation, seed=4
    )


def test_settings_cannot_be_changed_and_can_be_a_key():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().optimisation.seed = 2
    assert {Settings(): "first"}[from_mapping({})] == "first"


def test_a_value_is_found_by_its_name_alone():
    assert value_of(from_mapping({"patience": 9}), "patience") == 9
    with pytest.raises(KeyError):
        value_of(Settings(), "temperature")


def test_an_unknown_name_is_refused():
    assert refusal({"dropuot": 0.5}) == (
        "Expected the name of a setting. Received: 'dropuot', which this version of Learnscope "
        "does not know. Leave it out."
    )


# Limits


@pytest.mark.parametrize("name", NUMBERS)
def test_both_ends_are_allowed_and_nothing_beyond_them(name):
    control = CONTROLS[name]
    beyond = 1 if isinstance(control.default, int) else 1e-6
    for end in (control.low, control.high):
        assert value_of(from_mapping({name: end}), name) == end
    for outside in (control.low - beyond, control.high + beyond):
        assert refusal({name: outside}).startswith(f"{control.label}: expected a")


@pytest.mark.parametrize("name", [*NUMBERS, "kernel_size"])
@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, pytest.param(10**400, id="401 digits"), "3", True, None],
)
def test_what_is_no_sensible_number_is_refused(name, value):
    sentence = refusal({name: value})
    assert sentence.startswith(f"{CONTROLS[name].label}: expected ")
    assert f"Received: {name}=" in sentence


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"dropout_dense": 1.2},
            "Dropout rate (dense): expected a number in [0, 0.95]. Received: dropout_dense=1.2.",
        ),
        (
            {"dropout_dense": math.nan},
            "Dropout rate (dense): expected a number in [0, 0.95]. Received: dropout_dense=nan.",
        ),
        (
            {"epochs": 2.5},
            "Epochs: expected a whole number. Received: epochs=2.5.",
        ),
        (
            {"training_images": 7},
            "Training images: expected a whole number in [50, 60000]. Received: training_images=7.",
        ),
        (
            {"learning_rate": 0},
            "Learning rate: expected a number in [1e-07, 1000]. Received: learning_rate=0.",
        ),
        (
            {"kernel_size": 4},
            "Kernel size: expected one of 3, 5, 7. Received: kernel_size=4.",
        ),
        (
            {"averaging_start": 1},
            "Start of the average: expected a number in [0, 0.95]. Received: averaging_start=1.",
        ),
        (
            {"averaging": "mean"},
            "Averaged weights: expected one of none, ema, swa. Received: averaging=mean.",
        ),
        (
            {"pooling": "median"},
            "Pooling: expected one of max, average, none. Received: pooling=median.",
        ),
        (
            {"early_stopping": 1},
            "Early stopping: expected on or off. Received: early_stopping=1.",
        ),
        (
            {"seed": "seven"},
            "Seed: expected a number. Received: seed=seven.",
        ),
    ],
)
def test_a_refusal_names_the_control_what_was_expected_and_what_came(values, sentence):
    assert refusal(values) == sentence


def test_a_refusal_stays_short_whatever_came():
    assert refusal({"pooling": "max" * 5000}) == (
        "Pooling: expected one of max, average, none. Received: pooling=" + "max" * 20 + "...."
    )


def test_a_number_takes_the_type_of_its_control():
    settings = from_mapping({"l2": 1, "epochs": 20.0, "kernel_size": 5.0})
    assert type(settings.regularization.l2) is float
    assert type(settings.optimisation.epochs) is int
    assert type(settings.network.kernel_size) is int


# Words


def test_describe_tells_what_was_changed():
    settings = from_mapping({"optimizer": "sgd", "dropout_dense": 0.5, "l2": 0.001})
    assert describe(settings) == (
        "Dropout rate (dense) 0.5, L2 strength 0.001, Optimizer SGD with momentum"
    )
    assert describe(Settings()) == "Default settings"


def test_changes_from_default_are_in_page_order():
    settings = from_mapping({"seed": 3, "batch_normalization": True, "dataset": "digits"})
    assert list(changes_from_default(settings).items()) == [
        ("dataset", "digits"),
        ("normalization", "batch"),
        ("seed", 3),
    ]
    assert changes_from_default(Settings()) == {}


def test_differences_are_what_not_all_runs_share():
    runs = [from_mapping({"l2": 0.01, "seed": seed}) for seed in (1, 2, 1)]
    assert differences(runs) == ["seed"]
    assert differences([*runs, Settings()]) == ["l2", "seed"]
    assert differences(runs[:1]) == []
    assert differences([]) == []
