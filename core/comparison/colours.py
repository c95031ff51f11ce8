"""Which groups share a colour, and what the legend calls it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.comparison.groups import Group, differing_settings, word_of
from core.settings import CONTROLS, value_of

BY_GROUP = "group"
"""The choice to give each group a colour of its own."""
_SHORT = 45
_FEW = 4
"""Groups whose settings a legend can spell out."""


@dataclass(frozen=True)
class Shade:
    """A group's colour, as its place among others.

    Attributes
    ----------
    place, count : int
        The place, from 0, among so many colours.
    ordered : bool
        Whether the colours form a scale, as those of numbers do.
    name : str
        What the legend calls it.
    """

    place: int
    count: int
    ordered: bool
    name: str


def shades(groups: Sequence[Group], by: str) -> list[Shade]:
    """A shade for each group.

    Parameters
    ----------
    groups : sequence of Group
    by : str
        BY_GROUP, or the name of a setting: groups with the same value then share a colour.
    """
    if by == BY_GROUP:
        names = _legend_names(groups)
        return [Shade(place, len(groups), False, name) for place, name in enumerate(names)]
    values = [value_of(group.settings, by) for group in groups]
    distinct = sorted(set(values))
    number = not isinstance(CONTROLS[by].default, bool | str)
    return [
        Shade(distinct.index(value), len(distinct), number and len(distinct) > 2, _word(by, value))
        for value in values
    ]


def legend_title(groups: Sequence[Group], by: str) -> str:
    """What all names of the legend are values of; empty if they say it themselves."""
    if by != BY_GROUP:
        return CONTROLS[by].label
    names = differing_settings(groups)
    return CONTROLS[names[0]].label if len(groups) > _FEW and len(names) == 1 else ""


def _legend_names(groups: Sequence[Group]) -> list[str]:
    names = differing_settings(groups)
    if len(groups) <= _FEW and all(len(group.label) <= _SHORT for group in groups):
        return [group.named for group in groups]
    if len(names) == 1:
        return [f"{group.letter}: {word_of(group.settings, names[0])}" for group in groups]
    return [group.letter for group in groups]


def _word(name: str, value: int | float | bool | str) -> str:
    return CONTROLS[name].word(value)
