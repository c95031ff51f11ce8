"""Settings side by side: one base, of which each variant changes nothing but regularizers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import LearnscopeError
from core.settings import (
    CONTROLS,
    Settings,
    Value,
    differences,
    from_mapping,
    from_text,
    to_mapping,
    to_text,
    value_of,
)
from core.settings.presets import PRESETS, REGULARIZERS

FEWEST, MOST = 2, 6
"""How many settings stand side by side."""
VARIANT_PRESETS = tuple(key for key, one in PRESETS.items() if one.regularizers or key == "none")
"""The presets that are about regularizers; the others differ in their data or their network."""
AS_BASE = "base"
"""What a variant is made of that keeps the regularizers of the base."""


@dataclass(frozen=True)
class Variant:
    """The regularizers of one of the runs.

    Attributes
    ----------
    start : str
        The preset whose regularizers it takes, by key, or AS_BASE for those of the base.
    changes : Mapping of str to value
        The regularizers that differ from these, by name.
    """

    start: str
    changes: Mapping[str, Value] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What it is called: by its preset, and what is changed in it."""
        start = "As the base" if self.start == AS_BASE else PRESETS[self.start].title
        changed = [f"{CONTROLS[n].label} {CONTROLS[n].word(v)}" for n, v in self.changes.items()]
        return ", ".join([start, *changed])


FIRST = (Variant("none"), Variant("dropout"), Variant("weight-decay"))
"""What stands side by side before anybody has chosen."""


def settings_of(base: Settings, variant: Variant) -> Settings:
    """The settings of a variant: those of the base, but for the regularizers.

    The optimizer of the base stays, unless a weight decay is chosen, which is a matter of AdamW.
    Where the preset is one without, a base with AdamW gets Adam, which is the same without decay.
    """
    values = to_mapping(base)
    if variant.start != AS_BASE:
        if values["optimizer"] == "adamw":
            values["optimizer"] = "adam"
        values |= {name: CONTROLS[name].default for name in REGULARIZERS}
        values |= PRESETS[variant.start].regularizers
    if "weight_decay" in variant.changes:
        values["optimizer"] = "adamw"
    return from_mapping(values | dict(variant.changes))


def variants_of(base: Settings, many: Sequence[Settings]) -> tuple[Variant, ...]:
    """The variants that give these settings, which differ from the base in regularizers alone.

    A preset where one gives just these, else the base with what is changed in it.
    """
    return tuple(_variant_of(base, settings) for settings in many)


def _variant_of(base: Settings, settings: Settings) -> Variant:
    for key in VARIANT_PRESETS:
        if settings_of(base, Variant(key)) == settings:
            return Variant(key)
    names = [name for name in differences([base, settings]) if name in REGULARIZERS]
    return Variant(AS_BASE, {name: value_of(settings, name) for name in names})


def settings_side_by_side(base: Settings, variants: Sequence[Variant]) -> list[Settings]:
    """The settings of all variants, no two of them alike.

    Raises
    ------
    LearnscopeError
        If there are fewer than FEWEST or more than MOST, or two are the same.
    """
    if not FEWEST <= len(variants) <= MOST:
        raise LearnscopeError(
            f"Side by side: expected {FEWEST} to {MOST} settings. Received: {len(variants)}. "
            f"{'Add one' if len(variants) < FEWEST else 'Take some away'}."
        )
    made = [settings_of(base, variant) for variant in variants]
    for place, settings in enumerate(made):
        first = made.index(settings)
        if first < place:
            raise LearnscopeError(
                f"Expected settings that differ. Received: “{variants[first].title}” and "
                f"“{variants[place].title}”, which would be the same run twice. Change one of them."
            )
    return made


def to_link(variants: Sequence[Variant]) -> str:
    """The variants as they stand in a link: ``"none,dropout;dropout_dense:0.3"``."""
    return ",".join(
        ";".join([one.start, *(f"{name}:{to_text(value)}" for name, value in one.changes.items())])
        for one in variants
    )


def from_link(text: str) -> tuple[Variant, ...]:
    """Read what :func:`to_link` wrote.

    Raises
    ------
    LearnscopeError
        If it names no preset, or a setting that is no regularizer, or a value that cannot be.
    """
    return tuple(_from_link(part) for part in text.split(",")[:MOST])


def _from_link(text: str) -> Variant:
    start, *changed = text.split(";")
    if start not in (*VARIANT_PRESETS, AS_BASE):
        raise LearnscopeError(
            f"Expected one of {', '.join((*VARIANT_PRESETS, AS_BASE))}. Received: {start[:40]!r}."
        )
    changes: dict[str, Value] = {}
    for one in changed:
        name, _, value = one.partition(":")
        if name not in REGULARIZERS:
            raise LearnscopeError(f"Expected the name of a regularizer. Received: {name[:40]!r}.")
        changes[name] = from_text(name, value)
    return Variant(start, changes)
