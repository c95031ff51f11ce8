"""The best epoch of a run against its last, in words."""

from __future__ import annotations

from collections.abc import Sequence

from core.learning.curves import best_epoch
from core.library.records import Epoch
from core.verdict.reading import first_broken, scored_epochs


def best_against_last(epochs: Sequence[Epoch], validation_images: int) -> str:
    """Say how the epoch of the lowest validation loss and the last one compare.

    Parameters
    ----------
    epochs : sequence of Epoch
        In order. A last one that was cut short before it was scored is left out.
    validation_images : int

    Returns
    -------
    str
        Two sentences or three; empty if no epoch has a validation loss that is a number.
    """
    scored = scored_epochs(epochs)
    best = best_epoch(scored)
    if best is None:
        return ""
    last = scored[-1]
    basis = f"On {validation_images:,} validation images, dropout off, without penalty."
    if last is best:
        return f"The newest epoch, {best.epoch}, is the best so far: {_told(best)}. {basis}"
    if first_broken([last]) is not None:
        return (
            f"Best: epoch {best.epoch}, {_told(best)}. In the last, epoch {last.epoch}, a loss is "
            f"no finite number. {basis}"
        )
    higher = last.validation_loss - best.validation_loss
    share = f" ({higher / best.validation_loss:.0%})" if best.validation_loss > 0 else ""
    return (
        f"Best: epoch {best.epoch}, {_told(best)}. Last: epoch {last.epoch}, {_told(last)}. The "
        f"last validation loss is {higher:.2g}{share} higher. {basis}"
    )


def _told(epoch: Epoch) -> str:
    gap = epoch.validation_loss - epoch.fair_loss
    side = "above" if gap >= 0 else "below"
    return (
        f"validation loss {epoch.validation_loss:.3g} (accuracy {epoch.validation_accuracy:.1%}), "
        f"{abs(gap):.2g} {side} the fair training loss"
    )
