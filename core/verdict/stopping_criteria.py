"""Prechelt's criteria for when to stop: generalization loss, training progress, successive rises.

L. Prechelt, "Early stopping - but when?", in Neural Networks: Tricks of the Trade, LNCS 1524,
1998; measured in "Automatic early stopping using cross validation: quantifying the criteria",
Neural Networks 11, 1998. They know nothing of noise, and so stand beside the verdict.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STRIP = 5
"""Epochs in a training strip, as in the paper."""


def generalization_loss(validation_losses: Floats) -> Floats:
    """How far the validation loss lies above its lowest so far: GL.

    Parameters
    ----------
    validation_losses : ndarray of shape (T,)
        One an epoch, above 0.

    Returns
    -------
    ndarray of shape (T,)
        Percent; 0 where the loss is the lowest so far.
    """
    return 100 * (validation_losses / np.minimum.accumulate(validation_losses) - 1)


def training_progress(training_losses: Floats, strip: int = STRIP) -> Floats:
    """How much the training loss lay above its lowest, on average over the last strip: P.

    Parameters
    ----------
    training_losses : ndarray of shape (T,)
        One an epoch, above 0.
    strip : int
        Epochs in a strip, the paper's k.

    Returns
    -------
    ndarray of shape (T,)
        Per thousand, high while training moves or wavers; NaN before the first whole strip.
    """
    progress = np.full(len(training_losses), np.nan)
    if len(training_losses) >= strip:
        strips = np.lib.stride_tricks.sliding_window_view(training_losses, strip)
        progress[strip - 1 :] = 1000 * (strips.mean(axis=1) / strips.min(axis=1) - 1)
    return progress


def progress_quotient(
    validation_losses: Floats, training_losses: Floats, strip: int = STRIP
) -> Floats:
    """Generalization loss over training progress: PQ = GL / P.

    Parameters
    ----------
    validation_losses, training_losses : ndarray of shape (T,)
    strip : int

    Returns
    -------
    ndarray of shape (T,)
        Large when validation gets worse while training hardly moves. NaN before the first whole
        strip; where training stands perfectly still, infinite, or 0 if nothing was lost either.
    """
    loss = generalization_loss(validation_losses)
    progress = training_progress(training_losses, strip)
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.where(loss == 0, 0.0, loss / progress)
    return np.where(np.isnan(progress), np.nan, quotient)


def successive_rises(validation_losses: Floats, strip: int = STRIP) -> npt.NDArray[np.int64]:
    """How many strips in a row, up to each, ended higher than the one before: UP.

    Parameters
    ----------
    validation_losses : ndarray of shape (T,)
    strip : int

    Returns
    -------
    ndarray of shape (T // strip,), int64
        UP_s of the paper stops at the end of the first strip whose number is at least s.
    """
    ends = validation_losses[strip - 1 :: strip]
    rises = np.zeros(len(ends), np.int64)
    for at in range(1, len(ends)):
        rises[at] = rises[at - 1] + 1 if ends[at] > ends[at - 1] else 0
    return rises


def stopping_epochs(
    validation_losses: Floats,
    training_losses: Floats,
    generalization: float = 5.0,
    quotient: float = 0.75,
    rises: int = 3,
    strip: int = STRIP,
) -> dict[str, int | None]:
    """Where each criterion of the paper would have stopped the run.

    Parameters
    ----------
    validation_losses, training_losses : ndarray of shape (T,)
    generalization, quotient : float
        Thresholds of GL and PQ.
    rises : int
        The s of UP_s.
    strip : int

    Returns
    -------
    dict of str to int or None
        By "GL", "PQ" and "UP" the epoch, 1 for the first; None if it would have gone on. PQ and
        UP look at the ends of strips only.
    """
    ends = np.arange(strip, len(validation_losses) + 1, strip)
    quotients = progress_quotient(validation_losses, training_losses, strip)[ends - 1]
    fired = {
        "GL": np.flatnonzero(generalization_loss(validation_losses) > generalization) + 1,
        "PQ": ends[quotients > quotient],
        "UP": ends[successive_rises(validation_losses, strip) >= rises],
    }
    return {name: int(epochs[0]) if len(epochs) else None for name, epochs in fired.items()}
