"""What is said of a run's curves: the verdict, its evidence, and what to try next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.settings import Value


class Kind(StrEnum):
    """The seven things that a run's curves can say."""

    STILL_LEARNING = "still learning"
    CONVERGED = "converged"
    UNDERFITTING = "underfitting"
    OVERFITTING = "overfitting"
    MEMORISING = "memorising wrong labels"
    DIVERGED = "diverged"
    TOO_NOISY = "too noisy to tell"


@dataclass(frozen=True)
class Evidence:
    """One number that a verdict rests on, and where on the chart it belongs.

    Attributes
    ----------
    name : str
        What it is: "best epoch", "turning point", "onset", "noise", "rise", "gap" ...
    words : str
        The number in a plain clause.
    number : float
        A loss, a share in [0, 1], a percentage or a count, as `words` says.
    first_epoch, last_epoch : int
        The epochs that it was taken from; the same one twice for a single epoch.
    """

    name: str
    words: str
    number: float
    first_epoch: int
    last_epoch: int


@dataclass(frozen=True)
class Advice:
    """One thing to try next.

    Attributes
    ----------
    control : str
        The name in :data:`core.settings.CONTROLS` of the control that does it.
    sentence : str
        What to do with it, and why.
    value : int, float, bool, str or None
        A setting to begin with, within the control's limits; None where none stands out.
    """

    control: str
    sentence: str
    value: Value | None = None


@dataclass(frozen=True)
class Verdict:
    """What a run's curves say.

    Attributes
    ----------
    kind : Kind
    sentence : str
        The verdict and its reason in plain words.
    onset : int or None
        The epoch since which it holds: of overfitting, memorising or divergence; else None.
    evidence : tuple of Evidence
    advice : tuple of Advice
        The most promising first.
    """

    kind: Kind
    sentence: str
    onset: int | None = None
    evidence: tuple[Evidence, ...] = ()
    advice: tuple[Advice, ...] = ()

    def found(self, name: str) -> Evidence | None:
        """The evidence of that name, if there is any."""
        return next((item for item in self.evidence if item.name == name), None)
