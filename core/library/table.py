"""Runs as the rows of a table: words, units, and the settings in which they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.library.records import run_name
from core.runs import Run, State
from core.settings import CONTROLS, Control, Value, changes_from_default, differences, value_of

Cell = Value | datetime | None


@dataclass(frozen=True)
class Column:
    """One column: its words, and how its cells are written.

    Attributes
    ----------
    label, help : str
        The heading, and what a person reads when pointing at it.
    kind : str
        What the cells hold: "words", "number" or "time".
    form : str
        How they are written: for numbers a pattern of printf, for times one of moment.js.
    width : str or None
        "small", "medium" or "large"; None for what the cells need.
    """

    label: str
    help: str
    kind: Literal["words", "number", "time"] = "number"
    form: str = ""
    width: Literal["small", "medium", "large"] | None = None


_FIRST = {
    "name": Column(
        "Name",
        "What the run is called; unless you name it, by those of its settings that set it apart "
        "from the others here.",
        "words",
        width="large",
    ),
    "state": Column("State", "Where the run stands, or how it ended.", "words"),
}
_FIGURES = {
    "validation_accuracy": Column(
        "Validation accuracy",
        "Share of the validation images that the best epoch gets right. It was used to choose that "
        "epoch, so it flatters a little.",
        form="%.1f %%",
    ),
    "test_accuracy": Column(
        "Test accuracy",
        "Share of the test images that the best checkpoint gets right. They were used for nothing "
        "else: this is the honest figure.",
        form="%.1f %%",
    ),
    "validation_loss": Column(
        "Validation loss",
        "Of the best epoch, on images that the network does not learn from; without the L1 and L2 "
        "penalty. Lower is better.",
        form="%.4f",
    ),
    "best_epoch": Column(
        "Best epoch",
        "The epoch with the lowest validation loss. The checkpoint holds the weights of this one.",
        form="%d",
    ),
}
_AFTER = {
    "test_images": Column(
        "Test images",
        "How many images the test accuracy was taken on. With 1,000 of them it is sure to about "
        "2 points, with 10,000 to less than 1.",
        form="%d",
    ),
    "seconds": Column("Trained for", "Seconds from the first step to the last.", form="%.1f s"),
    "storage": Column(
        "Storage",
        "Megabytes (of a million bytes) that the run's files take: its checkpoints and what else "
        "is kept of it beside its curves.",
        form="%.2f MB",
    ),
    "created": Column("Begun", "When the run was entered.", "time", "D MMM YYYY, HH:mm"),
}
_MARKS = {
    "marks": Column("Marks", "Kept: protected from being deleted. Archived: put aside.", "words"),
    "tags": Column("Tags", "The words that you have marked the run with.", "words"),
    "remark": Column("Note", "The first line of what you wrote about the run.", "words"),
}
"""Columns that stand there only if a run has something in them."""


def columns(runs: Sequence[Run]) -> dict[str, Column]:
    """The columns for these runs, by name: among them the settings in which they differ."""
    settings = {name: _column_of(CONTROLS[name]) for name in _differing(runs)}
    marks = {name: column for name, column in _MARKS.items() if any(map(_mark(name), runs))}
    return {**_FIRST, **marks, **_FIGURES, **settings, **_AFTER}


def rows(runs: Sequence[Run], storage: Mapping[str, int]) -> list[dict[str, Cell]]:
    """A row for each run, with a cell for each of their :func:`columns`.

    Accuracies are in per cent; times are those of this machine's clock, without a zone. None
    stands where something is not known.

    Parameters
    ----------
    runs : sequence of Run
    storage : Mapping
        Bytes of the files of each run, by id; one that is not there has none.
    """
    names = _differing(runs)
    marks = [name for name in _MARKS if any(map(_mark(name), runs))]
    return [
        {
            "name": _told_apart(run, names),
            "state": state_in_words(run),
            **{name: _mark(name)(run) for name in marks},
            "validation_accuracy": _per_cent(run.best_validation_accuracy),
            "test_accuracy": _per_cent(run.test_accuracy),
            "validation_loss": run.best_validation_loss,
            "best_epoch": run.best_epoch,
            **{name: _cell(CONTROLS[name], value_of(run.settings, name)) for name in names},
            "test_images": run.test_images,
            "seconds": run.seconds,
            "storage": storage.get(run.id, 0) / 1e6,
            "created": datetime.fromtimestamp(run.created).replace(microsecond=0),
        }
        for run in runs
    ]


def _told_apart(run: Run, differing: Sequence[str]) -> str:
    """The run's name; for one that nobody named, those of its settings that the others lack.

    What all of them have in common would fill the column and leave no room for what they have not.
    """
    if run.name != run_name("", run.settings) or not differing:
        return run.name
    changed = changes_from_default(run.settings)
    words = [
        f"{CONTROLS[name].label} {CONTROLS[name].word(changed[name])}"
        for name in differing
        if name in changed
    ]
    return ", ".join(words) or "As by default"


def state_in_words(run: Run) -> str:
    """The state and, as long as it trains, how far it is: "training, epoch 4 of 30"."""
    if run.state is not State.RUNNING:
        return run.state.words
    epochs = run.settings.optimisation.epochs
    return f"{run.state.words}, epoch {min(run.epochs_done + 1, epochs)} of {epochs}"


def _mark(name: str) -> Callable[[Run], str]:
    """What stands in one of the columns of _MARKS, in words; empty if nothing does."""
    return {"marks": _marks_of, "tags": _tags_of, "remark": _first_line_of}[name]


def _marks_of(run: Run) -> str:
    return ", ".join(["kept"] * run.kept + ["archived"] * run.archived)


def _tags_of(run: Run) -> str:
    return ", ".join(run.tags)


def _first_line_of(run: Run) -> str:
    return run.remark.partition("\n")[0]


def _differing(runs: Sequence[Run]) -> list[str]:
    """Names of the settings in which the runs differ; many runs often have few settings."""
    return differences(list({run.settings for run in runs}))


def _column_of(control: Control) -> Column:
    if isinstance(control.default, bool | str):
        return Column(control.label, control.help, "words")
    return Column(control.label, control.help, form="%d" if _is_whole(control) else "%g")


def _is_whole(control: Control) -> bool:
    return isinstance(control.default, int)


def _cell(control: Control, value: Value) -> Value:
    """Numbers stay numbers, so that the table sorts them as such; the rest is in words."""
    return control.word(value) if isinstance(control.default, bool | str) else value


def _per_cent(share: float | None) -> float | None:
    return None if share is None else 100 * share
