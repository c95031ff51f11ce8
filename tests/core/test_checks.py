"""What is refused before training, and what gets a word of caution."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.checks import (
    Caution,
    cautions,
    checked_plan,
    dropout_ahead_of_normalization,
    machine_memory,
)
from core.data import facts
from core.errors import LearnscopeError
from core.network import plan_network
from core.settings import Settings, from_mapping
from tests.core.small import small

ENOUGH = 10**9


def refusal(settings: Settings, memory: int = ENOUGH) -> str:
    with pytest.raises(LearnscopeError) as refused:
        checked_plan(settings, facts(settings.data.dataset), memory)
    return str(refused.value)


def words(**changes: object) -> list[Caution]:
    settings = small(**changes)
    return cautions(settings, plan_network(settings, (8, 8, 1), 10))


# Refusals


def test_what_can_be_trained_is_planned():
    settings = small()
    planned = checked_plan(settings, facts("digits"), ENOUGH)
    assert planned == plan_network(settings, (8, 8, 1), 10)


@pytest.mark.parametrize("dataset", ["mnist-5k", "fashion-mnist", "mnist", "cifar10"])
def test_the_default_network_can_be_trained_on_every_data_set(dataset):
    checked_plan(from_mapping({"dataset": dataset}), facts(dataset), 4 * ENOUGH)


def test_more_images_than_there_are_is_refused():
    assert refusal(small(training_images=1198)) == (
        "Training images: expected at most 1,197, which is what Digits 8x8 (built in) has. "
        "Received: 1,198. Lower the number or choose a larger data set."
    )
    checked_plan(small(training_images=1197), facts("digits"), ENOUGH)


def test_a_batch_of_more_images_than_there_are_is_refused():
    assert refusal(small(training_images=100, batch_size=101)) == (
        "Batch size: expected at most the 100 training images. Received: 101. Lower the batch "
        "size or take more images."
    )
    checked_plan(small(training_images=100, batch_size=100), facts("digits"), ENOUGH)


def test_maps_that_shrink_to_nothing_are_refused_with_their_layer():
    assert refusal(small(blocks=4)) == (
        "Expected maps of at least 2x2 numbers before pool_4. Received: 1x1, which it would halve "
        "to nothing. Use fewer convolution blocks, or no pooling."
    )


def test_what_is_too_large_is_refused_with_its_largest_layer():
    """The bytes are those that tests of the plan count by hand: 194,592, of them 66,176."""
    assert refusal(small(), memory=300_000) == (
        "Expected a network that trains in 150 kB, half of this machine's memory. Received: one "
        "of about 195 kB, of which the layer conv_1 alone takes 66.2 kB. Use pooling, fewer "
        "filters, fewer dense units or a smaller batch."
    )


def test_the_largest_layer_may_be_one_of_weights():
    large = {"dataset": "cifar10", "training_images": 5000, "dense_units": 2048, "pooling": "none"}
    assert "the layer dense alone takes 1.1 GB" in refusal(from_mapping(large))


def test_exactly_half_of_the_memory_is_allowed():
    checked_plan(small(), facts("digits"), 2 * 194_592)
    assert "too" not in refusal(small(), 2 * 194_592 - 2)


def test_the_machine_s_own_memory_counts_where_none_is_given():
    largest = {"filters": 256, "dense_units": 2048, "pooling": "none", "batch_size": 512}
    settings = from_mapping({"dataset": "mnist-5k", "blocks": 4, **largest})
    with pytest.raises(LearnscopeError, match="half of this machine's memory"):
        checked_plan(settings, facts("mnist-5k"))


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="only Linux tells it there")
def test_the_machine_s_memory_is_what_the_system_tells():
    total = Path("/proc/meminfo").read_text().split("MemTotal:")[1].split()[0]
    assert machine_memory() == pytest.approx(1024 * int(total), rel=0.01)


# Cautions


def test_ordinary_settings_need_no_word():
    assert words() == []
    many = {"training_images": 1000, "batch_normalization": True}
    assert words(**many, dropout_dense=0.5, early_stopping=True, patience=2) == []


def test_dropout_ahead_of_normalization_gets_a_grave_word_and_its_reason():
    many = {"training_images": 1000, "batch_normalization": True}
    assert words(**many, dropout_convolution=0.2) == [
        Caution(
            True,
            "dropout_1 stands ahead of batch_normalization_dense. Dropout changes the variance "
            "that the normalization learns in training, but not the one it meets afterwards, so "
            "its statistics are off when it counts (variance shift; Li et al., 2019). Dropout "
            "behind the last normalization, in the dense part, does not do this. You can still "
            "train it, and see.",
        )
    ]


@pytest.mark.parametrize(
    ("changes", "pair"),
    [
        ({"dropout_convolution": 0.2, "blocks": 2}, ("dropout_1", "batch_normalization_2")),
        (
            {"dropout_convolution": 0.2, "spatial_dropout": True},
            ("dropout_1", "batch_normalization_dense"),
        ),
        (
            {"dropout_convolution": 0.2, "batch_normalization_place": "after"},
            ("dropout_1", "batch_normalization_dense"),
        ),
        (
            {"dropout_convolution": 0.2, "dropout_kind": "gaussian"},
            ("dropout_1", "batch_normalization_dense"),
        ),
        ({"dropout_convolution": 0.2, "normalization": "group"}, None),
        ({"dropout_dense": 0.5}, None),
        ({"dropout_dense": 0.5, "batch_normalization_place": "after"}, None),
        ({"dropout_convolution": 0.2, "batch_normalization": False}, None),
    ],
    ids=str,
)
def test_the_dropout_and_the_normalization_behind_it_are_found(changes, pair):
    settings = small(**({"batch_normalization": True} | changes))
    assert dropout_ahead_of_normalization(plan_network(settings, (8, 8, 1), 10)) == pair


def test_normalization_over_batches_of_one_image_gets_a_grave_word():
    found = words(batch_normalization=True, batch_size=1)
    assert found == [
        Caution(
            True,
            "With a batch of 1 image, batch normalization has no batch to take statistics from: "
            "dense units all become 0 in training, and nothing can be learned from them. Use "
            "batches of at least 8 images.",
        )
    ]
    assert words(batch_size=1) == []


def test_slow_statistics_get_a_word():
    """Four steps an epoch at momentum 0.9 leave 0.9^4 = 66 % of the start."""
    assert words(batch_normalization=True, batch_normalization_momentum=0.9) == [
        Caution(
            False,
            "The averages of batch normalization start at nothing, and at this momentum 66% of "
            "that start is left after the first epoch: the validation loss looks bad until they "
            "have caught up. A lower momentum, or smaller batches, catches up sooner.",
        )
    ]


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({"schedule": "step", "schedule_epochs": 5, "epochs": 5}, "5 epochs, and the run"),
        ({"schedule": "plateau", "schedule_patience": 7, "epochs": 3}, "7 epochs, and the run"),
        ({"schedule": "step", "schedule_epochs": 4, "epochs": 5}, ""),
        ({"schedule": "cosine", "schedule_epochs": 9, "epochs": 5}, ""),
    ],
    ids=str,
)
def test_a_schedule_that_cannot_act_gets_a_word(changes, waits):
    found = words(**changes)
    if not waits:
        assert found == []
        return
    (caution,) = found
    assert not caution.grave
    assert caution.sentence.startswith("The schedule cannot lower the learning rate: it waits")
    assert waits in caution.sentence


def test_an_average_that_cannot_follow_gets_a_word():
    """Four steps an epoch; after three epochs of them 0.9^12 = 28 % of the first are left."""
    assert words(weight_averaging=True, averaging_momentum=0.9, epochs=3) == [
        Caution(
            False,
            "At this momentum, 28% of the averaged weights are still those after the first step "
            "when the run ends after 12 steps. A lower momentum, or more steps, lets the average "
            "follow.",
        )
    ]
    assert words(weight_averaging=True, averaging_momentum=0.9, epochs=8) == []
    assert words(averaging_momentum=0.9, epochs=3) == []


def test_averaged_weights_with_statistics_of_other_weights_get_a_word():
    many = {"training_images": 1000, "weight_averaging": True, "averaging_momentum": 0.9}
    (caution,) = words(**many, normalization="batch")
    assert not caution.grave
    assert "not the statistics of batch normalization" in caution.sentence
    assert words(**many, normalization="layer") == []


def test_an_equal_average_of_one_epoch_gets_a_word():
    assert words(averaging="swa", epochs=2) == [
        Caution(
            False,
            "The average begins with epoch 2, the last one, and one epoch is its own average. An "
            "earlier start, or more epochs, gives it something to average.",
        )
    ]
    assert words(averaging="swa", epochs=3) == []
    assert words(averaging="swa", epochs=3, averaging_momentum=0.9999) == []


def test_an_equal_average_takes_statistics_of_its_own_so_they_get_no_word():
    many = {"training_images": 1000, "averaging": "swa", "epochs": 4}
    assert words(**many, normalization="batch") == []


def test_early_stopping_ahead_of_the_equal_average_gets_a_word():
    stopping = {"averaging": "swa", "epochs": 20, "early_stopping": True}
    (caution,) = words(**stopping, patience=5)
    assert caution.sentence.startswith("Early stopping may end the run before epoch 11,")
    assert words(**stopping, patience=5, averaging_start=0.25) == []


def test_patience_that_cannot_run_out_gets_a_word():
    assert words(early_stopping=True, patience=5, epochs=5) == [
        Caution(
            False,
            "Early stopping cannot act: it waits 5 epochs for a better one, and the run ends "
            "after 5.",
        )
    ]
    assert words(early_stopping=True, patience=5, epochs=6) == []
    assert words(early_stopping=False, patience=5, epochs=5) == []


def test_the_gravest_words_come_first():
    everything = {"dropout_convolution": 0.2, "batch_normalization": True, "batch_size": 1}
    slow = {"batch_normalization_momentum": 0.999, "early_stopping": True, "patience": 9}
    found = [caution.grave for caution in words(**everything, **slow)]
    assert found == [True, True, False, False]
