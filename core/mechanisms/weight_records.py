"""What is known of a network's kernels: records that know nothing of Keras."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Switches = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class LayerKernel:
    """The kernel of a layer, and the price on it.

    Attributes
    ----------
    layer, kind : str
        The layer's name and type: ``"conv_1"``, ``"Conv2D"``.
    values : ndarray of shape (R, C, I, O) or (I, O), float32
        Rows, columns, input channels and filters of a convolution; inputs and units of a dense
        layer.
    l1, l2 : float
        The strengths of its penalty; 0 means none.
    """

    layer: str
    kind: str
    values: Floats
    l1: float
    l2: float


@dataclass(frozen=True)
class PenaltyTerm:
    """What the weights of one layer cost.

    Attributes
    ----------
    layer : str
    weights : int
        Numbers in its kernel.
    absolute_sum, square_sum : float
        Over the kernel: the sum of ``abs(w)``, and of ``w**2``.
    l1, l2 : float
        The two terms in nats: each sum times its strength.
    """

    layer: str
    weights: int
    absolute_sum: float
    square_sum: float
    l1: float
    l2: float

    @property
    def both(self) -> float:
        """The layer's penalty, in nats."""
        return self.l1 + self.l2


@dataclass(frozen=True, eq=False)
class WeightsOverEpochs:
    """Histograms of one layer's weights at some moments of a training, all with the same bins.

    Attributes
    ----------
    layer : str
    epochs : ndarray of shape (E,)
        After how many epochs each was taken, rising; 0 for the first weights.
    edges : ndarray of shape (B + 1,)
    shares : ndarray of shape (E, B)
        The share of the layer's weights in each bin, in [0, 1].
    spreads : ndarray of shape (E,)
        Standard deviation of the weights.
    weights : int
    each_epoch : bool
        Whether they were recorded while the network trained; otherwise they come from its first,
        best and last weights.
    beyond : bool
        Whether the outermost bins hold weights beyond them, too.
    """

    layer: str
    epochs: Integers
    edges: Doubles
    shares: Doubles
    spreads: Doubles
    weights: int
    each_epoch: bool
    beyond: bool = False

    @property
    def middles(self) -> Doubles:
        """(B,): the middle of each bin."""
        return np.asarray((self.edges[:-1] + self.edges[1:]) / 2)

    @property
    def powers(self) -> Doubles:
        """(E, B): the decimal logarithm of each share, NaN where there is none."""
        return np.log10(self.shares, out=np.full_like(self.shares, np.nan), where=self.shares > 0)

    def at(self, epoch: int) -> int:
        """The place of the latest moment that is not after this epoch; the first if all are."""
        return max(int(np.searchsorted(self.epochs, epoch, side="right")) - 1, 0)


@dataclass(frozen=True, eq=False)
class SmallWeights:
    """How many weights are smaller than a threshold.

    Attributes
    ----------
    layers : tuple of str
    shares : ndarray of shape (L,)
        By layer, in [0, 1].
    total : float
        The same of all kernels together.
    zeros, weights : int
        How many of them are exactly 0, and how many there are.
    """

    layers: tuple[str, ...]
    shares: Doubles
    total: float
    zeros: int
    weights: int


@dataclass(frozen=True, eq=False)
class LayerHealth:
    """Which kernels of a layer are dead.

    Attributes
    ----------
    layer : str
    unit : str
        What a kernel is called in the plural: ``"filters"`` or ``"units"``.
    norms : ndarray of shape (O,)
        Euclidean norm of each kernel, all its input channels together.
    bound : float
        A kernel of a smaller norm counts as shrunk away.
    small : ndarray of shape (O,), bool
    silent : ndarray of shape (O,), bool, or None
        Whether its output is 0 for every image, everywhere; None for a layer that no ReLU follows.
    """

    layer: str
    unit: str
    norms: Floats
    bound: float
    small: Switches
    silent: Switches | None

    @property
    def dead(self) -> Switches:
        """(O,): shrunk away, or silent, or both."""
        return self.small if self.silent is None else self.small | self.silent

    @property
    def order(self) -> NDArray[np.intp]:
        """(O,): the kernels, largest norm first; equal ones by number."""
        return np.argsort(-self.norms, kind="stable")

    def places(self, small: bool, silent: bool) -> NDArray[np.intp]:
        """Where in that order the kernels stand that are so and so."""
        quiet = np.zeros_like(self.small) if self.silent is None else self.silent
        return np.flatnonzero(((self.small == small) & (quiet == silent))[self.order])


@dataclass(frozen=True)
class PrunedScore:
    """How well a network does with its smallest weights set to 0.

    Attributes
    ----------
    share : float
        The share of the weights that is 0, in [0, 1].
    removed : int
        How many that are.
    largest : float
        The largest absolute value among them; 0 if there are none.
    kept : tuple of float
        By layer, the share of its weights that stays.
    right, images : int
        How many of so many images it gets right.
    """

    share: float
    removed: int
    largest: float
    kept: tuple[float, ...]
    right: int
    images: int

    @property
    def accuracy(self) -> float:
        """The share of right answers, in [0, 1]."""
        return self.right / self.images
