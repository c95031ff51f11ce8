"""What a control is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core.settings.parts import Settings, Value, value_of


@dataclass(frozen=True)
class Control:
    """One setting as a person meets it: its words, its limits, its place.

    Attributes
    ----------
    name : str
        The field's name, also its name in a link.
    section : str
        The part of :class:`Settings` that holds it.
    label, help : str
        The words on the page; the help teaches in a sentence what the control does.
    low, high, step : float or None
        The range of a number, both ends allowed; None for words and switches.
    choices : tuple
        The values that a person picks from. For a number they are the stops of a slider, and a
        link may also hold a value between them.
    words : Mapping
        What a choice is called on the page, where its value is not its own name.
    """

    name: str
    section: str
    label: str
    help: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[Value, ...] = ()
    words: Mapping[Value, str] = field(default_factory=dict)

    @cached_property
    def default(self) -> Value:
        """The value of a run in which nobody touched this control."""
        return value_of(Settings(), self.name)

    def word(self, value: Value) -> str:
        """The value as the page writes it."""
        if value in self.words:
            return self.words[value]
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, float):
            return f"{value:.6g}"
        return str(value)
