"""One kernel: what it is, what it is like, and whether chance would bring forth the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.classic_kernels import families
from core.inside.kernel_chance import ALPHA, Chance, significance
from core.inside.kernel_measures import Doubles, Measures, measure

USUAL = 0.95
"""Share of random kernels that come less near to a family than its mark."""


@dataclass(frozen=True, eq=False)
class Likeness:
    """How near a kernel comes to a classic one.

    Attributes
    ----------
    name, purpose : str
    similarity : float
        Absolute cosine with the family's nearest member, in [0, 1].
    p_value : float
        The share of random kernels that come as near to this family.
    angle : float
        Of an edge detector, the direction in which brightness changes; NaN otherwise.
    member : ndarray of shape (R, C)
        That member, as strong as its share in the kernel.
    random : ndarray of shape (N,)
        The similarity of random kernels to this family.
    """

    name: str
    purpose: str
    similarity: float
    p_value: float
    angle: float
    member: Doubles
    random: Doubles

    @property
    def usual(self) -> float:
        """The similarity that :data:`USUAL` of random kernels stay below."""
        return float(np.quantile(self.random, USUAL))


@dataclass(frozen=True, eq=False)
class KernelNature:
    """What there is to say of one kernel.

    Attributes
    ----------
    measures : Measures
        Of one kernel: arrays of length 1.
    likenesses : tuple of Likeness
        To all classic kernels, the most remarkable first.
    pattern, oriented, separable : float
        p-values, as in :class:`core.inside.kernel_chance.Significance`.
    random : Chance
        What it was held against.
    """

    measures: Measures
    likenesses: tuple[Likeness, ...]
    pattern: float
    oriented: float
    separable: float
    random: Chance

    @property
    def nearest(self) -> Likeness:
        """The classic kernel that it comes most remarkably near to."""
        return self.likenesses[0]


def describable(kernel: NDArray[np.floating]) -> str:
    """Why a kernel cannot be described, in a sentence; empty if it can.

    Parameters
    ----------
    kernel : ndarray of shape (R, C)
    """
    if kernel.size == 1:
        return "A kernel of a single weight has no pattern: it only scales its channel."
    if not np.isfinite(kernel).all():
        return "The weights of this kernel are not finite: the training diverged."
    if not kernel.any():
        return "All weights of this kernel are 0: it is dead."
    return ""


def describe(kernel: NDArray[np.floating], random: Chance) -> KernelNature:
    """Measure one kernel and hold it against random ones.

    Parameters
    ----------
    kernel : ndarray of shape (R, C)
        For which :func:`describable` has no objection.
    random : Chance
        Random kernels of that shape.
    """
    found = measure(kernel[np.newaxis])
    marked = significance(kernel[np.newaxis], found.variance, found.separability, random)
    known = families(*kernel.shape)
    nearest = int(marked.nearest[0])
    order = sorted(
        range(len(known)),
        key=lambda one: (one != nearest, marked.each[one, 0], -marked.likeness[one, 0]),
    )
    likenesses = []
    for one in order:
        member, angle = known[one].nearest(kernel)
        likenesses.append(
            Likeness(
                known[one].name,
                known[one].purpose,
                float(marked.likeness[one, 0]),
                float(marked.each[one, 0]),
                angle,
                member,
                random.likeness[one],
            )
        )
    return KernelNature(
        found,
        tuple(likenesses),
        float(marked.pattern[0]),
        float(marked.oriented[0]),
        float(marked.separable[0]),
        random,
    )


def in_words(nature: KernelNature) -> str:
    """What a kernel is, in plain words with their numbers."""
    nearest, size = nature.nearest, "x".join(map(str, nature.random.shape))
    like = f"{nearest.name} (similarity {nearest.similarity:.2f})"
    chance = p_in_words(nature.pattern, nature.random.draws)
    if nature.pattern <= ALPHA:
        first = (
            f"**Its pattern has a name: {like}**, a kernel that {nearest.purpose}"
            f"{_of_edges(nearest)}. Of random {size} kernels {_share(nature.pattern)} come as near "
            f"to any classic kernel ({chance})."
        )
    else:
        first = (
            f"**No classic kernel stands out.** The most remarkable is {like}, and of random "
            f"{size} kernels {_share(nature.pattern)} come as near to some classic one ({chance})."
        )
    variance = float(nature.measures.variance[0])
    chance = p_in_words(nature.oriented, nature.random.draws)
    if nature.oriented <= ALPHA:
        angle = float(nature.measures.orientation[0])
        second = (
            f"**It prefers {edges_in_words(angle)}** ({angle:.0f}°): circular variance "
            f"{variance:.2f}, smaller than chance gives ({chance})."
        )
    else:
        second = (
            f"It prefers no direction more than a random kernel does: circular variance "
            f"{variance:.2f} ({chance})."
        )
    return f"{first}{_nearer_by_chance(nature)} {second}"


def _nearer_by_chance(nature: KernelNature) -> str:
    """Why another family than the one that is named has the larger similarity."""
    named, other = nature.nearest, max(nature.likenesses, key=lambda like: like.similarity)
    if other.similarity - named.similarity < 0.005:
        return ""
    return (
        f" {other.name} has the larger similarity ({other.similarity:.2f}) but says less: with "
        f"many kernels in its family, it is as near to {_share(other.p_value)} of random ones by "
        f"itself, {named.name} to {_share(named.p_value)}."
    )


def _of_edges(found: Likeness) -> str:
    return "" if np.isnan(found.angle) else f": {edges_in_words(found.angle)}, {found.angle:.0f}°"


def _share(p_value: float) -> str:
    return f"{p_value:.0%}" if p_value >= 0.095 else f"{100 * p_value:.2g}%"


def p_in_words(p_value: float, draws: int) -> str:
    """A p-value from so many random draws, for a sentence."""
    if p_value <= 1 / (1 + draws):
        return f"p ≤ {1 / (1 + draws):.1g}, as small as {draws:,} draws can tell"
    return f"p = {p_value:.2g}"


def edges_in_words(angle: float) -> str:
    """What lies across a direction of change.

    Parameters
    ----------
    angle : float
        The direction in which brightness changes, in degrees from the right towards the top.
    """
    names = (
        "vertical edges",
        "diagonal edges that fall to the right",
        "horizontal edges",
        "diagonal edges that rise to the right",
    )
    return names[round(angle % 180 / 45) % 4]
