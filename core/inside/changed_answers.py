"""Two sets of answers to the same images: what became wrong, what right, and whether by chance.

Imports SciPy, so a page waits for the warm-up before it imports this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, bootstrap, norm

from core.predictions.quality import LEVEL, Share, share

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]
RESAMPLES = 2_000
"""Of the bootstrap of the loss."""
_TINY = 1e-7


@dataclass(frozen=True)
class Drop:
    """By how much accuracy falls.

    Attributes
    ----------
    lost, won, images : int
        Images that were right before and are wrong after, the other way round, and all.
    low, high : float
        95 % interval of :attr:`value`, by Agresti & Min (2005): Wald's for matched pairs after half
        an image is added to each of the four cells (right or wrong, before and after).
    p : float
        Two-sided p-value of McNemar's exact test (1947): how often a fair coin, thrown for each
        changed answer, falls as unevenly. 1 if none changed.
    """

    lost: int
    won: int
    images: int
    low: float
    high: float
    p: float

    @property
    def value(self) -> float:
        """Accuracy before minus accuracy after, in [-1, 1]."""
        return (self.lost - self.won) / self.images

    @property
    def above(self) -> float:
        """How far the interval reaches above the drop."""
        return self.high - self.value

    @property
    def below(self) -> float:
        """How far the interval reaches below the drop."""
        return self.value - self.low


def drop_between(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Drop:
    """Compare which images were right before with which are after.

    Parameters
    ----------
    before, after : ndarray of shape (N,)
        The same images in the same order.

    References
    ----------
    Agresti & Min (2005), Statistics in Medicine 24: 729-740. McNemar (1947), Psychometrika 12:
    153-157.
    """
    lost, won = int((before & ~after).sum()), int((~before & after).sum())
    images = len(before)
    total, more, less = images + 2.0, lost + 0.5, won + 0.5
    middle = (more - less) / total
    spread = np.sqrt(more + less - (more - less) ** 2 / total) / total
    reach = float(norm.ppf(0.5 + LEVEL / 2)) * float(spread)
    p = float(binomtest(lost, lost + won).pvalue) if lost + won else 1.0
    return Drop(lost, won, images, max(-1.0, middle - reach), min(1.0, middle + reach), p)


@dataclass(frozen=True)
class ClassDrop:
    """How the images of one class fare.

    Attributes
    ----------
    label : int
    before, after : Share
        Images of the class that are recognised, with Wilson's interval.
    drop : Drop
    """

    label: int
    before: Share
    after: Share
    drop: Drop


@dataclass(frozen=True, eq=False)
class Change:
    """What a change inside a network does to its answers.

    Attributes
    ----------
    before, after : Share
        Right answers, with Wilson's interval.
    drop : Drop
    loss_before, loss_after : float
        Mean cross-entropy in nats, without any penalty.
    loss_low, loss_high : float
        95 % interval of `loss_after - loss_before`, by the bootstrap over images (percentiles).
    same : bool
        Whether no probability changed at all, bit for bit.
    classes : tuple of ClassDrop
        One for each class that has images, the largest drop first.
    """

    before: Share
    after: Share
    drop: Drop
    loss_before: float
    loss_after: float
    loss_low: float
    loss_high: float
    same: bool
    classes: tuple[ClassDrop, ...]


def change_between(before: Floats, after: Floats, labels: Labels, seed: int = 0) -> Change:
    """Compare the probabilities that a network gives before and after a change inside it.

    Parameters
    ----------
    before, after : ndarray of shape (N, K)
    labels : ndarray of shape (N,)
    seed : int
        Of the bootstrap.
    """
    was, now = (answers.argmax(axis=1) == labels for answers in (before, after))
    classes = [
        ClassDrop(label, _share(was[mine]), _share(now[mine]), drop_between(was[mine], now[mine]))
        for label in range(before.shape[1])
        if (mine := labels == label).any()
    ]
    losses = [losses_of(answers, labels) for answers in (before, after)]
    low, high = _interval(losses[1] - losses[0], seed)
    return Change(
        before=_share(was),
        after=_share(now),
        drop=drop_between(was, now),
        loss_before=float(losses[0].mean()),
        loss_after=float(losses[1].mean()),
        loss_low=low,
        loss_high=high,
        same=bool(np.array_equal(before, after)),
        classes=tuple(sorted(classes, key=lambda one: -one.drop.value)),
    )


def losses_of(answers: Floats, labels: Labels) -> NDArray[np.float64]:
    """The cross-entropy of each image in nats, of shape (N,); probabilities are clipped at 1e-7, as
    Keras does."""
    right = answers[np.arange(len(labels)), labels].astype(np.float64)
    return np.asarray(-np.log(np.clip(right, _TINY, 1 - _TINY)))


def _share(right: NDArray[np.bool_]) -> Share:
    return share(int(right.sum()), len(right))


def _interval(differences: NDArray[np.float64], seed: int) -> tuple[float, float]:
    if np.ptp(differences) == 0:
        return float(differences[0]), float(differences[0])
    found = bootstrap(
        (differences,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=200,
        confidence_level=LEVEL,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(found.low), float(found.high)


def in_words(change: Change) -> str:
    """What became of the answers, and whether chance does as much, in plain sentences."""
    drop = change.drop
    if change.same:
        return "Nothing changed: every probability is the same, bit for bit."
    changed = drop.lost + drop.won
    if not changed:
        return (
            f"Of {drop.images:,} images, none became right or wrong; only how sure the network is "
            "changed."
        )
    counted = (
        f"Of {drop.images:,} images, {drop.lost:,} became wrong and {drop.won:,} became right. "
    )
    if drop.lost == drop.won:
        return counted + "As many one way as the other: accuracy stays."
    if drop.p >= 0.05:
        return counted + (
            f"A fair coin splits {changed:,} at least as unevenly ({_p(drop.p)}, McNemar's exact "
            "test): this may be chance."
        )
    way = "worse" if drop.value > 0 else "better"
    return counted + (
        f"A fair coin would split {changed:,} at least as unevenly ({_p(drop.p)}, McNemar's "
        f"exact test): beyond chance, the network is {way} for it."
    )


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def who_suffers(change: Change, names: tuple[str, ...]) -> str:
    """Which classes lose most, in a sentence.

    Parameters
    ----------
    change : Change
    names : tuple of K str
        Of the classes.
    """
    hit = [one for one in change.classes if one.drop.value > 0 and one.drop.p < 0.05][:3]
    if not hit:
        worst = change.classes[0]
        if worst.drop.value <= 0:
            return "No class loses."
        return (
            f"No class loses beyond chance; most loses “{names[worst.label]}”, "
            f"{worst.drop.value:.1%} of {worst.before.images:,} images."
        )
    listed = ", ".join(
        f"“{names[one.label]}” ({one.before.value:.0%} to {one.after.value:.0%})" for one in hit
    )
    return f"Most suffers {listed}." if len(hit) == 1 else f"Most suffer {listed}."
