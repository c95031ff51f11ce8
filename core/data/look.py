"""A look at the training images: samples of every class, counts, shape and value range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.arrays import Images, Labels, Splits


@dataclass(frozen=True, eq=False)
class DataLook:
    """What there is to see of a run's training part.

    Attributes
    ----------
    class_names : tuple of str, length K
    samples : tuple of K ndarrays of float32, each of shape (S, H, W, C)
        Images that are learnt as this class, in [0, 1]; fewer than asked for where the class has
        fewer.
    sample_is_wrong : tuple of K ndarrays of bool, each of shape (S,)
        Which of them were given this class on purpose although they are another.
    counts_as_learnt, true_counts : ndarray of int64, shape (K,)
        Training images by class, with and without the wrong labels.
    image_shape : tuple of int
        Rows, columns, channels.
    training_images, wrong_labels : int
        How many images there are, and how many of their labels are wrong.
    value_range : tuple of float
        The lowest and highest pixel value, as the network gets them.
    mean : float
        Of all pixel values.
    """

    class_names: tuple[str, ...]
    samples: tuple[Images, ...]
    sample_is_wrong: tuple[npt.NDArray[np.bool_], ...]
    counts_as_learnt: Labels
    true_counts: Labels
    image_shape: tuple[int, int, int]
    training_images: int
    wrong_labels: int
    value_range: tuple[float, float]
    mean: float


def look_at(splits: Splits, seed: int, per_class: int = 12) -> DataLook:
    """Draw samples of every class and count; the validation and test parts are not looked at.

    Parameters
    ----------
    splits : Splits
    seed : int
        Chooses the samples; the same seed shows the same ones.
    per_class : int
        The most samples of a class.

    Returns
    -------
    DataLook
    """
    rng = np.random.default_rng(seed)
    images, learnt = splits.training_images, splits.training_labels
    classes = len(splits.class_names)
    chosen = []
    for label in range(classes):
        members = np.flatnonzero(learnt == label)
        chosen.append(rng.permutation(members)[:per_class])
    rows, columns, channels = images.shape[1:]
    return DataLook(
        class_names=splits.class_names,
        samples=tuple(images[members] for members in chosen),
        sample_is_wrong=tuple(splits.training_is_wrong[members] for members in chosen),
        counts_as_learnt=np.bincount(learnt, minlength=classes),
        true_counts=np.bincount(splits.true_training_labels, minlength=classes),
        image_shape=(rows, columns, channels),
        training_images=len(images),
        wrong_labels=int(splits.training_is_wrong.sum()),
        value_range=(float(images.min()), float(images.max())),
        mean=float(images.mean(dtype=np.float64)),
    )
