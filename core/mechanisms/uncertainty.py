"""How unsure many thinned networks are, and whether that finds the errors.

Imports SciPy and scikit-learn, so a page waits for the warm-up before it imports this.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from scipy.stats import norm, rankdata
from sklearn.metrics import roc_curve

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]

BINS = 20
LEVEL = 0.95


def entropy(probabilities: Floats) -> Doubles:
    """Of each distribution on the last axis, in nats: 0 is certain, ln K is a plain guess."""
    exact = np.asarray(probabilities, np.float64)
    return np.asarray(-xlogy(exact, exact).sum(axis=-1))


@dataclass(frozen=True, eq=False)
class Doubt:
    """How unsure a network is of each image; all of shape (N,), in nats.

    Attributes
    ----------
    whole : ndarray
        The entropy of the whole network's answer, dropout off.
    predictive : ndarray
        The entropy of the mean answer over the masks: all the doubt there is.
    mutual_information : ndarray
        The predictive entropy less the mean entropy of the single answers: the part of the doubt
        that comes from the thinned networks not agreeing (Houlsby et al., 2011, BALD; Gal &
        Ghahramani, 2016). 0 where all say the same.
    """

    whole: Doubles
    predictive: Doubles
    mutual_information: Doubles


def doubt(answers: Floats, whole: Floats) -> Doubt:
    """Measure the doubt.

    Parameters
    ----------
    answers : ndarray of shape (M, N, K)
        Probabilities by mask, image and class.
    whole : ndarray of shape (N, K)
        Of the whole network, dropout off.
    """
    predictive = entropy(answers.mean(axis=0, dtype=np.float64))
    within = entropy(answers).mean(axis=0)
    # Never negative but by rounding.
    return Doubt(entropy(whole), predictive, np.maximum(predictive - within, 0.0))


@dataclass(frozen=True)
class Ranking:
    """How well a score puts errors above right answers.

    Attributes
    ----------
    area : float
        AUROC: the probability that an error has a higher score than a right answer, ties half.
        0.5 is chance, 1 is perfect.
    low, high : float
        Its 95 % interval (DeLong et al., 1988), within [0, 1]; not a number where there are fewer
        than two errors or two right answers.
    errors, right : int
        How many there are of each.
    """

    area: float
    low: float
    high: float
    errors: int
    right: int


def rank_errors(scores: Floats, wrong: Flags) -> Ranking | None:
    """Rank errors against right answers by a score; None if either is missing.

    Parameters
    ----------
    scores : ndarray of shape (N,)
    wrong : ndarray of bool, shape (N,)
    """
    errors, right = int(wrong.sum()), int((~wrong).sum())
    if not errors or not right:
        return None
    ranks = rankdata(scores)
    # Of each error the share of right answers below it, and of each right answer that of errors
    # above it.
    below = (ranks[wrong] - rankdata(scores[wrong])) / right
    above = 1 - (ranks[~wrong] - rankdata(scores[~wrong])) / errors
    area = float(below.mean())
    low = high = math.nan
    if min(errors, right) > 1:
        deviation = math.sqrt(below.var(ddof=1) / errors + above.var(ddof=1) / right)
        reach = float(norm.ppf((1 + LEVEL) / 2)) * deviation
        low, high = max(0.0, area - reach), min(1.0, area + reach)
    return Ranking(area, low, high, errors, right)


@dataclass(frozen=True, eq=False)
class RocCurve:
    """What share of the errors is found at the price of what share of false alarms.

    Attributes
    ----------
    false_alarms, found : ndarray of shape (T,)
        In [0, 1], from a threshold above all scores to one below them.
    """

    false_alarms: Doubles
    found: Doubles


def roc(scores: Floats, wrong: Flags) -> RocCurve:
    """The receiver operating characteristic, by scikit-learn; as :func:`rank_errors`."""
    false_alarms, found, _ = roc_curve(wrong, scores)
    return RocCurve(np.asarray(false_alarms), np.asarray(found))


@dataclass(frozen=True, eq=False)
class DoubtCounts:
    """How the doubt is spread over the errors and over the right answers.

    Attributes
    ----------
    middles : ndarray of shape (B,)
        Of bins of equal width from 0 to the most there can be, in nats.
    width : float
    right, wrong : ndarray of shape (B,)
        The share of the right answers, and of the errors, in each bin; 0 everywhere without any.
    """

    middles: Doubles
    width: float
    right: Doubles
    wrong: Doubles


def doubt_counts(scores: Floats, wrong: Flags, classes: int) -> DoubtCounts:
    """Count the doubt in bins, from 0 to ln K.

    Parameters
    ----------
    scores : ndarray of shape (N,)
        In nats.
    wrong : ndarray of bool, shape (N,)
    classes : int
        K.
    """
    edges = np.linspace(0, math.log(classes), BINS + 1)
    # What rounding puts beyond the end belongs into the last bin.
    inside = np.clip(scores, 0, edges[-1])
    right, errors = (
        np.histogram(inside[which], edges)[0] / max(1, int(which.sum()))
        for which in (~wrong, wrong)
    )
    return DoubtCounts((edges[1:] + edges[:-1]) / 2, float(edges[1]), right, errors)


def share_below(scores: Floats, score: float) -> float:
    """The share of the scores that are lower than this one, in [0, 1]."""
    return float((scores < score).mean())
