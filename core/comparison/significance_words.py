"""Statistics in plain sentences."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.comparison.groups import Group, data_sets
from core.comparison.results import Result, values_of
from core.comparison.significance import ALPHA, MOST_SEEDS, Difference, difference_between, holm
from core.data import facts
from core.errors import LearnscopeError

MOST_GROUPS = 8
"""Groups that are tested at once; with more, some pair nearly always differs by chance."""
EVERY_PAIR = "every pair"
"""The choice to compare each group with each other one, not all with one."""

_LONG = 45


@dataclass(frozen=True)
class Verdict:
    """What the test of one group against another says.

    Attributes
    ----------
    first, second : Group
        How `second` differs from `first`.
    found : Difference or None
        None if there is nothing to be tested.
    p : float or None
        Welch's p-value, corrected for all comparisons that were made.
    comparisons : int
        How many were made.
    refusal : str
        Why nothing was tested; empty if it was.
    """

    first: Group
    second: Group
    found: Difference | None
    p: float | None
    comparisons: int
    refusal: str = ""

    @property
    def real(self) -> bool:
        """Whether the difference is more than chance explains."""
        return self.p is not None and self.p < ALPHA


def verdicts(groups: Sequence[Group], result: Result, against: str) -> list[Verdict]:
    """Test groups against one another, corrected by Holm for how often that is done.

    Parameters
    ----------
    groups : sequence of Group
        At least two.
    result : Result
        The figure that is compared.
    against : str
        Letter of the group that all others are compared with, or EVERY_PAIR.

    Raises
    ------
    LearnscopeError
        If there are too many groups, or they are of different data sets.
    """
    _refuse_other_data(groups, result)
    if len(groups) > MOST_GROUPS:
        pairs = math.comb(len(groups), 2)
        raise LearnscopeError(
            f"Expected at most {MOST_GROUPS} groups to test against one another. Received: "
            f"{len(groups)}, which make {pairs} pairs. Among so many some differ by chance alone. "
            "Tick the runs that your question is about."
        )
    tested: list[tuple[Group, Group, Difference | None, str]] = []
    for first, second in pairs_of(groups, against):
        figures = [tuple(values_of(group, result.read)) for group in (first, second)]
        try:
            found = _difference(*figures)
        except LearnscopeError as error:
            tested.append((first, second, None, str(error)))
        else:
            tested.append((first, second, found, ""))
    corrected = iter(holm([found.p for *_, found, _ in tested if found is not None]))
    made = sum(found is not None for *_, found, _ in tested)
    return [
        Verdict(first, second, found, None if found is None else next(corrected), made, refusal)
        for first, second, found, refusal in tested
    ]


@functools.lru_cache(maxsize=512)
def _difference(first: tuple[float, ...], second: tuple[float, ...]) -> Difference:
    """Remembered, since a page is drawn each second while a run is under way."""
    return difference_between(np.array(first), np.array(second))


def pairs_of(groups: Sequence[Group], against: str) -> list[tuple[Group, Group]]:
    """The pairs to compare; in each, the second is told by how it differs from the first."""
    if against == EVERY_PAIR:
        return [(first, second) for n, first in enumerate(groups) for second in groups[n + 1 :]]
    one = next(group for group in groups if group.letter == against)
    return [(one, other) for other in groups if other is not one]


def sentence(verdict: Verdict, result: Result) -> str:
    """What the test says, in one sentence or two."""
    second, found = verdict.second.label, verdict.found
    first = verdict.first.label
    if len(first) > _LONG:
        first = f"group {verdict.first.letter}"
    if found is None or verdict.p is None:
        return f"{second} against {first}: {verdict.refusal}"
    size = amount(abs(found.difference), found.half_width, result.unit)
    seeds = seeds_in_words(*found.counts)
    how = f"{seeds}, {p_in_words(verdict.p)} ({_test_in_words(verdict)})"
    if verdict.real:
        verb = "lowers" if found.difference < 0 else "raises"
        return (
            f"**{second}** {verb} the {result.label} by **{size}** (95 % confidence "
            f"interval) against {first}, {how}."
        )
    if found.difference == 0:
        return f"**No difference**: {second} and {first} have the same mean {result.label}, {how}."
    side = "lower" if found.difference < 0 else "higher"
    return (
        f"**May be chance**: with {second} the {result.label} is {size} (95 % "
        f"confidence interval) {side} than with {first}, {how}."
    )


def _test_in_words(verdict: Verdict) -> str:
    if verdict.comparisons == 1:
        return "Welch's t-test"
    return f"Welch's t-test, corrected for {verdict.comparisons} comparisons"


def summary(found: Sequence[Verdict], result: Result) -> str:
    """What many comparisons say together."""
    tested = [verdict for verdict in found if verdict.found is not None]
    if not tested:
        return found[0].refusal
    real = [verdict for verdict in tested if verdict.real]
    untested = len(found) - len(tested)
    rest = f" {untested} more could not be tested." if untested else ""
    return (
        f"**{len(real)} of {len(tested)} differences** in the {result.label} are more than chance "
        f"(Welch's t-test at {ALPHA:g}, corrected by Holm's method).{rest}"
    )


def table_of_verdicts(found: Sequence[Verdict], result: Result) -> list[dict[str, str]]:
    """A row a comparison, in words and with units."""
    return [
        {"Groups": f"{verdict.second.letter} against {verdict.first.letter}"}
        | _cells(verdict, result)
        for verdict in found
    ]


def _cells(verdict: Verdict, result: Result) -> dict[str, str]:
    found = verdict.found
    if found is None or verdict.p is None:
        return {"More than chance": "not tested", "Why not": verdict.refusal}
    least = found.least_permutation_p
    return {
        "More than chance": "yes" if verdict.real else "no",
        "Difference (± 95 %)": signed_amount(found.difference, found.half_width, result.unit),
        "Seeds": seeds_in_words(*found.counts),
        "p, corrected": p_in_words(verdict.p).removeprefix("p = ").removeprefix("p "),
        "p (Welch)": p_in_words(found.p).removeprefix("p = ").removeprefix("p "),
        "p (permutation)": p_in_words(found.permutation_p).removeprefix("p = ")
        + (f" (at least {least:.2g})" if least >= ALPHA else ""),
        "Hedges' g": f"{found.effect:.2f}",
        "Seeds each for 80 % power": "none would do"
        if found.difference == 0
        else f"more than {MOST_SEEDS:,}"
        if found.seeds_needed is None
        else str(found.seeds_needed),
    }


def signed_amount(value: float, half_width: float, unit: str) -> str:
    """As :func:`amount`, with its sign."""
    return ("-" if value < 0 else "+" if value > 0 else "") + amount(abs(value), half_width, unit)


def amount(value: float, half_width: float, unit: str) -> str:
    """A difference and what is uncertain of it, to as many places as the latter deserves."""
    if half_width <= 0 or not math.isfinite(half_width):
        places = 1
    else:
        exponent = math.floor(math.log10(half_width))
        # One digit of the uncertainty, two where it begins with a 1.
        places = -exponent + (half_width / 10**exponent < 2)
    places = min(max(places, 0), 5)
    return f"{value:.{places}f} ± {half_width:.{places}f}" + (f" {unit}" if unit else "")


def p_in_words(p: float) -> str:
    """A p-value to two digits, and to more where two would put it on the other side of ALPHA."""
    if p < 0.001:
        return "p < 0.001"
    digits = next(n for n in range(2, 17) if (float(f"{p:.{n}g}") < ALPHA) == (p < ALPHA))
    return f"p = {p:.{digits}g}"


def seeds_in_words(first: int, second: int) -> str:
    """ "5 seeds each", or how many there are of which."""
    return f"{first} seeds each" if first == second else f"{second} seeds against {first}"


def seeds_needed_in_words(found: Difference) -> str:
    """How many seeds would be needed to see a difference of this size, in a sentence."""
    if found.difference == 0:
        return "No number of seeds shows a difference of zero."
    if found.seeds_needed is None:
        return (
            f"To see a difference of this size with 80 % power would take more than "
            f"{MOST_SEEDS:,} seeds each: it is too small beside the spread from seed to seed."
        )
    return (
        "If the true difference has this size, "
        f"{found.seeds_needed} seeds each show it with 80 % power (two-sided t-test at 0.05)."
    )


def permutation_in_words(found: Difference) -> str:
    """What the permutation test says, and the least that it can say."""
    first, second = found.counts
    how = "all ways to deal" if found.exact else "a sample of the ways to deal"
    words = (
        f"Permutation test ({how} the figures into two groups): {p_in_words(found.permutation_p)}."
    )
    if found.least_permutation_p < ALPHA:
        return words
    return (
        f"{words} With {seeds_in_words(first, second)} it cannot go below "
        f"{found.least_permutation_p:.2g}, whatever the figures are; with 4 seeds "
        "each it can fall to 0.029."
    )


def pairing_in_words(verdict: Verdict) -> str:
    """What follows if both groups used the same seeds; empty if they did not."""
    if verdict.first.seeds != verdict.second.seeds:
        return ""
    return (
        "Both groups have the same seeds and so the same splits of the data; the tests make no use "
        "of that, which as a rule makes them cautious."
    )


def _refuse_other_data(groups: Sequence[Group], result: Result) -> None:
    titles = [facts(name).title for name in data_sets(groups)]
    if len(titles) > 1:
        raise LearnscopeError(
            f"Expected groups of one data set. Received: {', '.join(titles)}. A {result.label} on "
            "one cannot be compared with that on another. Tick runs of one data set only."
        )
