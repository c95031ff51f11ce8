"""Settings side by side: what a variant changes, its link, its runs and their names."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from core.comparison.begun_alike import begun_alike
from core.comparison.named_groups import group_tag, name_of_group, named_groups
from core.comparison.overlay import (
    as_in_the_experiment,
    overlay,
    preset_of,
    shades_of,
    table_side_by_side,
)
from core.comparison.side_by_side import (
    AS_BASE,
    FIRST,
    MOST,
    VARIANT_PRESETS,
    Variant,
    from_link,
    settings_of,
    settings_side_by_side,
    to_link,
    variants_of,
)
from core.errors import LearnscopeError
from core.figures.side_by_side import growing_curves
from core.fitting.begun_with import KIND, BegunWith
from core.library.records import Event, State
from core.settings import differences, from_mapping
from core.settings.presets import PRESETS, REGULARIZERS
from tests.core.made_runs import made_epochs, made_run

BASE = from_mapping({"dataset": "digits", "epochs": 9, "seed": 4, "l2": 0.01})


# Variants


@pytest.mark.parametrize("start", VARIANT_PRESETS)
def test_a_preset_changes_nothing_but_regularizers(start):
    changed = differences([BASE, settings_of(BASE, Variant(start))])
    assert set(changed) <= {*REGULARIZERS, "optimizer"}
    assert ("optimizer" in changed) == ("weight_decay" in PRESETS[start].changes)


def test_a_preset_takes_the_regularizers_of_the_base_away():
    assert settings_of(BASE, Variant("none")).regularization.l2 == 0
    assert settings_of(BASE, Variant("dropout")).regularization.l2 == 0


def test_as_the_base_keeps_them_and_changes_come_on_top():
    assert settings_of(BASE, Variant(AS_BASE)) == BASE
    both = settings_of(BASE, Variant(AS_BASE, {"dropout_dense": 0.3})).regularization
    assert (both.l2, both.dropout_dense) == (0.01, 0.3)


def test_weight_decay_comes_with_the_optimizer_that_has_it():
    own = settings_of(BASE, Variant("none", {"weight_decay": 0.1})).optimisation
    assert (own.optimizer, own.weight_decay) == ("adamw", 0.1)


def test_without_weight_decay_a_base_with_adamw_is_trained_by_adam():
    base = from_mapping({"optimizer": "adamw", "weight_decay": 0.1})
    assert settings_of(base, Variant("none")).optimisation.optimizer == "adam"
    assert settings_of(from_mapping({"optimizer": "sgd"}), Variant("none")) == from_mapping(
        {"optimizer": "sgd"}
    )


def test_too_few_too_many_and_twins_are_refused():
    with pytest.raises(LearnscopeError, match=r"expected 2 to 6 settings. Received: 1. Add one"):
        settings_side_by_side(BASE, [Variant("none")])
    with pytest.raises(LearnscopeError, match=r"Received: 7. Take some away"):
        settings_side_by_side(
            BASE, [Variant("none", {"dropout_dense": 0.1 * n}) for n in range(MOST + 1)]
        )
    with pytest.raises(LearnscopeError, match=r"“No regularization” and “As the base”"):
        settings_side_by_side(from_mapping({}), [Variant("none"), Variant(AS_BASE)])


def test_what_stands_there_first_can_be_trained():
    many = settings_side_by_side(from_mapping(PRESETS["none"].values), FIRST)
    assert [settings.regularization.dropout_dense for settings in many] == [0, 0.5, 0]


def test_variants_are_read_back_from_their_link():
    variants = (
        Variant("none"),
        Variant("dropout", {"dropout_dense": 0.3, "early_stopping": True}),
        Variant(AS_BASE, {"normalization": "group"}),
    )
    link = to_link(variants)
    assert link == "none,dropout;dropout_dense:0.3;early_stopping:on,base;normalization:group"
    assert from_link(link) == variants


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("none,nonsense", "Received: 'nonsense'"),
        ("none;epochs:3", "Expected the name of a regularizer. Received: 'epochs'"),
        ("none;dropout_dense:2", r"expected a number in \[0, 0.95\]. Received: dropout_dense=2"),
        ("overfit", "Received: 'overfit'"),
    ],
)
def test_a_link_that_cannot_be_is_refused_in_words(link, complaint):
    with pytest.raises(LearnscopeError, match=complaint):
        from_link(link)


def test_variants_are_found_again_from_the_settings_of_runs():
    variants = (Variant(AS_BASE), Variant("dropout"), Variant(AS_BASE, {"noise": 0.2}))
    many = settings_side_by_side(BASE, variants)
    assert variants_of(BASE, many) == variants


# Names


def test_a_group_gets_the_name_that_it_is_given_or_a_number_that_is_free():
    assert group_tag("", []) == "Side by side: 1"
    assert group_tag("", ["Side by side: 1", "Side by side: 3"]) == "Side by side: 2"
    assert group_tag(" Rates  of dropout", []) == "Side by side: Rates of dropout"
    assert group_tag("Rates", ["Side by side: Rates"]) == "Side by side: Rates 1"


def test_a_tag_for_a_group_is_short_enough_for_a_tag():
    taken = [group_tag("x" * 50, [])]
    for _ in range(12):
        taken.append(group_tag("x" * 50, taken))
    assert len(set(taken)) == 13
    assert max(map(len, taken)) <= 40


def test_groups_are_found_by_their_tags_the_newest_first():
    old = [made_run(n, tags=("Side by side: 1",)) for n in (1, 2)]
    new = [made_run(n, tags=("other", "Side by side: 2")) for n in (3, 4)]
    alone = made_run(5, tags=("Side by side: 3",))
    found = named_groups([*new, alone, *old, made_run(6)])
    assert list(found) == ["2", "1"]
    assert [run.id for run in found["1"]] == [run.id for run in old]
    assert name_of_group(new) == "2"
    assert name_of_group([*new, *old]) == name_of_group([]) == ""


# Whether they began alike


def events_of(weights: str = "a", batches: str = "b") -> list[Event]:
    return [Event(0, 1, 0, KIND, BegunWith(weights * 16, batches * 16).words)]


def test_runs_that_noted_the_same_are_proved_to_have_begun_alike():
    runs = [made_run(n, fingerprint="f" * 64) for n in (1, 2)]
    alike = begun_alike(runs, {run.id: events_of() for run in runs})
    assert alike.proved
    assert alike.sentence.startswith("The same in all 2 runs")
    assert alike.rows[1] == {
        "": "B",
        "Setting": "Seed 2",
        "Images and labels": "f" * 12,
        "First weights": "a" * 12,
        "Batches": "b" * 12,
    }


def test_what_differs_is_named():
    runs = [made_run(n, fingerprint="f" * 64) for n in (1, 2)]
    alike = begun_alike(runs, {runs[0].id: events_of(), runs[1].id: events_of(weights="c")})
    assert not alike.proved
    assert alike.sentence.startswith("Not the same in all of these runs: first weights.")


def test_a_run_that_has_not_begun_proves_nothing_yet():
    runs = [made_run(1, fingerprint="f" * 64), made_run(2, fingerprint="f" * 64), made_run(3)]
    alike = begun_alike(runs, {runs[0].id: events_of(), runs[1].id: events_of(), runs[2].id: []})
    assert (alike.proved, alike.unknown, alike.different) == (False, 1, ())
    assert "The same in the 2 runs that have begun" in alike.sentence
    assert alike.rows[2]["First weights"] == "not known yet"


# Curves and figures


def test_the_overlay_has_a_curve_a_run_from_the_first_epoch_on():
    curves, measure = overlay([made_epochs([2.0, 1.0]), []], "loss", training=True)
    assert measure.title == "Loss (nats)"
    assert curves[0].mean is not None
    np.testing.assert_array_equal(curves[0].mean.at, [1, 2])
    np.testing.assert_array_equal(curves[0].mean.mean, [2, 1])
    (fair,) = curves[0].not_counted
    np.testing.assert_array_equal(fair.values, [1.75, 0.75])
    assert (curves[1].mean, curves[1].not_counted) == (None, ())
    assert overlay([made_epochs([2.0])], "accuracy", training=False)[0][0].not_counted == ()


def test_the_chart_has_room_for_all_epochs_from_the_beginning():
    runs = [made_run(1), made_run(2)]
    curves, measure = overlay([made_epochs([2.0, 1.0]), []], "loss", training=True)
    figure = growing_curves(curves, shades_of(runs), measure, "", 30, 300)
    assert tuple(figure.layout.xaxis.range) == (0, 30)
    assert figure.layout.xaxis.title.text == "Epoch"
    assert [trace.name for trace in figure.data if trace.showlegend] == ["A: Seed 1"]


def test_a_long_name_is_shortened_in_the_legend_and_begins_as_it_did():
    runs = [dataclasses.replace(made_run(1), name="Wrong labels 0.3, " * 6)]
    curves, measure = overlay([made_epochs([2.0, 1.0])], "loss", training=False)
    figure = growing_curves(curves, shades_of(runs), measure, "", 30, 300)
    (name,) = [trace.name for trace in figure.data if trace.showlegend]
    assert len(name) == 44 and name.endswith("…")
    assert shades_of(runs)[0].name.startswith(name[:-1])


def test_a_chart_without_a_curve_has_axes_that_mean_something():
    shades = shades_of([made_run(1)])
    for what, top in (("loss", 2.5), ("accuracy", 1.0)):
        curves, measure = overlay([[]], what, training=False)
        figure = growing_curves(curves, shades, measure, "", 30, 300)
        assert tuple(figure.layout.yaxis.range) == (0, top)


def test_the_table_has_the_best_figures_and_the_last():
    run = made_run(1, loss=0.25, accuracy=0.9, test_accuracy=0.88)
    waiting = made_run(2, loss=None, accuracy=None, test_accuracy=None, state=State.QUEUED)
    row, empty = table_side_by_side([run, waiting], [made_epochs([0.25, 0.5]), []])
    assert row == {
        "": "A",
        "Setting": "Seed 1",
        "State": "finished",
        "Best epoch": "3",
        "Validation loss": "0.250 → 0.500",
        "Validation accuracy": "90.0% → 50.0%",
        "Training accuracy": "60.0%",
        "Test accuracy": "88.0%",
    }
    assert list(empty.values()) == ["B", "Seed 2", "waiting for its turn", "", "", "", "", ""]


@pytest.mark.parametrize("key", VARIANT_PRESETS)
def test_a_run_s_preset_is_known_by_its_regularizers(key):
    base = from_mapping({"dataset": "digits", "epochs": 3})
    run = made_run(1)
    object.__setattr__(run, "settings", settings_of(base, Variant(key)))
    found = preset_of(run)
    assert found is not None and found.key == key


@pytest.mark.parametrize("key", VARIANT_PRESETS)
def test_what_to_look_for_was_seen_with_the_preset_s_own_images_and_network_alone(key):
    own = from_mapping({**PRESETS[key].values, "seed": 7, "dropout_dense": 0.25})
    assert as_in_the_experiment(own, PRESETS[key])
    for other in ({"dataset": "digits"}, {"wrong_labels": 0.0}, {"epochs": 3}, {"filters": 4}):
        settings = from_mapping({**PRESETS[key].values, **other})
        assert not as_in_the_experiment(settings, PRESETS[key])


def test_a_run_with_other_regularizers_has_no_preset():
    assert preset_of(made_run(1, settings={"dropout_dense": 0.35})) is None
