"""The bars of images by class."""

from __future__ import annotations

import numpy as np

from core.data.look import DataLook
from core.figures.class_counts import class_counts


def look(learnt: list[int], true: list[int], wrong: int) -> DataLook:
    nothing = tuple(np.empty((0, 2, 2, 1), np.float32) for _ in learnt)
    return DataLook(
        class_names=("cat", "dog"),
        samples=nothing,
        sample_is_wrong=tuple(np.empty(0, bool) for _ in learnt),
        counts_as_learnt=np.array(learnt),
        true_counts=np.array(true),
        image_shape=(2, 2, 1),
        training_images=sum(learnt),
        wrong_labels=wrong,
        value_range=(0.0, 1.0),
        mean=0.5,
    )


def test_right_labels_are_one_set_of_bars() -> None:
    (bars,) = class_counts(look([3, 5], [3, 5], 0)).data
    assert list(bars.x) == ["cat", "dog"]
    assert list(bars.y) == [3, 5]


def test_wrong_labels_stand_beside_the_truth() -> None:
    learnt, true = class_counts(look([3, 5], [4, 4], 1)).data
    assert list(learnt.y) == [3, 5]
    assert list(true.y) == [4, 4]
    assert true.name == "In truth"
