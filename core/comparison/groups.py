"""Runs to groups: those that differ only by their seed are one.

A run whose settings were changed in mid-run is of a group with those alone that had the same
changes at the same steps.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.comparison.seeds import with_seed
from core.library.records import Run, State
from core.settings import (
    CONTROLS,
    Change,
    Settings,
    Value,
    changes_from_default,
    describe,
    differences,
    to_mapping,
    value_of,
)

WHOLE = (State.FINISHED, State.STOPPED_EARLY)
"""How a run ends that was trained as its settings say."""

_NAME_LENGTH = 60
_SEED = int(CONTROLS["seed"].default)


@dataclass(frozen=True)
class LeftOut:
    """A run that does not count, and why, as the end of a sentence that begins with its name."""

    run: Run
    reason: str


@dataclass(frozen=True)
class Group:
    """Runs that differ only by their seed.

    Attributes
    ----------
    letter : str
        A short name: A for the group that is nearest to the default settings.
    label : str
        The settings in which the groups differ, in words.
    settings : Settings
        What all of its runs share; its seed says nothing.
    runs : tuple of Run
        Those that count, by seed: trained as the settings say, with a figure, each seed once.
    left_out : tuple of LeftOut
        The others.
    changes : tuple of Change
        What was changed in mid-run in all of them.
    """

    letter: str
    label: str
    settings: Settings
    runs: tuple[Run, ...]
    left_out: tuple[LeftOut, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the runs that count, in order."""
        return tuple(run.settings.optimisation.seed for run in self.runs)

    @property
    def named(self) -> str:
        """Letter and label."""
        return f"{self.letter}: {self.label}"


def groups_of(runs: Sequence[Run]) -> list[Group]:
    """Put runs that differ only by their seed together.

    Parameters
    ----------
    runs : sequence of Run
        In any order, each once.

    Returns
    -------
    list of Group
        The one with the fewest changes from the default settings first, then by their values.
    """
    together: dict[tuple[Settings, tuple[Change, ...]], list[Run]] = {}
    for run in runs:
        together.setdefault((with_seed(run.settings, _SEED), run.changes), []).append(run)
    differing = differences([settings for settings, _ in together])
    ordered = sorted(together, key=lambda key: (_nearness_to_default(key[0]), _places(key[1])))
    return [
        Group(
            letter_of(place),
            label_of(settings, differing) + turned_in_words(changes),
            settings,
            *_counted(together[settings, changes]),
            changes,
        )
        for place, (settings, changes) in enumerate(ordered)
    ]


def turned_in_words(changes: Sequence[Change]) -> str:
    """What a label says of settings that were changed in mid-run; empty if none were."""
    return f", turned: {'; '.join(change.words for change in changes)}" if changes else ""


def _places(changes: Sequence[Change]) -> tuple[tuple[int, str, float], ...]:
    return tuple((change.step, change.name, change.new) for change in changes)


def differing_settings(groups: Iterable[Group]) -> list[str]:
    """Names of the settings in which the groups differ, in page order; never the seed."""
    return differences([group.settings for group in groups])


def label_of(settings: Settings, names: Sequence[str]) -> str:
    """These settings in words; without any names, what was changed from the defaults."""
    words = [f"{CONTROLS[name].label} {word_of(settings, name)}" for name in names]
    return ", ".join(words) or describe(settings)


def word_of(settings: Settings, name: str) -> str:
    """One setting's value as the page writes it."""
    return CONTROLS[name].word(value_of(settings, name))


def letter_of(place: int) -> str:
    """A to Z, then AA, AB and on, for the places 0, 1, ..."""
    before, last = divmod(place, 26)
    return (letter_of(before - 1) if before else "") + chr(ord("A") + last)


def missing_seeds(groups: Iterable[Group], least: int = 3) -> list[Settings]:
    """What to train so that each group has `least` seeds: the lowest that it has not tried yet.

    Runs that have not ended yet are taken to count one day. Low seeds are likely to be those of
    the other groups too, and the same seed means the same split of the data. Settings that were
    changed by hand are not trained anew: they would not be changed again.
    """
    missing = []
    for group in groups:
        if group.changes:
            continue
        runs = [*group.runs, *(one.run for one in group.left_out)]
        tried = {run.settings.optimisation.seed for run in runs}
        coming = {run.settings.optimisation.seed for run in runs if not run.state.ended}
        wanted = least - len({*group.seeds, *coming})
        fresh = (seed for seed in itertools.count(1) if seed not in tried)
        missing += [
            with_seed(group.settings, seed) for seed in itertools.islice(fresh, max(wanted, 0))
        ]
    return missing


def left_out_in_words(groups: Iterable[Group]) -> list[str]:
    """Which runs do not count and why, one sentence each, without the full stop."""
    return [
        f"{group.letter}, “{_shortened(one.run.name)}”, {one.reason}"
        for group in groups
        for one in group.left_out
    ]


def _shortened(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + "…"


def data_sets(groups: Iterable[Group]) -> list[str]:
    """The data sets of the groups, by name in the settings, each once and in order."""
    return list(dict.fromkeys(group.settings.data.dataset for group in groups))


def _nearness_to_default(settings: Settings) -> tuple[int, tuple[Value, ...]]:
    return len(changes_from_default(settings)), tuple(to_mapping(settings).values())


def _counted(runs: Sequence[Run]) -> tuple[tuple[Run, ...], tuple[LeftOut, ...]]:
    counted: dict[int, Run] = {}
    left_out = []
    # The oldest of a seed counts, whatever comes later.
    for run in sorted(runs, key=lambda run: (run.created, run.id)):
        seed = run.settings.optimisation.seed
        reason = _reason_to_leave_out(run)
        if not reason and seed in counted:
            reason = (
                f"repeats the seed {seed}, and the same run twice is not two pieces of evidence"
            )
        if reason:
            left_out.append(LeftOut(run, reason))
        else:
            counted[seed] = run
    return tuple(counted[seed] for seed in sorted(counted)), tuple(left_out)


def _reason_to_leave_out(run: Run) -> str:
    if not run.state.ended:
        return f"has not ended yet ({run.state.words})"
    if run.state is State.FAILED:
        return "failed"
    if run.state not in WHOLE:
        epochs = run.settings.optimisation.epochs
        return f"was {run.state.words} after {run.epochs_done} of {epochs} epochs"
    if run.best_validation_loss is None or run.best_validation_accuracy is None:
        return "has no figure: no validation loss was a number"
    return ""
