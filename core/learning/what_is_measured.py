"""On what the losses of a run are taken, where its settings make that a question."""

from __future__ import annotations

import math

from core.augmentation.plan import alterations, mixes_labels
from core.data.facts import facts
from core.settings import Settings


def what_is_measured(settings: Settings) -> str:
    """Say which labels, images and weights the losses on record belong to.

    Returns
    -------
    str
        Some sentences; empty if all of these are simply those of the run.
    """
    sentences = []
    smoothing = settings.regularization.label_smoothing
    if smoothing > 0:
        classes = len(facts(settings.data.dataset).class_names)
        sentences.append(
            f"The steps lower the loss against labels smoothed by {smoothing:g}, which cannot fall "
            f"below {least_smoothed_loss(smoothing, classes):.3f} nats. All losses shown, of "
            "batches and training too, are taken against the labels as they are, so that they can "
            "be compared with each other and with those of other runs."
        )
    if alterations(settings.augmentation):
        sentences.append(
            "Batches and training are taken on altered images, anew in every epoch; fair training, "
            "validation and test on images as they are."
        )
    if mixes_labels(settings.augmentation):
        sentences.append(
            "Where two images are mixed, the loss of a batch is the cross-entropy of each class "
            "in its share, which does not fall to 0, and its accuracy counts the class of the "
            "larger share."
        )
    if settings.optimisation.averaging == "swa":
        sentences += _of_the_equal_average(settings)
    if settings.optimisation.averaging == "ema":
        sentences.append(
            f"Fair training, validation and test are those of the averaged weights (momentum "
            f"{settings.optimisation.averaging_momentum:g}), and these are stored as best and as "
            "last. Batches and training are those of the weights that the steps move."
        )
    return " ".join(sentences)


def _of_the_equal_average(settings: Settings) -> list[str]:
    first, known = settings.optimisation.first_averaged_epoch, facts(settings.data.dataset)
    told = (
        f"Up to epoch {first - 1}, fair training and validation are those of the weights that the "
        f"steps move; from epoch {first} on, those"
        if first > 1
        else "Fair training and validation are those"
    )
    sentences = [
        f"{told} of the equal average of the weights after epoch {first} and each one since "
        "(stochastic weight averaging). Best, by the lowest validation loss of all epochs, and "
        "last are stored alike, and the best is tested. Batches and training are those of the "
        "weights that the steps move."
    ]
    if settings.regularization.batch_normalization:
        images = min(known.validation_images, settings.data.training_images)
        sentences.append(
            "For the average, the statistics of batch normalization are taken anew at the end of "
            f"each epoch, on the {images:,} images of the fair training sample, dropout off."
        )
    return sentences


def least_smoothed_loss(smoothing: float, classes: int) -> float:
    """The least cross-entropy against smoothed labels, in nats: their own entropy.

    Parameters
    ----------
    smoothing : float
        s, in [0, 1): the true class has 1 - s + s / K, each other one s / K.
    classes : int
        K.
    """
    other = smoothing / classes
    true = 1 - smoothing + other
    entropy = -true * math.log(true)
    return entropy - (classes - 1) * other * math.log(other) if other > 0 else entropy
