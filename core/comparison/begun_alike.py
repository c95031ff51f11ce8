"""Whether runs began alike: the same data, first weights and batches, by what each one noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.comparison.groups import letter_of
from core.fitting.begun_with import MOST_EPOCHS, begun_with_of
from core.library.records import Event, Run

_DIGITS = 12
PARTS = ("Images and labels", "First weights", "Batches")
_NOT_YET = "not known yet"


@dataclass(frozen=True)
class BegunAlike:
    """What runs began with, and what that says.

    Attributes
    ----------
    rows : list of dict
        A row a run: its letter, its name, and the fingerprint of each of PARTS in 12 hexadecimal
        digits.
    different : tuple of str
        Those of PARTS that are not the same in all runs that have noted them.
    unknown : int
        How many runs have not noted all of them.
    """

    rows: list[dict[str, str]]
    different: tuple[str, ...]
    unknown: int

    @property
    def proved(self) -> bool:
        """Whether all runs are known to have begun alike."""
        return not self.different and not self.unknown

    @property
    def sentence(self) -> str:
        """The same in words."""
        if self.different:
            parts = " and ".join(part.lower() for part in self.different)
            return (
                f"Not the same in all of these runs: {parts}. So more than the regularizer differs."
            )
        count = len(self.rows) - self.unknown
        if count < 2:
            return "Each run notes what it began with as it begins. Two of them can be compared."
        these = f"all {count} runs" if not self.unknown else f"the {count} runs that have begun"
        return (
            f"The same in {these}, by the fingerprints that each took itself before its first "
            "step: images and labels, first weights, and batches. The only difference is the "
            "regularizer."
        )


WHAT_IS_IN_THEM = (
    "Images and labels: all three parts of the data, with the labels that were made wrong. First "
    "weights: every kernel and bias before the first step; layers that normalize begin at scale 1 "
    "and shift 0. Batches: their size, and the order of the training images in each epoch, up to "
    f"the {MOST_EPOCHS}th. Each is the beginning of a SHA-256. Noise and dropout draw from seeds "
    "of their own, one a place in the network."
)


def begun_alike(runs: Sequence[Run], events: Mapping[str, Sequence[Event]]) -> BegunAlike:
    """Compare what runs began with.

    Parameters
    ----------
    runs : sequence of Run
    events : Mapping
        Those of each run, by its id.
    """
    rows, prints = [], []
    for place, run in enumerate(runs):
        noted = begun_with_of(events[run.id])
        known = (
            run.fingerprint,
            None if noted is None else noted.weights,
            None if noted is None else noted.batches,
        )
        prints.append(known)
        words = [_NOT_YET if one is None else one[:_DIGITS] for one in known]
        row = {"": letter_of(place), "Setting": run.name}
        rows.append(row | dict(zip(PARTS, words, strict=True)))
    different = tuple(
        part
        for part, column in zip(PARTS, zip(*prints, strict=True), strict=True)
        if len({one for one in column if one is not None}) > 1
    )
    return BegunAlike(rows, different, sum(None in known for known in prints))
