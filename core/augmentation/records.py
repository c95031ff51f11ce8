"""What is measured of networks with and without label smoothing, as plain records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.predictions.quality import Calibration

Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Logits:
    """The logits of a network on labelled images, dropout off.

    Attributes
    ----------
    gaps : ndarray of shape (N,), float64
        Of each image: the logit of its true class less the mean of all others.
    calibration : Calibration
        How sure the network is, and how often right.
    """

    gaps: Doubles
    calibration: Calibration

    @property
    def mean(self) -> float:
        """Of the gaps."""
        return float(self.gaps.mean())

    @property
    def spread(self) -> float:
        """Their standard deviation."""
        return float(self.gaps.std())


@dataclass(frozen=True, eq=False)
class GapCounts:
    """How many images have which gap, in equal bars that several networks share.

    Attributes
    ----------
    middles : ndarray of shape (B,)
    counts : tuple of ndarrays of shape (B,), int64
        One a network.
    width : float
        Of a bar.
    """

    middles: Doubles
    counts: tuple[Labels, ...]
    width: float
