"""The small experiments: within all limits, each another one, and with words."""

from __future__ import annotations

import pytest

from core.checks import cautions, checked_plan, dropout_ahead_of_normalization
from core.data import facts
from core.settings import CONTROLS, changes_from_default, checked, from_mapping
from core.settings.presets import EXPERIMENT, PRESETS, REGULARIZERS


def test_all_nine_of_them_are_there_in_order():
    assert [preset.title for preset in PRESETS.values()] == [
        "No regularization",
        "Overfit on purpose",
        "Dropout",
        "Batch normalization",
        "Both, in the wrong order",
        "Both, in the right order",
        "Weight decay",
        "Augmentation",
        "Everything",
    ]
    assert all(key == preset.key for key, preset in PRESETS.items())


@pytest.mark.parametrize("key", PRESETS)
def test_every_value_is_one_that_its_control_can_be_set_to(key):
    for name, value in PRESETS[key].values.items():
        control = CONTROLS[name]
        assert checked(control, value) == value
        if control.choices:
            assert value in control.choices
        elif control.step is not None and control.low is not None:
            steps = (value - control.low) / control.step
            assert steps == pytest.approx(round(steps))


@pytest.mark.parametrize("key", PRESETS)
def test_it_says_nothing_that_is_the_default_already(key):
    values = PRESETS[key].values
    assert changes_from_default(from_mapping(values)) == {
        name: values[name] for name in CONTROLS if name in values
    }


@pytest.mark.parametrize("key", PRESETS)
def test_it_can_be_trained_and_says_what_to_look_for(key):
    preset = PRESETS[key]
    settings = from_mapping(preset.values)
    checked_plan(settings, facts(settings.data.dataset))
    assert preset.look_for.endswith(".")
    assert 60 < len(preset.look_for) < 330


def test_no_two_are_the_same():
    assert len({from_mapping(preset.values) for preset in PRESETS.values()}) == len(PRESETS)


def test_all_but_one_differ_in_regularizers_alone():
    """So their runs can be compared with one another."""
    for key, preset in PRESETS.items():
        only = set(preset.changes) <= {*REGULARIZERS, "optimizer"}
        assert only == (key != "overfit"), key
        assert set(EXPERIMENT) <= set(preset.values)


def plan_of(key: str):
    settings = from_mapping(PRESETS[key].values)
    return settings, checked_plan(settings, facts(settings.data.dataset))


def test_the_wrong_order_has_dropout_ahead_of_a_normalization_and_the_right_one_has_not():
    settings, wrong = plan_of("wrong-order")
    assert dropout_ahead_of_normalization(wrong) is not None
    assert any(caution.grave for caution in cautions(settings, wrong))
    for key in ("right-order", "everything"):
        settings, right = plan_of(key)
        kinds = [layer.kind for layer in right.layers]
        last = max(place for place, kind in enumerate(kinds) if "Normalization" in kind)
        assert kinds.index("Dropout") > last
        assert dropout_ahead_of_normalization(right) is None
        assert not cautions(settings, right)


def test_regularizers_leave_images_network_and_chance_alone():
    assert {CONTROLS[name].section for name in REGULARIZERS} == {
        "regularization",
        "augmentation",
        "optimisation",
    }
    assert not {"optimizer", "learning_rate", "batch_size", "epochs", "seed"} & set(REGULARIZERS)
