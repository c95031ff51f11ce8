"""The same settings with a price on the weights, so that the price is the only difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.library.records import Run, run_name
from core.settings import (
    CONTROLS,
    Change,
    Settings,
    differences,
    from_mapping,
    to_mapping,
    value_of,
)

PRICES = frozenset({"l1", "l2", "optimizer", "weight_decay"})
"""Settings in which two runs may differ that are to be laid side by side."""


@dataclass(frozen=True)
class Price:
    """A price on the weights that the page offers to train with."""

    name: str
    words: str
    strength: float


OFFERED: Mapping[str, Price] = {
    price.name: price for price in (Price("l2", "L2", 0.001), Price("l1", "L1", 0.0003))
}


def is_priced(settings: Settings, changes: Sequence[Change] = ()) -> bool:
    """Whether large weights cost anything: L1, L2, or the decoupled decay of AdamW.

    Parameters
    ----------
    settings : Settings
        Those with which a run began.
    changes : sequence of Change
        What was turned while it trained.
    """
    penalty = settings.regularization
    decays = settings.optimisation.optimizer == "adamw" and settings.optimisation.weight_decay > 0
    turned_on = any(change.name in PRICES and change.new > 0 for change in changes)
    return penalty.l1 > 0 or penalty.l2 > 0 or decays or turned_on


def priced(settings: Settings, price: Price) -> Settings:
    """These settings with one price on."""
    return from_mapping({**to_mapping(settings), price.name: price.strength})


def only_the_price_differs(one: Settings, other: Settings) -> bool:
    """Whether two runs differ, and in nothing but the price on their weights."""
    names = differences([one, other])
    return bool(names) and PRICES.issuperset(names)


def names_apart(runs: Sequence[Run]) -> list[str]:
    """What a legend calls runs side by side: one that nobody named by what sets it apart.

    Their generated names begin with all that they have in common, and a legend has no room for it.
    """
    differing = differences([run.settings for run in runs])
    return [_told_apart(run, differing) for run in runs]


def _told_apart(run: Run, differing: Sequence[str]) -> str:
    if run.name != run_name("", run.settings) or not differing:
        return run.name
    return ", ".join(
        f"{CONTROLS[name].label} {CONTROLS[name].word(value_of(run.settings, name))}"
        for name in differing
    )
