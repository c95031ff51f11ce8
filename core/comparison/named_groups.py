"""Runs that were started together, as a group with a name: a tag that all of them bear."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from core.library.records import Run

_MARK = "Side by side: "
_LONGEST = 22
"""Characters of a name, so that the mark, the name and a number fit into a tag."""


def group_tag(name: str, tags: Iterable[str]) -> str:
    """A tag for a new group, which none of these tags is.

    Parameters
    ----------
    name : str
        What it is to be called; empty for a number.
    tags : iterable of str
        Those that there are.
    """
    taken = set(tags)
    wanted = " ".join(name.split())[:_LONGEST].rstrip()
    if wanted and f"{_MARK}{wanted}" not in taken:
        return f"{_MARK}{wanted}"
    numbered = (f"{_MARK}{wanted} {n}" if wanted else f"{_MARK}{n}" for n in itertools.count(1))
    return next(tag for tag in numbered if tag not in taken)


def name_of_group(runs: Sequence[Run]) -> str:
    """The name of the group that all of these runs belong to; empty if there is none."""
    shared = [tag for tag in (runs[0].tags if runs else ()) if tag.startswith(_MARK)]
    return next(
        (tag.removeprefix(_MARK) for tag in shared if all(tag in run.tags for run in runs)), ""
    )


def named_groups(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """The runs of each group by its name, the newest group first, in the order they were made."""
    groups: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.created, run.id)):
        for tag in run.tags:
            if tag.startswith(_MARK):
                groups.setdefault(tag.removeprefix(_MARK), []).append(run)
    return dict(reversed([item for item in groups.items() if len(item[1]) > 1]))
