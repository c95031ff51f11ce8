"""The learning rate of each epoch: Keras's own callbacks, as the settings describe them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import keras

from core.settings import OptimisationSettings


def rate_of_epoch(settings: OptimisationSettings, epoch: int) -> float:
    """The learning rate of a schedule that is known beforehand.

    Parameters
    ----------
    settings : OptimisationSettings
        With rate r, E epochs, and the schedule: "constant" is r; "step" is r f^floor(e / k), with
        factor f every k epochs (He et al., 2016); "cosine" is r (1 + cos(pi e / E)) / 2
        (Loshchilov & Hutter, 2017), the last of which is still above 0.
    epoch : int
        e, 0 for the first.
    """
    rate = settings.learning_rate
    if settings.schedule == "step":
        return float(rate * settings.schedule_factor ** (epoch // settings.schedule_epochs))
    if settings.schedule == "cosine":
        return rate * (1 + math.cos(math.pi * epoch / settings.epochs)) / 2
    return rate


def rate_callbacks(
    settings: OptimisationSettings, validation_losses: Sequence[float]
) -> list[keras.callbacks.Callback]:
    """What sets the learning rate at the epochs' ends and beginnings; nothing if it is constant.

    They look for the optimizer where Keras has it, as an attribute of the model.

    Parameters
    ----------
    settings : OptimisationSettings
    validation_losses : sequence of float
        Those of the epochs before a resumed training goes on.
    """
    if settings.schedule == "plateau":
        return [Plateau(settings, validation_losses)]
    if settings.schedule == "constant":
        return []
    return [
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate_of_epoch(settings, epoch))
    ]


class Plateau(keras.callbacks.ReduceLROnPlateau):  # type: ignore[misc]
    """Keras's own, which also knows the epochs before a resumed training goes on.

    Parameters
    ----------
    settings : OptimisationSettings
        Factor and patience.
    validation_losses : sequence of float
        Those of these epochs, without penalty.
    """

    def __init__(self, settings: OptimisationSettings, validation_losses: Sequence[float]) -> None:
        factor, patience = settings.schedule_factor, settings.schedule_patience
        super().__init__(monitor="val_loss", mode="min", factor=factor, patience=patience)
        self._before = validation_losses

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        super().on_train_begin(logs)
        # The optimizer's state has the rate already; only what is waited for is counted again.
        rate = float(self.model.optimizer.learning_rate)
        for epoch, loss in enumerate(self._before):
            self.on_epoch_end(epoch, {"val_loss": loss})
        self.model.optimizer.learning_rate = rate
