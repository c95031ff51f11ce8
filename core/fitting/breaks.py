"""Where a run was resumed, and what that means for it, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.library.records import Event


def words_of_resuming(
    epoch: int, before: Mapping[str, str], now: Mapping[str, str], same: bool = True
) -> str:
    """What the event of a resumed run says.

    Parameters
    ----------
    epoch : int
        The last that stays on record; 0 if there is none.
    before, now : Mapping of str to str
        The versions of the packages when it began, and now.
    same : bool
        Whether the epochs that were made again came out as they are on record.
    """
    if epoch == 0:
        return "Begun anew, for no epoch had ended."
    others = [
        f"{package} {now[package]} instead of {before[package]}"
        for package in now
        if before.get(package, now[package]) != now[package]
    ]
    if others:
        return (
            f"Resumed after epoch {epoch} with other versions than those it began with: "
            f"{', '.join(others)}."
        )
    if not same:
        return f"Resumed after epoch {epoch}, on a machine that computes the next ones otherwise."
    return f"Resumed after epoch {epoch}."


def breaks_in_words(events: Sequence[Event]) -> str:
    """What the breaks mean for a run, in a sentence; empty if there were none."""
    resumed = [event for event in events if event.kind == "resumed" and event.epoch]
    if not resumed:
        return ""
    changed = [e.words for e in resumed if e.words != words_of_resuming(e.epoch or 0, {}, {})]
    if changed:
        return f"{changed[-1]} So its weights need not be those of a run without a break."
    epochs = [str(event.epoch) for event in resumed]
    where = f"epoch {epochs[0]}"
    if len(epochs) > 1:
        where = f"epochs {', '.join(epochs[:-1])} and {epochs[-1]}"
    return f"Resumed after {where}, it is the same run as one without a break."
