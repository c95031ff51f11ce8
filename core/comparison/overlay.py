"""Single runs over one another while they train: their curves, and what they have reached."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from core.comparison.colours import Shade
from core.comparison.groups import letter_of
from core.comparison.mean_curves import MEASURES, CurveMeasure, GroupCurve, group_curve, line_of
from core.library.records import Epoch, Run
from core.settings import CONTROLS, Settings, from_mapping, to_mapping, value_of
from core.settings.presets import PRESETS, REGULARIZERS, Preset

OVERLAYS = {
    "loss": ("validation_loss", "fair_loss", "Loss (nats)"),
    "accuracy": ("validation_accuracy", "fair_accuracy", "Accuracy"),
}
"""By what is drawn: the measure on the validation images, on the training images, and a title."""
WITHOUT_TRAINING = "On the validation images, dropout off"
SEEN_ELSEWHERE = (
    "Seen in the small experiments themselves, whose images and network are others than here: look "
    "for the direction, not for these figures."
)
"""Of what presets say to look for, where anything but the regularizers is not theirs."""
WITH_TRAINING = "Thick: validation images. Dashed: training images. Dropout off"


def overlay(
    many: Sequence[Sequence[Epoch]], what: str, training: bool
) -> tuple[list[GroupCurve], CurveMeasure]:
    """The curves of runs over the epochs, one run a curve, and what they are of.

    Parameters
    ----------
    many : sequence of sequence of Epoch
        The epochs so far of each run; may be none.
    what : str
        One of OVERLAYS.
    training : bool
        Whether the curve on the fixed sample of the training images goes with it.
    """
    validation, fair, title = OVERLAYS[what]
    curves = []
    for place, epochs in enumerate(many):
        lines = [line_of(epochs, MEASURES[validation], "epoch")]
        others = [line_of(epochs, MEASURES[fair], "epoch")] if training else []
        curves.append(group_curve(letter_of(place), lines, others, "none"))
    return curves, dataclasses.replace(MEASURES[validation], title=title)


def shades_of(runs: Sequence[Run]) -> list[Shade]:
    """A colour a run, by its place."""
    names = [f"{letter_of(place)}: {run.name}" for place, run in enumerate(runs)]
    return [Shade(place, len(names), False, name) for place, name in enumerate(names)]


def table_side_by_side(
    runs: Sequence[Run], many: Sequence[Sequence[Epoch]]
) -> list[dict[str, str]]:
    """A row a run: how far it is, its figures at the best epoch and at the last, and the test.

    Parameters
    ----------
    runs : sequence of Run
    many : sequence of sequence of Epoch
        The epochs so far of each run.
    """
    rows = []
    for place, (run, epochs) in enumerate(zip(runs, many, strict=True)):
        last = epochs[-1] if epochs else None
        loss = None if last is None else last.validation_loss
        accuracy = None if last is None else last.validation_accuracy
        learnt = None if last is None else last.fair_accuracy
        rows.append(
            {
                "": letter_of(place),
                "Setting": run.name,
                "State": run.state.words,
                "Best epoch": _words(run.best_epoch, "d"),
                "Validation loss": _both(run.best_validation_loss, loss, ".3f"),
                "Validation accuracy": _both(run.best_validation_accuracy, accuracy, ".1%"),
                "Training accuracy": _words(learnt, ".1%"),
                "Test accuracy": _words(run.test_accuracy, ".1%"),
            }
        )
    return rows


def _both(best: float | None, last: float | None, form: str) -> str:
    return "" if best is None or last is None else f"{best:{form}} → {last:{form}}"


def _words(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def preset_of(run: Run) -> Preset | None:
    """The preset whose regularizers a run has, if there is one."""
    for preset in PRESETS.values():
        wanted = {name: CONTROLS[name].default for name in REGULARIZERS} | preset.regularizers
        # What weight decay says means nothing under another optimizer.
        adamw = wanted.pop("optimizer", "") == "adamw"
        if adamw != (run.settings.optimisation.optimizer == "adamw"):
            continue
        if all(value_of(run.settings, name) == value for name, value in wanted.items()):
            return preset
    return None


def as_in_the_experiment(settings: Settings, preset: Preset) -> bool:
    """Whether a preset's sentence was seen with this but for its seed and its regularizers."""
    seen = to_mapping(from_mapping(preset.values))
    free = {"seed", *REGULARIZERS}
    return all(value == seen[n] for n, value in to_mapping(settings).items() if n not in free)
