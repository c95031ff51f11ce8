"""How good predictions are: confusion, mistakes, accuracy by class, calibration.

Imports SciPy and scikit-learn, so a page waits for the warm-up before it imports this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from core.predictions.stored import FloatArray, LabelArray, Predictions

BINS = 15
"""Bins of the calibration curve, as in Guo et al. (2017)."""
LEVEL = 0.95
"""Of every interval."""
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network says of the images of one part, dropout off.

    Attributes
    ----------
    probabilities : ndarray of shape (N, K), float32
    labels : ndarray of shape (N,), int64
        The true classes, 0 to K - 1.
    """

    probabilities: FloatArray
    labels: LabelArray

    @property
    def classes(self) -> int:
        """K."""
        return int(self.probabilities.shape[1])

    @property
    def given(self) -> LabelArray:
        """The class of the highest probability, of shape (N,)."""
        given: LabelArray = np.argmax(self.probabilities, axis=1)
        return given

    @property
    def confidence(self) -> FloatArray:
        """The probability of that class, of shape (N,); at least 1 / K."""
        highest: FloatArray = np.max(self.probabilities, axis=1)
        return highest

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Whether that class is the true one, of shape (N,)."""
        right: npt.NDArray[np.bool_] = self.given == self.labels
        return right


def answers_of(predictions: Predictions, part: str) -> Answers:
    """The answers on the part ``"validation"`` or ``"test"``."""
    if part == "test":
        return Answers(predictions.test_probabilities, predictions.test_labels)
    return Answers(predictions.validation_probabilities, predictions.validation_labels)


@dataclass(frozen=True)
class Share:
    """A share of images, and where the true share lies with 95 % confidence.

    Attributes
    ----------
    count, images : int
        How many of how many.
    low, high : float
        The ends of Wilson's interval (1927), in [0, 1]: how far the share would differ on other
        images of the same kind. Not a number without images.
    """

    count: int
    images: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """In [0, 1]; not a number without images."""
        return self.count / self.images if self.images else np.nan

    @property
    def mistakes(self) -> int:
        """The images that are not in the share."""
        return self.images - self.count

    @property
    def above(self) -> float:
        """How far the interval reaches above the share."""
        return self.high - self.value

    @property
    def below(self) -> float:
        """How far the interval reaches below the share."""
        return self.value - self.low


def share(count: int, images: int) -> Share:
    """A share with its interval; of no images, nothing is known."""
    if not images:
        return Share(count, images, np.nan, np.nan)
    interval = binomtest(int(count), int(images)).proportion_ci(LEVEL, method="wilson")
    return Share(int(count), int(images), float(interval.low), float(interval.high))


@dataclass(frozen=True, eq=False)
class Confusion:
    """Which classes are taken for which.

    Attributes
    ----------
    counts : ndarray of shape (K, K), int64
        Images of the true class (row) that were given the class (column).
    shares : ndarray of shape (K, K), float64
        The same as shares of the true class, in [0, 1]; NaN in the row of a class without images.
    """

    counts: LabelArray
    shares: Doubles

    @property
    def of_the_right(self) -> Doubles:
        """The shares on the diagonal, NaN elsewhere."""
        return np.where(np.eye(len(self.counts), dtype=bool), self.shares, np.nan)

    @property
    def of_the_wrong(self) -> Doubles:
        """The shares beside the diagonal, NaN on it and where no image is."""
        wrong = ~np.eye(len(self.counts), dtype=bool) & (self.counts > 0)
        return np.where(wrong, self.shares, np.nan)

    @property
    def most_frequent(self) -> tuple[list[tuple[int, int]], int]:
        """True and given class of each of the most frequent mistakes, and the count of each.

        Several may be equally frequent; without a mistake there are none, and the count is 0.
        """
        wrong = self.counts * ~np.eye(len(self.counts), dtype=bool)
        count = int(wrong.max())
        rows, columns = np.nonzero((wrong == count) & (wrong > 0))
        return list(zip(rows.tolist(), columns.tolist(), strict=True)), count


def confusion(answers: Answers) -> Confusion:
    """Count which classes are taken for which, by scikit-learn's ``confusion_matrix``."""
    counts = confusion_matrix(answers.labels, answers.given, labels=np.arange(answers.classes))
    images = counts.sum(axis=1, keepdims=True)
    shares = np.full(counts.shape, np.nan)
    np.divide(counts, images, out=shares, where=images > 0)
    return Confusion(counts.astype(np.int64), shares)


