"""The same settings with a price on the weights, so that the price is the only difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.settings import Settings, differences, from_mapping, to_mapping

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


def is_priced(settings: Settings) -> bool:
    """Whether large weights cost anything: L1, L2, or the decoupled decay of AdamW."""
    penalty = settings.regularization
    decays = settings.optimisation.optimizer == "adamw" and settings.optimisation.weight_decay > 0
    return penalty.l1 > 0 or penalty.l2 > 0 or decays


def priced(settings: Settings, price: Price) -> Settings:
    """These settings with one price on."""
    return from_mapping({**to_mapping(settings), price.name: price.strength})


def only_the_price_differs(one: Settings, other: Settings) -> bool:
    """Whether two runs differ, and in nothing but the price on their weights."""
    names = differences([one, other])
    return bool(names) and PRICES.issuperset(names)
