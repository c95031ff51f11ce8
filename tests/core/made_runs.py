"""Runs and epochs with figures of one's own, as the library would give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.library.records import Epoch, Run, State
from core.settings import Value, from_mapping


def made_run(
    seed: int = 1,
    *,
    loss: float | None = 0.5,
    accuracy: float | None = 0.9,
    test_accuracy: float | None = 0.88,
    state: State = State.FINISHED,
    settings: dict[str, Value] | None = None,
    **known: Any,
) -> Run:
    """A run that has ended, at its best in epoch 3."""
    values = {"best_epoch": None if loss is None else 3, "epochs_done": 3, "created": float(seed)}
    return Run(
        **{
            "id": f"run-{seed}-{sorted((settings or {}).items())}",
            "name": f"Seed {seed}",
            "state": state,
            "settings": from_mapping({**(settings or {}), "seed": seed}),
            "best_validation_loss": loss,
            "best_validation_accuracy": accuracy,
            "test_accuracy": test_accuracy,
            **values,
            **known,
        }
    )


def made_epochs(losses: Sequence[float], seconds: float = 1.0) -> list[Epoch]:
    """Epochs of four steps with these validation losses; all other figures follow from them."""
    return [
        Epoch(
            number,
            4 * number,
            seconds * number,
            running_loss=loss + 1,
            running_accuracy=0.1,
            fair_loss=loss - 0.25,
            fair_accuracy=0.6,
            validation_loss=loss,
            validation_accuracy=0.5,
            penalty=0.01,
            learning_rate=0.001,
        )
        for number, loss in enumerate(losses, 1)
    ]
