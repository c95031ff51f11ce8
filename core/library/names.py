"""What runs are called where one of them is to be chosen: no two alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from core.library.records import Run


def names_to_choose_by(runs: Iterable[Run]) -> dict[str, str]:
    """Their names by id, in their order; with state, time and number where a name is not its own.

    A list that knows its entries by their words, as a browser does, would take one run for the
    other: training the same settings twice is enough.
    """
    runs = list(runs)
    known = Counter(run.name for run in runs)
    names = {}
    for run in runs:
        made = datetime.fromtimestamp(run.created)
        which = f"{run.state.words} · {made:%d %b %H:%M} · {run.id.rpartition('-')[2]}"
        names[run.id] = run.name if known[run.name] == 1 else f"{run.name} · {which}"
    return names
