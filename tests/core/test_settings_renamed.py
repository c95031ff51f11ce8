"""Settings that were renamed: stored runs and links of earlier versions say the same as ever."""

from __future__ import annotations

import json

import pytest

from core.errors import LearnscopeError
from core.library.rows import settings_from_text
from core.settings import (
    CONTROLS,
    RENAMED,
    Settings,
    checked,
    from_mapping,
    from_text,
    under_new_name,
)

# A run of the first version with all that it could set on.
OLD_RUN = {
    "dataset": "digits",
    "training_images": 500,
    "wrong_labels": 0.3,
    "blocks": 1,
    "filters": 8,
    "kernel_size": 5,
    "pooling": "average",
    "dense_units": 64,
    "dropout_convolution": 0.25,
    "dropout_dense": 0.5,
    "spatial_dropout": True,
    "batch_normalization": True,
    "batch_normalization_momentum": 0.99,
    "batch_normalization_place": "after",
    "l1": 1e-5,
    "l2": 0.001,
    "early_stopping": True,
    "patience": 7,
    "optimizer": "sgd",
    "learning_rate": 0.01,
    "momentum": 0.5,
    "weight_decay": 0.1,
    "batch_size": 64,
    "epochs": 3,
    "seed": 7,
}
RENAMED_IN_IT = {
    "spatial_dropout": ("dropout_kind", "spatial"),
    "batch_normalization": ("normalization", "batch"),
    "batch_normalization_place": ("normalization_place", "after"),
}


def test_a_stored_run_of_an_earlier_version_is_read_whole_and_without_a_note() -> None:
    settings, note = settings_from_text(json.dumps(OLD_RUN))
    today = {n: v for n, v in OLD_RUN.items() if n not in RENAMED_IN_IT}
    assert settings == from_mapping(today | dict(RENAMED_IN_IT.values()))
    assert settings.regularization.batch_normalization
    assert note == ""


def test_what_came_later_is_off_in_it() -> None:
    settings, _ = settings_from_text(json.dumps(OLD_RUN))
    regularization, optimisation = settings.regularization, settings.optimisation
    assert (regularization.noise, regularization.max_norm, regularization.label_smoothing) == (
        (0.0,) * 3
    )
    assert (optimisation.schedule, optimisation.gradient_clipping) == ("constant", 0.0)
    assert optimisation.averaging == "none"


@pytest.mark.parametrize(("text", "stored", "now"), [("on", True, "ema"), ("off", False, "none")])
def test_the_average_that_was_on_or_off_is_the_moving_one_or_none(
    text: str, stored: bool, now: str
) -> None:
    """In links and in stored runs."""
    read = from_mapping({"weight_averaging": from_text("weight_averaging", text)})
    settings, note = settings_from_text(json.dumps({"weight_averaging": stored}))
    assert read == settings == from_mapping({"averaging": now})
    assert (read.optimisation.weight_averaging, note) == (stored, "")


def test_what_was_off_stays_off() -> None:
    old = {"spatial_dropout": False, "batch_normalization": False}
    assert from_mapping({**old, "batch_normalization_place": "before"}) == Settings()


@pytest.mark.parametrize(("old", "new"), RENAMED_IN_IT.items())
def test_a_link_under_the_old_name_sets_the_new_one(old: str, new: tuple[str, str]) -> None:
    text = "after" if old.endswith("place") else "on"
    assert from_mapping({old: from_text(old, text)}) == from_mapping(dict([new]))


def test_beside_the_name_of_today_the_old_one_counts_for_nothing() -> None:
    for values in (
        {"batch_normalization": True, "normalization": "group"},
        {"normalization": "group", "batch_normalization": True},
    ):
        assert from_mapping(values).regularization.normalization == "group"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "spatial_dropout",
            "yes",
            "Spatial dropout: expected on or off. Received: spatial_dropout=yes.",
        ),
        (
            "batch_normalization",
            "1",
            "Batch normalization: expected on or off. Received: batch_normalization=1.",
        ),
        (
            "batch_normalization_place",
            "on",
            "Place of the normalization: expected one of before, after. Received: "
            "batch_normalization_place=True.",
        ),
    ],
)
def test_what_the_old_setting_never_was_is_refused(name: str, text: str, sentence: str) -> None:
    with pytest.raises(LearnscopeError) as refusal:
        from_text(name, text)
    assert str(refusal.value) == sentence


def test_a_stored_value_that_never_was_is_left_out_with_a_note() -> None:
    settings, note = settings_from_text('{"batch_normalization": 1, "seed": 4}')
    assert settings == from_mapping({"seed": 4})
    assert note.endswith("with settings that this one does not know: batch_normalization=1.")


@pytest.mark.parametrize("name", RENAMED)
def test_an_old_name_is_none_of_today_s_and_leads_to_values_that_are_allowed(name: str) -> None:
    assert name not in CONTROLS
    for value in RENAMED[name].values:
        new, meant = under_new_name(name, value)
        assert checked(CONTROLS[new], meant) == meant


def test_a_name_of_today_stays_as_it_is() -> None:
    assert under_new_name("l2", 0.5) == ("l2", 0.5)