def accuracy_by_class(found: Confusion) -> list[Share]:
    """For each of the K classes, how many of its images are recognised."""
    return [
        share(int(found.counts[label, label]), int(found.counts[label].sum()))
        for label in range(len(found.counts))
    ]


def chosen_images(
    answers: Answers, truth: int | None = None, given: int | None = None
) -> npt.NDArray[np.int64]:
    """The images of a cell of the confusion matrix, or all mistakes.

    Parameters
    ----------
    answers : Answers
    truth, given : int or None
        The true class and the given one; None for any. Unless both are the same class, only
        mistakes are chosen.

    Returns
    -------
    ndarray of shape (M,), int64
        Places of the images in the part. Mistakes come surest first, since these say most of
        what was learnt wrongly; right answers least sure first, since these are the close ones.
        Among equals the earlier image comes first.
    """
    right = truth is not None and truth == given
    wanted = answers.right == right
    if truth is not None:
        wanted &= answers.labels == truth
    if given is not None:
        wanted &= answers.given == given
    places = np.flatnonzero(wanted)
    confidence = answers.confidence[places]
    return places[np.argsort(confidence if right else -confidence, kind="stable")]


def in_percent(probability: float) -> str:
    """A probability to a tenth of a percent; what only rounding would make certain stays less."""
    words = f"{probability:.1%}"
    return "over 99.9%" if words == "100.0%" and probability < 1 else words


def in_pages(places: npt.NDArray[np.int64], size: int) -> list[npt.NDArray[np.int64]]:
    """The places in their order, `size` to a page; the last page takes what is left."""
    return np.split(places, range(size, len(places), size))


@dataclass(frozen=True, eq=False)
class Calibration:
    """How often the network is right, by how sure it is.

    Attributes
    ----------
    edges : ndarray of shape (B + 1,), float64
        Of the B equal bins of the confidence from 0 to 1; a bin includes its upper edge.
    right : tuple of B Shares
        How many of a bin's images are recognised.
    confidence : ndarray of shape (B,), float64
        The mean confidence in a bin; NaN in an empty one.
    mean_confidence : float
        Over all images.
    accuracy : Share
        Of all images.
    error : float
        The expected calibration error, in [0, 1]: the mean over the images of the difference
        between their bin's share of right answers and its mean confidence (Guo et al., 2017, "On
        Calibration of Modern Neural Networks"; Naeini et al., 2015). It depends on the number of
        bins, and by chance alone it is above 0, the more so the fewer images there are.
    """

    edges: Doubles
    right: tuple[Share, ...]
    confidence: Doubles
    mean_confidence: float
    accuracy: Share
    error: float

    @property
    def middles(self) -> Doubles:
        """Of the bins, of shape (B,)."""
        middles: Doubles = (self.edges[1:] + self.edges[:-1]) / 2
        return middles

    @property
    def verdict(self) -> str:
        """``"too sure"``, ``"too unsure"`` or ``"honest"``, as far as the images can tell."""
        if self.mean_confidence > self.accuracy.high:
            return "too sure"
        return "too unsure" if self.mean_confidence < self.accuracy.low else "honest"


def calibration(answers: Answers, bins: int = BINS) -> Calibration:
    """Compare how sure the network is with how often it is right, in `bins` equal bins."""
    confidence, right = answers.confidence.astype(np.float64), answers.right
    edges = np.linspace(0, 1, bins + 1)
    place = np.digitize(confidence, edges[1:-1], right=True)
    images = np.bincount(place, minlength=bins)
    rights = np.bincount(place, right, bins).astype(np.int64)
    sums = np.bincount(place, confidence, bins)
    means = np.full(bins, np.nan)
    np.divide(sums, images, out=means, where=images > 0)
    return Calibration(
        edges=edges,
        right=tuple(share(*pair) for pair in zip(rights.tolist(), images.tolist(), strict=True)),
        confidence=means,
        mean_confidence=float(confidence.mean()),
        accuracy=share(int(right.sum()), len(right)),
        # A bin's part of the mean is its images' share times the difference of its two means.
        error=float(np.abs(rights - sums).sum() / len(right)),
    )
