"""Dropout on linear regression, and the ridge regression that it amounts to."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.data.arrays import Labels
from core.mechanisms.dropout import draw_mask, drop
from core.mechanisms.dropout_records import Agreement

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]

COPIES = (1, 2, 5, 10, 20, 50)
"""How many noisy copies of the data regression learns from."""
MOST_UNITS = 256


@dataclass(frozen=True, eq=False)
class Regression:
    """Inputs and targets of linear regression without intercept.

    Attributes
    ----------
    inputs : ndarray of shape (N, D), float32
    targets : ndarray of shape (N, K), float32
        1 for the image's class, 0 for the others.
    dead : int
        Units that are 0 for every image: they have no weight to learn, and are left out.
    left_out : int
        Further units, the weakest, left out for the sake of speed.
    """

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]
    dead: int
    left_out: int


def regression_on(features: Floats, labels: Labels, classes: int) -> Regression:
    """Regression of the classes on the activations of a layer.

    Parameters
    ----------
    features : ndarray of shape (N, U)
    labels : ndarray of shape (N,)
    classes : int
    """
    squares = np.square(features, dtype=np.float64).sum(axis=0)
    alive = np.flatnonzero(squares > 0)
    strongest = np.sort(alive[np.argsort(-squares[alive], kind="stable")][:MOST_UNITS])
    return Regression(
        inputs=np.ascontiguousarray(features[:, strongest], np.float32),
        targets=np.eye(classes, dtype=np.float32)[labels],
        dead=features.shape[1] - len(alive),
        left_out=len(alive) - len(strongest),
    )


def ridge_weights(inputs: Floats, targets: Floats, rate: float) -> Doubles:
    """The weights that minimise the expected squared error under dropout, in closed form.

    Dropout leaves the mean of the inputs and adds the variance (1 - k) / k * x**2 to each, k being
    the keep rate, 1 - `rate`; so the expected error is the error without dropout and the penalty
    (1 - k) / k * sum of diag(X'X) * w**2 (Srivastava et al., 2014, section 9.1; Wager et al.,
    2013).

    Parameters
    ----------
    inputs : ndarray of shape (N, D)
    targets : ndarray of shape (N, K)
    rate : float
        In [0, 1).

    Returns
    -------
    ndarray of shape (D, K)
    """
    products = _products(inputs, inputs)
    penalty = rate / (1 - rate) * np.diag(np.diag(products))
    return _solved(products + penalty, _products(inputs, targets), rate)


def _products(one: Floats, other: Floats) -> Doubles:
    """One matrix, turned, times the other; TensorFlow shares busy cores better than BLAS does."""
    return np.asarray(tf.linalg.matmul(one, other, transpose_a=True).numpy(), np.float64)


def _solved(products: Doubles, cross: Doubles, rate: float) -> Doubles:
    if rate > 0:
        # A penalty on every weight leaves one solution.
        with contextlib.suppress(tf.errors.InvalidArgumentError):
            return np.asarray(tf.linalg.solve(products, cross).numpy(), np.float64)
    # Without one, two units that always agree leave many: the smallest weights.
    return np.asarray(np.linalg.lstsq(products, cross, rcond=None)[0])


def dropout_weights(inputs: Floats, targets: Floats, rate: float, seed: int) -> tuple[Doubles, ...]:
    """The weights of plain least squares on 1, 2, 5 ... copies of the data, each under dropout.

    Parameters
    ----------
    inputs, targets, rate
        As in :func:`ridge_weights`.
    seed : int

    Returns
    -------
    tuple of ndarray of shape (D, K)
        One for each of :data:`COPIES`.
    """
    rng = np.random.default_rng(seed)
    units = inputs.shape[1]
    products, cross = np.zeros((units, units)), np.zeros((units, targets.shape[1]))
    found = []
    for before, copies in itertools.pairwise((0, *COPIES)):
        # All new copies under one another: one large product is faster than many small ones.
        noisy = np.concatenate(
            [drop(inputs, draw_mask(rng, inputs.shape, rate), rate) for _ in range(before, copies)]
        )
        products += _products(noisy, noisy)
        cross += _products(noisy, np.tile(targets, (copies - before, 1)))
        found.append(_solved(products, cross, rate))
    return tuple(found)


def agreement(regression: Regression, rate: float, seed: int) -> Agreement:
    """Learn both ways and compare.

    Parameters
    ----------
    regression : Regression
    rate : float
        In [0, 1).
    seed : int
    """
    inputs, targets = regression.inputs, regression.targets
    ridge = ridge_weights(inputs, targets, rate)
    learnt = dropout_weights(inputs, targets, rate, seed)
    noisy = noisy_errors(inputs, targets, ridge, rate, seed + 1)
    squares = np.square(inputs, dtype=np.float64).sum(axis=0)
    strength = np.sqrt(squares / len(inputs))[:, np.newaxis]
    size = float(np.linalg.norm(strength * ridge)) or 1.0
    distances = tuple(
        float(np.linalg.norm(strength * (weights - ridge))) / size for weights in learnt
    )
    return Agreement(
        ridge=strength * ridge,
        dropout=strength * learnt[-1],
        copies=COPIES,
        distances=distances,
        expected_distances=tuple(distances[-1] * (COPIES[-1] / n) ** 0.5 for n in COPIES),
        error=float(np.square(targets - inputs @ ridge).mean()),
        penalty=float(rate / (1 - rate) * (squares @ np.square(ridge)).sum() / targets.size),
        noisy_error=float(noisy.mean()),
        noisy_spread=float(noisy.std(ddof=1) / len(noisy) ** 0.5),
    )


def noisy_errors(
    inputs: Floats, targets: Floats, weights: Doubles, rate: float, seed: int
) -> Doubles:
    """The mean squared error of given weights under one mask after another, of shape (20,).

    Parameters
    ----------
    inputs, targets, rate
        As in :func:`ridge_weights`.
    weights : ndarray of shape (D, K)
    seed : int
    """
    rng = np.random.default_rng(seed)
    noisy = np.stack([drop(inputs, draw_mask(rng, inputs.shape, rate), rate) for _ in range(20)])
    given = tf.linalg.matmul(noisy, weights.astype(np.float32)).numpy()
    return np.asarray(np.square(targets - given).mean(axis=(1, 2), dtype=np.float64))
