"""What two or more runs are called that stand side by side: whole above them, short in a legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.comparison.groups import label_of, letter_of, turned_in_words
from core.library.names import names_to_choose_by
from core.library.records import Run
from core.mechanisms.priced_twin import names_apart
from core.settings import differences

LONGEST = 36
"""Characters of a name that a legend, or the head of a column, can hold."""


@dataclass(frozen=True)
class NameBeside:
    """What a run is called that stands beside another one.

    Attributes
    ----------
    whole : str
        For a heading. Of no two runs the same.
    short : str
        For legends and heads of columns, at most `LONGEST` characters. Of no two runs the same;
        where it is not the whole name, both begin with the same letter and a colon.
    """

    whole: str
    short: str


def names_beside(runs: Sequence[Run]) -> list[NameBeside]:
    """Name each run by what it differs in from the others.

    Parameters
    ----------
    runs : sequence of Run
        Each once.
    """
    names = _unlike(runs)
    if all(len(name) <= LONGEST for name in names):
        return [NameBeside(name, name) for name in names]
    lettered = [f"{letter_of(place)}: {name}" for place, name in enumerate(names)]
    return [NameBeside(name, _shortened(name)) for name in lettered]


def _unlike(runs: Sequence[Run]) -> list[str]:
    names = names_apart(runs)
    if _all_unlike(names):
        return names
    settings = [run.settings for run in runs]
    differing = differences(settings)
    if differing:
        names = [
            f"{name} ({label_of(one, differing)})"
            for name, one in zip(names, settings, strict=True)
        ]
    elif len({run.changes for run in runs}) > 1:
        names = [name + turned_in_words(run.changes) for name, run in zip(names, runs, strict=True)]
    # The same settings trained twice differ in nothing but when that was.
    return names if _all_unlike(names) else list(names_to_choose_by(runs).values())


def _all_unlike(names: Sequence[str]) -> bool:
    return len(set(names)) == len(names)


def _shortened(name: str) -> str:
    """As many of the parts between commas as there is room for, or of the letters."""
    if len(name) <= LONGEST:
        return name
    parts = name.split(", ")
    heads = [", ".join(parts[:count]) for count in range(1, len(parts))]
    fitting = [head for head in heads if len(head) <= LONGEST - 2]
    return f"{fitting[-1]} …" if fitting else f"{name[: LONGEST - 1].rstrip()}…"
