"""Training, validation and test: disjoint, fixed by the seed, as the script draws them."""

from __future__ import annotations

import numpy as np
import pytest

from core.data import DataSet, facts, load, split
from core.errors import LearnscopeError
from core.settings import DataSettings


def numbered(key="digits", images=1797, official_test=None):
    """A data set whose n-th image holds the number n in all its pixels."""

    def numbers(count, start=0):
        shape = facts(key).image_shape
        values = np.arange(start, start + count, dtype=np.float32).reshape(-1, 1, 1, 1)
        return np.broadcast_to(values, (count, *shape))

    names = facts(key).class_names
    test = {}
    if official_test:
        test["test_images"] = numbers(official_test, start=images)
        test["test_labels"] = np.arange(official_test) % 10
    return DataSet(key, numbers(images), np.arange(images) % 10, names, **test)


def which(images):
    return images[:, 0, 0, 0].astype(int).tolist()


def digits(training_images=1000, wrong_labels=0.0):
    return DataSettings("digits", training_images, wrong_labels)


def test_a_built_in_set_is_split_as_the_script_does_it():
    x, seed = np.arange(1797), 7
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    test, validation, train = np.split(order, [300, 600])
    train = train[:500]
    y_train = x[train] % 10
    wrong = rng.choice(len(train), round(0.3 * len(train)), replace=False)
    y_train[wrong] = (y_train[wrong] + rng.integers(1, 10, len(wrong))) % 10

    splits = split(numbered(), digits(500, 0.3), seed)
    assert which(splits.test_images) == test.tolist()
    assert which(splits.validation_images) == validation.tolist()
    assert which(splits.training_images) == train.tolist()
    assert splits.training_labels.tolist() == y_train.tolist()
    assert splits.true_training_labels.tolist() == (train % 10).tolist()
    assert np.flatnonzero(splits.training_is_wrong).tolist() == sorted(wrong.tolist())


def test_a_downloaded_set_keeps_its_official_test_part():
    rng = np.random.default_rng(3)
    validation, train = np.split(rng.permutation(6000), [5000])
    data = numbered("mnist", 6000, official_test=40)
    splits = split(data, DataSettings("mnist", 800), 3)
    assert which(splits.test_images) == list(range(6000, 6040))
    assert which(splits.validation_images) == validation.tolist()
    assert which(splits.training_images) == train[:800].tolist()


def test_the_three_parts_share_no_image_and_use_all():
    splits = split(numbered(), digits(1197), 1)
    parts = [splits.training_images, splits.validation_images, splits.test_images]
    together = [number for part in parts for number in which(part)]
    assert sorted(together) == list(range(1797))


def test_labels_stay_with_their_images():
    splits = split(numbered(), digits(), 5)
    for images, labels in (
        (splits.training_images, splits.training_labels),
        (splits.validation_images, splits.validation_labels),
        (splits.test_images, splits.test_labels),
        (splits.fair_images, splits.fair_labels),
    ):
        assert labels.tolist() == [number % 10 for number in which(images)]


def test_more_training_images_of_the_same_seed_include_the_fewer():
    few = split(numbered(), digits(100), 1)
    many = split(numbered(), digits(900), 1)
    assert which(many.training_images)[:100] == which(few.training_images)
    assert which(many.validation_images) == which(few.validation_images)


def test_exactly_the_share_of_labels_is_wrong_and_only_in_training():
    splits = split(numbered(), digits(1000, 0.35), 2)
    assert splits.training_is_wrong.sum() == 350
    wrong = splits.training_labels != splits.true_training_labels
    assert np.array_equal(wrong, splits.training_is_wrong)
    assert splits.validation_labels.tolist() == [n % 10 for n in which(splits.validation_images)]


def test_a_wrong_label_can_be_any_of_the_other_classes():
    splits = split(numbered(), digits(1197, 0.9), 2)
    shift = (splits.training_labels - splits.true_training_labels)[splits.training_is_wrong] % 10
    assert set(shift.tolist()) == set(range(1, 10))


def test_the_fair_sample_has_the_size_of_the_validation_part():
    splits = split(numbered(), digits(1000, 0.5), 1)
    assert len(splits.fair_images) == 300
    assert which(splits.fair_images) == which(splits.training_images)[:300]
    assert splits.fair_labels.tolist() == splits.training_labels[:300].tolist()


def test_the_fair_sample_is_all_of_a_training_part_that_is_smaller():
    splits = split(numbered(), digits(50), 1)
    assert which(splits.fair_images) == which(splits.training_images)


def test_all_images_that_there_are_can_be_had_and_not_one_more():
    assert len(split(numbered(), digits(1197), 1).training_images) == 1197
    with pytest.raises(LearnscopeError) as refusal:
        split(numbered(), digits(1198), 1)
    assert str(refusal.value) == (
        "Training images: expected at most 1,197 for Digits 8x8 (built in), which keeps the rest "
        "for validation and test. Received: training_images=1198. Take fewer, or choose a larger "
        "data set."
    )


def test_the_fingerprint_is_the_same_for_the_same_data_and_another_for_another():
    first, again = (split(load("digits"), digits(), 1).fingerprint for _ in range(2))
    assert first == again
    assert len(bytes.fromhex(first)) == 32
    others = [
        split(load("digits"), digits(), 2),
        split(load("digits"), digits(999), 1),
        split(load("digits"), digits(wrong_labels=0.05), 1),
    ]
    assert len({first, *(other.fingerprint for other in others)}) == 4


def test_nobody_can_change_the_parts_of_a_run():
    splits = split(load("digits"), digits(), 1)
    for name in ("training_images", "training_labels", "validation_images", "fair_images"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(splits, name)[0] = 0
