"""All that describes a run: frozen settings, and the limits of every control.

A run is its settings. They hold plain numbers and words, so that they can travel: into a link,
a file, a table of differences, a script. This package imports nothing of Learnscope but its error.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from core.errors import LearnscopeError
from core.settings.changes import KNOBS, NOISES, Change, turned, values_after, values_at, why_fixed
from core.settings.control import Control
from core.settings.controls import CONTROLS
from core.settings.parts import (
    AugmentationSettings,
    DataSettings,
    NetworkSettings,
    OptimisationSettings,
    RegularizationSettings,
    Settings,
    Value,
    value_of,
)
from core.settings.renamed import RENAMED, under_new_name
from core.settings.sections.data import DATASETS
from core.settings.sections.optimisation import OPTIMIZERS, SCHEDULES

__all__ = [
    "CONTROLS",
    "DATASETS",
    "KNOBS",
    "NOISES",
    "OPTIMIZERS",
    "RENAMED",
    "SCHEDULES",
    "AugmentationSettings",
    "Change",
    "Control",
    "DataSettings",
    "NetworkSettings",
    "OptimisationSettings",
    "RegularizationSettings",
    "Settings",
    "Value",
    "changes_from_default",
    "checked",
    "describe",
    "differences",
    "from_mapping",
    "from_text",
    "settings_after",
    "to_mapping",
    "to_text",
    "turned",
    "under_new_name",
    "value_of",
    "values_after",
    "values_at",
    "why_fixed",
]

_LONGEST = 60
"""Characters of a refused value that are shown: a link can hold any number of them."""


def to_mapping(settings: Settings) -> dict[str, Value]:
    """The settings as one flat mapping from the control's name to its value, in page order."""
    return {name: value_of(settings, name) for name in CONTROLS}


def from_mapping(values: Mapping[str, Value]) -> Settings:
    """Build settings from a flat mapping; names that are missing keep their defaults.

    Names of earlier versions are understood too; beside the name of today they count for nothing.

    Raises
    ------
    LearnscopeError
        If a name is unknown, or a value has the wrong type or lies outside its limits.
    """
    sections: dict[str, dict[str, Value]] = {}
    old = dict(under_new_name(name, value) for name, value in values.items() if name in RENAMED)
    for name, value in (old | {n: v for n, v in values.items() if n not in RENAMED}).items():
        if name not in CONTROLS:
            raise LearnscopeError(
                f"Expected the name of a setting. Received: {name[:_LONGEST]!r}, which this "
                "version of Learnscope does not know. Leave it out."
            )
        sections.setdefault(CONTROLS[name].section, {})[name] = checked(CONTROLS[name], value)
    return Settings(
        **{
            part.name: dataclasses.replace(getattr(Settings(), part.name), **sections[part.name])
            for part in dataclasses.fields(Settings)
            if part.name in sections
        }
    )


def checked(control: Control, value: Value) -> Value:
    """Return the value in the control's own type, or say why it cannot be.

    Raises
    ------
    LearnscopeError
        If the value is of another kind, is not a finite number, or lies outside the limits.
    """
    kind = type(control.default)
    if kind is bool:
        if isinstance(value, bool):
            return value
        raise _refusal(control, "on or off", value)
    if kind is str:
        if value in control.choices:
            return value
        raise _refusal(control, "one of " + ", ".join(map(str, control.choices)), value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refusal(control, "a number", value)
    whole = kind is int
    if control.low is None or control.high is None:
        allowed = ", ".join(map(str, control.choices))
        if value not in control.choices:
            raise _refusal(control, f"one of {allowed}", value)
    elif not control.low <= value <= control.high:
        # What is not a number lies between no two.
        what = "a whole number" if whole else "a number"
        raise _refusal(control, f"{what} in [{control.low:.10g}, {control.high:.10g}]", value)
    if whole and value != int(value):
        raise _refusal(control, "a whole number", value)
    return int(value) if whole else float(value)


def _refusal(control: Control, expected: str, value: object) -> LearnscopeError:
    received = str(value)
    if len(received) > _LONGEST:
        received = received[:_LONGEST] + "..."
    return LearnscopeError(
        f"{control.label}: expected {expected}. Received: {control.name}={received}."
    )


def differences(many: Sequence[Settings]) -> list[str]:
    """Names of the settings in which the given runs are not all alike, in page order."""
    flat = [to_mapping(settings) for settings in many]
    return [name for name in CONTROLS if len({values[name] for values in flat}) > 1]


def changes_from_default(settings: Settings) -> dict[str, Value]:
    """The settings that somebody changed, by name, in page order."""
    return {
        name: value
        for name, value in to_mapping(settings).items()
        if value != CONTROLS[name].default
    }


def settings_after(settings: Settings, changes: Sequence[Change]) -> Settings:
    """The settings as they stood after these changes in mid-run."""
    return from_mapping(to_mapping(settings) | {change.name: change.new for change in changes})


def describe(settings: Settings) -> str:
    """The changed settings in words: "Dropout rate (dense) 0.5, L2 strength 0.001"."""
    changed = changes_from_default(settings)
    words = [
        f"{CONTROLS[name].label} {CONTROLS[name].word(value)}" for name, value in changed.items()
    ]
    return ", ".join(words) or "Default settings"


def to_text(value: Value) -> str:
    """A value as it stands in a link: on, off, a word, or the shortest form of a number."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return repr(value) if isinstance(value, float) else str(value)


def from_text(name: str, text: str) -> Value:
    """Read a value from a link, also under a name of earlier versions.

    Raises
    ------
    LearnscopeError
        If there is no such setting, or the text is none of its values.
    """
    if name in RENAMED:
        old: Value = {"on": True, "off": False}.get(text, text)
        under_new_name(name, old)
        return old
    if name not in CONTROLS:
        raise LearnscopeError(
            f"Expected the name of a setting. Received: {name}, which this version of Learnscope "
            "does not know."
        )
    control = CONTROLS[name]
    if isinstance(control.default, bool):
        return checked(control, {"on": True, "off": False}.get(text, text))
    if isinstance(control.default, str):
        return checked(control, text)
    try:
        value: Value = int(text) if text.strip().lstrip("+-").isdecimal() else float(text)
    except (ValueError, OverflowError):
        raise _refusal(control, "a number", text) from None
    return checked(control, value)
