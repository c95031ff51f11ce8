"""Where the published stopping criteria would have ended a run, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.library.records import Epoch
from core.verdict.reading import first_broken, scored_epochs
from core.verdict.stopping_criteria import STRIP, stopping_epochs

PAPER = "L. Prechelt, “Early stopping, but when?”, Neural Networks: Tricks of the Trade, 1998"
_ASKS = {
    "GL": ("GL > 5: generalization loss", "the validation loss is 5 % above its lowest so far"),
    "PQ": (
        "PQ > 0.75: progress quotient",
        f"GL is over 0.75 times the training progress of {STRIP} epochs",
    ),
    "UP": ("UP, s = 3: successive rises", f"it rose over three strips of {STRIP} epochs in a row"),
}


@dataclass(frozen=True)
class Stop:
    """One criterion, and what it would have done.

    Attributes
    ----------
    name, asks : str
        What it is called, and when it stops.
    epoch : int or None
        After which it would have stopped the run; None if it would have gone on.
    best_epoch : int
        The best epoch until then.
    best_loss : float
        The validation loss of that epoch, in nats.
    """

    name: str
    asks: str
    epoch: int | None
    best_epoch: int
    best_loss: float

    @property
    def words(self) -> str:
        """Where it would have stopped and what that would have kept."""
        kept = f"best {self.best_loss:.3g}, epoch {self.best_epoch}"
        if self.epoch is None:
            return f"never; {kept}"
        return f"after epoch {self.epoch}; {kept}"


def published_stops(epochs: Sequence[Epoch]) -> list[Stop]:
    """What each criterion of Prechelt (1998) says of a run.

    Parameters
    ----------
    epochs : sequence of Epoch
        From the first on. They are read up to the first loss that is no finite number; training
        is the fair training loss.

    Returns
    -------
    list of Stop
        Empty if no epoch can be read.
    """
    scored = scored_epochs(epochs)
    broken = first_broken(scored)
    usable = scored if broken is None else scored[: scored.index(broken)]
    if not usable:
        return []
    # The criteria divide by a loss, and Keras lets none be smaller than about this.
    validation, training = (
        np.maximum([getattr(epoch, name) for epoch in usable], 1e-7).astype(np.float64)
        for name in ("validation_loss", "fair_loss")
    )
    stops = []
    for name, epoch in stopping_epochs(validation, training).items():
        best = int(validation[:epoch].argmin())
        at = None if epoch is None else usable[epoch - 1].epoch
        stops.append(Stop(*_ASKS[name], at, usable[best].epoch, float(validation[best])))
    return stops
