"""A look at the data, on a training part small enough to count by hand."""

from __future__ import annotations

import numpy as np

from core.data import Splits, look_at

LEARNT = np.array([0, 0, 0, 1, 2, 0])
TRUE = np.array([0, 0, 0, 1, 2, 2])


def six_images():
    """Six 2x3 images with pixels 0.0, 0.1 ... 0.5; class 3 has none; the last label is wrong."""
    images = np.repeat(np.arange(6, dtype=np.float32) / 10, 6).reshape(6, 2, 3, 1)
    unseen = np.full((4, 2, 3, 1), 0.9, np.float32)
    return Splits(
        training_images=images,
        training_labels=LEARNT,
        true_training_labels=TRUE,
        training_is_wrong=LEARNT != TRUE,
        validation_images=unseen,
        validation_labels=np.zeros(4, int),
        test_images=unseen,
        test_labels=np.zeros(4, int),
        class_names=("a", "b", "c", "d"),
        fair_images=images,
        fair_labels=LEARNT,
    )


def test_classes_are_counted_as_learnt_and_as_they_truly_are():
    look = look_at(six_images(), seed=1)
    assert look.counts_as_learnt.tolist() == [4, 1, 1, 0]
    assert look.true_counts.tolist() == [3, 1, 2, 0]
    assert look.training_images == 6
    assert look.wrong_labels == 1


def test_only_the_training_part_is_looked_at():
    """Validation and test images are all 0.9, brighter than any training image."""
    look = look_at(six_images(), seed=1)
    assert look.value_range == (0.0, 0.5)
    assert np.isclose(look.mean, 0.25)
    assert max(float(images.max(initial=0)) for images in look.samples) == 0.5


def test_samples_stand_with_the_class_that_is_learnt():
    look = look_at(six_images(), seed=1)
    values = [sorted(np.round(images[:, 0, 0, 0] * 10).astype(int)) for images in look.samples]
    assert values == [[0, 1, 2, 5], [3], [4], []]
    wrong = look.samples[0][look.sample_is_wrong[0]]
    assert np.allclose(wrong, 0.5)
    assert look.image_shape == (2, 3, 1)


def test_a_class_shows_at_most_the_number_asked_for_and_none_twice():
    look = look_at(six_images(), seed=1, per_class=3)
    assert [len(images) for images in look.samples] == [3, 1, 1, 0]
    assert len(np.unique(look.samples[0])) == 3


def test_the_seed_chooses_the_samples():
    def first_class(seed):
        return look_at(six_images(), seed, per_class=2).samples[0].tolist()

    assert first_class(1) == first_class(1)
    assert len({str(first_class(seed)) for seed in range(10)}) > 1
