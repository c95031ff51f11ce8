"""Two runs that differ in nothing but label smoothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.library.records import Run, State
from core.settings import Settings

_WHOLE = (State.FINISHED, State.STOPPED_EARLY)
"""How a run ends that was trained as its settings say."""


@dataclass(frozen=True)
class SmoothingPair:
    """Runs with all settings alike but label smoothing.

    Attributes
    ----------
    plain : Run or None
        The one without it.
    smoothed : Run or None
        The one with it; of several, that whose smoothing is nearest to what was asked for.
    """

    plain: Run | None
    smoothed: Run | None


def with_smoothing(settings: Settings, smoothing: float) -> Settings:
    """The same settings, with that much label smoothing."""
    regularization = replace(settings.regularization, label_smoothing=smoothing)
    return replace(settings, regularization=regularization)


def smoothing_of(run: Run) -> float:
    """How much label smoothing a run was trained with."""
    return run.settings.regularization.label_smoothing


def is_alike(settings: Settings, others: Settings) -> bool:
    """Whether these settings are the others but for label smoothing."""
    return with_smoothing(settings, 0.0) == with_smoothing(others, 0.0)


def pair_of(settings: Settings, runs: Sequence[Run], smoothing: float) -> SmoothingPair:
    """Find the pair to these settings among the runs that were trained to their end.

    Parameters
    ----------
    settings : Settings
        Whose label smoothing says nothing.
    runs : sequence of Run
        Newest first; of equals, the first one is taken.
    smoothing : float
        What is asked for, above 0.
    """
    alike = [
        run
        for run in runs
        if run.state in _WHOLE and run.best_epoch is not None and is_alike(run.settings, settings)
    ]
    plain = next((run for run in alike if smoothing_of(run) == 0), None)
    others = [run for run in alike if smoothing_of(run) > 0]
    nearest = min(others, key=lambda run: abs(smoothing_of(run) - smoothing), default=None)
    return SmoothingPair(plain, nearest)


def missing(settings: Settings, pair: SmoothingPair, smoothing: float) -> list[Settings]:
    """What has to be trained, so that there is a pair with just this smoothing."""
    wanted = [] if pair.plain is not None else [with_smoothing(settings, 0.0)]
    if pair.smoothed is None or smoothing_of(pair.smoothed) != smoothing:
        wanted.append(with_smoothing(settings, smoothing))
    return wanted
