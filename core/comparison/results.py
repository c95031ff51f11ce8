"""What a group of runs reaches: mean and standard deviation over its seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.comparison.groups import Group, differing_settings, word_of
from core.data import facts
from core.library.records import Run
from core.settings import CONTROLS

_MOST_SETTINGS_FIRST = 3


@dataclass(frozen=True)
class Result:
    """One figure of a run's best checkpoint.

    Attributes
    ----------
    label : str
        Its name within a sentence: "validation error".
    read : callable
        Its value of a run, in `unit`; None where it is not known.
    unit : str
        "points" for a share in per cent, "" for a loss in nats.
    part : str
        The part of the data it is computed on: "validation" or "test".
    higher_is_better : bool
    """

    label: str
    read: Callable[[Run], float | None]
    unit: str
    part: str
    higher_is_better: bool = False


def _per_cent(share: float | None, error: bool = False) -> float | None:
    if share is None:
        return None
    return 100.0 * (1.0 - share if error else share)


RESULTS: Mapping[str, Result] = {
    "validation_error": Result(
        "validation error",
        lambda run: _per_cent(run.best_validation_accuracy, error=True),
        "points",
        "validation",
    ),
    "validation_accuracy": Result(
        "validation accuracy",
        lambda run: _per_cent(run.best_validation_accuracy),
        "points",
        "validation",
        True,
    ),
    "validation_loss": Result(
        "validation loss", lambda run: run.best_validation_loss, "", "validation"
    ),
    "test_error": Result(
        "test error", lambda run: _per_cent(run.test_accuracy, error=True), "points", "test"
    ),
    "test_accuracy": Result(
        "test accuracy", lambda run: _per_cent(run.test_accuracy), "points", "test", True
    ),
    "test_loss": Result("test loss", lambda run: run.test_loss, "", "test"),
}
"""The first is what is compared unless somebody chooses otherwise."""


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation of the figures of some runs.

    Attributes
    ----------
    mean : float
    deviation : float or None
        With n - 1; None for one figure, which has no spread.
    count : int
        n.
    """

    mean: float
    deviation: float | None
    count: int

    def words(self, decimals: int, unit: str = "") -> str:
        """As a table writes it: "97.3 ± 0.4 %"; without a spread, the figure alone."""
        spread = "" if self.deviation is None else f" ± {self.deviation:.{decimals}f}"
        return f"{self.mean:.{decimals}f}{spread}{unit}"


def values_of(group: Group, read: Callable[[Run], float | None]) -> npt.NDArray[np.float64]:
    """The figures of the group's runs that count and have one, by seed: ndarray of shape (n,)."""
    found = [value for run in group.runs if (value := read(run)) is not None]
    return np.array(found, np.float64)


def spread_of(values: npt.NDArray[np.float64]) -> Spread | None:
    """Mean and standard deviation (n - 1) of n figures; None if there are none."""
    if not len(values):
        return None
    deviation = float(values.std(ddof=1)) if len(values) > 1 else None
    return Spread(float(values.mean()), deviation, len(values))


def table_of_groups(groups: Sequence[Group]) -> list[dict[str, str | int]]:
    """A row a group: its settings where the groups differ, n, and mean ± SD of each figure."""
    names = differing_settings(groups)
    rows: list[dict[str, str | int]] = []
    for group in groups:
        settings: dict[str, str | int] = {
            CONTROLS[name].label: word_of(group.settings, name) for name in names
        }
        if not names:
            settings = {"Settings": group.label}
        if names and any(one.changes for one in groups):
            settings["Turned in mid-run"] = "; ".join(change.words for change in group.changes)
        figures: dict[str, str | int] = {
            "Seeds (n)": len(group.runs),
            "Validation loss": _cell(group, RESULTS["validation_loss"].read, 4),
            "Validation accuracy": _cell(group, RESULTS["validation_accuracy"].read, 1, " %"),
            "Test accuracy": _cell(group, RESULTS["test_accuracy"].read, 1, " %"),
            # One run's epoch is whole; the mean of several need not be.
            "Best epoch": _cell(group, lambda run: run.best_epoch, int(len(group.runs) > 1)),
        }
        # Many settings would push the figures out of sight.
        parts = [figures, settings] if len(names) > _MOST_SETTINGS_FIRST else [settings, figures]
        rows.append({"Group": group.letter, **parts[0], **parts[1]})
    return rows


def _cell(group: Group, read: Callable[[Run], float | None], decimals: int, unit: str = "") -> str:
    spread = spread_of(values_of(group, read))
    if spread is None:
        return "none"
    # A mean over fewer runs than the row counts has to say so.
    fewer = f" (n = {spread.count})" if spread.count < len(group.runs) else ""
    return spread.words(decimals, unit) + fewer


def computed_on(group: Group, result: Result) -> str:
    """What a figure was computed on, in words."""
    known = facts(group.settings.data.dataset)
    if result.part == "validation":
        return (
            f"{known.validation_images:,} validation images of {known.title}, drawn anew by each "
            "seed"
        )
    drawn = ", drawn anew by each seed" if known.built_in else ", the same for every seed"
    return f"{known.test_images:,} test images of {known.title}{drawn}"
