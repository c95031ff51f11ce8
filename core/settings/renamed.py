"""Names that settings once had: stored runs and links of earlier versions are full of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import LearnscopeError
from core.settings.parts import Value


@dataclass(frozen=True)
class Renamed:
    """A setting of earlier versions, and what became of it.

    Attributes
    ----------
    label, expected : str
        What it was called on the page, and what it could be.
    name : str
        The setting that says the same now.
    values : Mapping
        What that one is called for each value of the old one.
    """

    label: str
    expected: str
    name: str
    values: Mapping[Value, Value]


RENAMED: Mapping[str, Renamed] = {
    "spatial_dropout": Renamed(
        "Spatial dropout", "on or off", "dropout_kind", {True: "spatial", False: "standard"}
    ),
    "batch_normalization": Renamed(
        "Batch normalization", "on or off", "normalization", {True: "batch", False: "none"}
    ),
    "batch_normalization_place": Renamed(
        "Place of the normalization",
        "one of before, after",
        "normalization_place",
        {"before": "before", "after": "after"},
    ),
    "weight_averaging": Renamed(
        "Averaged weights (EMA)", "on or off", "averaging", {True: "ema", False: "none"}
    ),
}


def under_new_name(name: str, value: Value) -> tuple[str, Value]:
    """A setting as it is called now; one that was never renamed comes back as it is.

    Raises
    ------
    LearnscopeError
        If the old setting never had this value.
    """
    old = RENAMED.get(name)
    if old is None:
        return name, value
    # 1 and True are the same key.
    if type(value) not in map(type, old.values) or value not in old.values:
        raise LearnscopeError(
            f"{old.label}: expected {old.expected}. Received: {name}={str(value)[:60]}."
        )
    return old.name, old.values[value]
