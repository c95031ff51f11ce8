"""Dividing a data set into training, validation and test, as the seed says."""

from __future__ import annotations

import numpy as np

from core.data.arrays import DataSet, Labels, Splits, for_reading
from core.data.facts import DataFacts, facts
from core.errors import LearnscopeError
from core.settings import DataSettings


def split(data: DataSet, settings: DataSettings, seed: int) -> Splits:
    """Divide a data set into three disjoint parts, and make some training labels wrong.

    Chance comes from ``numpy.random.default_rng(seed)`` alone, in the order in which the
    generated script draws it: first the order of the images, then which labels are made wrong,
    then by how much. So more training images of the same seed include the fewer ones.

    Parameters
    ----------
    data : DataSet
    settings : DataSettings
        How many training images, and the share of their labels to replace by another class.
    seed : int

    Returns
    -------
    Splits

    Raises
    ------
    LearnscopeError
        If more training images are asked for than the other two parts leave.
    """
    known = facts(data.key)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(data.images))
    if data.test_images is None or data.test_labels is None:
        ends = [known.test_images, known.test_images + known.validation_images]
        test, validation, training = np.split(order, ends)
        test_images, test_labels = data.images[test], data.labels[test]
    else:
        validation, training = np.split(order, [known.validation_images])
        test_images, test_labels = data.test_images, data.test_labels
    _refuse_too_many(settings.training_images, len(training), known)
    training = training[: settings.training_images]

    images, true_labels = data.images[training], data.labels[training]
    learnt = _with_wrong_labels(true_labels, settings.wrong_labels, len(data.class_names), rng)
    for made in (images, true_labels, learnt, test_images, test_labels):
        made.flags.writeable = False
    # The order is random already, so the first images are as good a sample as any.
    fair = min(len(validation), len(training))
    return Splits(
        training_images=images,
        training_labels=learnt,
        true_training_labels=true_labels,
        training_is_wrong=for_reading(learnt != true_labels),
        validation_images=for_reading(data.images[validation]),
        validation_labels=for_reading(data.labels[validation]),
        test_images=test_images,
        test_labels=test_labels,
        class_names=data.class_names,
        fair_images=images[:fair],
        fair_labels=learnt[:fair],
    )


def _refuse_too_many(wanted: int, available: int, known: DataFacts) -> None:
    if wanted > available:
        raise LearnscopeError(
            f"Training images: expected at most {available:,} for {known.title}, which keeps "
            f"the rest for validation and test. Received: training_images={wanted}. "
            "Take fewer, or choose a larger data set."
        )


def _with_wrong_labels(
    labels: Labels, share: float, classes: int, rng: np.random.Generator
) -> Labels:
    """A copy in which that share of the labels, rounded, is another class, each as likely."""
    learnt = labels.copy()
    wrong = rng.choice(len(labels), round(share * len(labels)), replace=False)
    learnt[wrong] = (learnt[wrong] + rng.integers(1, classes, len(wrong))) % classes
    return learnt
