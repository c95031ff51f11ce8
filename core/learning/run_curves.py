"""A stored run as its page shows it: its curves, and its figures in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from core.data import facts
from core.learning.curves import Curves
from core.runs import Library, Run


@dataclass(frozen=True)
class Figure:
    """One figure in words: what it is, its value, what it was computed on, and how."""

    label: str
    value: str
    sample: str
    help: str


def curves_of_run(library: Library, run: Run) -> Curves:
    """Read the curves of a run from the library."""
    settings = run.settings
    steps = math.ceil(settings.data.training_images / settings.optimisation.batch_size)
    curves = Curves(tuple(library.epochs(run.id)), library.batches(run.id), steps)
    return with_settings(curves, run)


def with_settings(curves: Curves, run: Run) -> Curves:
    """Add to curves what only the run's settings tell.

    That is how many images the last batch of an epoch has, and that there is no penalty where
    there is neither L1 nor L2 at any time, also in runs of versions that did not record it.
    """
    settings, regularization = run.settings, run.settings.regularization
    images, batch_size = settings.data.training_images, settings.optimisation.batch_size
    left = images % batch_size
    last_batch = left / batch_size if left and images > batch_size else 1.0
    batches = curves.batches
    turned = any(change.name in ("l1", "l2") for change in run.changes)
    if regularization.l1 == regularization.l2 == 0 and not turned:
        batches = replace(batches, penalties=np.zeros(len(batches.losses), np.float32))
    return replace(curves, batches=batches, last_batch=last_batch)


def _in_nats(loss: float) -> str:
    """A loss with three places; one that ran away as a power of ten, which fits its card."""
    return f"{loss:.3f}" if loss < 1000 else f"{loss:.2e}"


def figures_of_run(run: Run) -> list[Figure]:
    """What the best checkpoint of a run reaches; empty if it has none."""
    if run.best_validation_loss is None or run.best_validation_accuracy is None:
        return []
    held = f"{facts(run.settings.data.dataset).validation_images:,} images"
    chosen = (
        f"At the end of epoch {run.best_epoch}, with dropout off. These images chose the best "
        "epoch, so the figure is a little too good."
    )
    loss, accuracy = run.best_validation_loss, run.best_validation_accuracy
    found = [
        Figure("Validation loss", _in_nats(loss), held, f"Cross-entropy in nats. {chosen}"),
        Figure("Validation accuracy", f"{accuracy:.1%}", held, chosen),
    ]
    if run.test_accuracy is not None:
        found.append(
            Figure(
                "Test accuracy",
                f"{run.test_accuracy:.1%}",
                f"{run.test_images:,} images",
                "Of the best checkpoint, with dropout off, taken once when the run had ended. "
                "These images chose nothing.",
            )
        )
    return found
