"""A kernel ahead of a batch normalization, multiplied: records without Keras."""

from __future__ import annotations

from dataclasses import dataclass

from core.mechanisms.weight_records import Doubles, Floats


@dataclass(frozen=True)
class NormalizedKernel:
    """A layer whose output is normalized over the batch.

    Attributes
    ----------
    layer, normalization : str
        Their names.
    behind_relu : bool
        Whether a ReLU stands between the two. Then the bias is multiplied along with the kernel,
        for only so is all that reaches the normalization multiplied.
    """

    layer: str
    normalization: str
    behind_relu: bool


@dataclass(frozen=True, eq=False)
class ScaleStudy:
    """What a network answers, and what gradient a kernel gets, as the kernel is multiplied.

    Attributes
    ----------
    kernel : NormalizedKernel
    epsilon : float
        What the normalization adds to the variance before it takes the root.
    smallest_variance : float
        The lowest variance of a channel ahead of the normalization, at factor 1.
    images : int
        In the batch.
    label : int
        The class of its first image.
    factors : ndarray of shape (F,)
    probabilities : ndarray of shape (F, K)
        What the network says of that image at each factor.
    differences : ndarray of shape (F,)
        The largest difference of any probability of any image from that at factor 1.
    differences_scaled_epsilon : ndarray of shape (F,)
        The same with the epsilon multiplied by the square of the factor, which leaves rounding.
    norm : float
        Euclidean norm of the kernel at factor 1.
    gradients : ndarray of shape (F,)
        Euclidean norm of the gradient of the loss by the kernel.
    multiples, multiple_law : ndarray of shape (F,)
        The same as a multiple of that at factor 1: as measured, and one over the factor.
    rates, rate_law : ndarray of shape (F,)
        The relative way of a step of gradient descent, gradient over kernel, as a multiple of that
        at factor 1: as measured, and one over the square of the factor.
    """

    kernel: NormalizedKernel
    epsilon: float
    smallest_variance: float
    images: int
    label: int
    factors: Doubles
    probabilities: Floats
    differences: Doubles
    differences_scaled_epsilon: Doubles
    norm: float
    gradients: Doubles
    multiples: Doubles
    multiple_law: Doubles
    rates: Doubles
    rate_law: Doubles


@dataclass(frozen=True, eq=False)
class EffectiveRate:
    """The learning rate that a kernel's direction feels, epoch by epoch.

    Attributes
    ----------
    epochs : ndarray of shape (E,)
    values : ndarray of shape (E,)
        The learning rate over the norm of the kernel, to the given power.
    power : int
        2 for gradient descent, whose step is as long as the gradient; 1 for Adam and its kind,
        whose step is as long whatever the gradient.
    """

    epochs: Doubles
    values: Doubles
    power: int
