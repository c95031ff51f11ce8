"""The predictions of a run's best checkpoint: a record, and its file."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import LearnscopeError

FloatArray = npt.NDArray[np.float32]
LabelArray = npt.NDArray[np.int64]
PREDICTIONS_FILE = "predictions.npz"
"""The name of the predictions in a run's folder."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What the best checkpoint of a run says of every image that it did not learn from.

    The images stand in the order of :func:`core.data.split` with the run's settings and seed.

    Attributes
    ----------
    epoch : int
        The checkpoint's, 1 for the first.
    validation_probabilities, test_probabilities : ndarray of shape (N, K), float32
        By image and class, dropout off; each row sums to 1.
    validation_labels, test_labels : ndarray of shape (N,), int64
        The classes that the data set gives, 0 to K - 1: no label is made wrong in these parts.
    """

    epoch: int
    validation_probabilities: FloatArray
    validation_labels: LabelArray
    test_probabilities: FloatArray
    test_labels: LabelArray

    def write(self, path: Path) -> None:
        """Write them to a file that :func:`read_predictions` reads."""
        np.savez(
            path,
            epoch=np.int64(self.epoch),
            validation_probabilities=np.asarray(self.validation_probabilities, np.float32),
            validation_labels=np.asarray(self.validation_labels, np.int64),
            test_probabilities=np.asarray(self.test_probabilities, np.float32),
            test_labels=np.asarray(self.test_labels, np.int64),
        )


def read_predictions(path: Path) -> Predictions:
    """Read predictions whole.

    Raises
    ------
    LearnscopeError
        If the file is damaged, or does not hold predictions.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            predictions = Predictions(
                int(file["epoch"]),
                file["validation_probabilities"],
                file["validation_labels"],
                file["test_probabilities"],
                file["test_labels"],
            )
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise _no_predictions(path) from error
    for probabilities, labels in (
        (predictions.validation_probabilities, predictions.validation_labels),
        (predictions.test_probabilities, predictions.test_labels),
    ):
        if not _fit_together(probabilities, labels):
            raise _no_predictions(path)
    return predictions


def _fit_together(probabilities: FloatArray, labels: LabelArray) -> bool:
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or not len(labels):
        return False
    known = bool(np.all((labels >= 0) & (labels < probabilities.shape[1])))
    return known and bool(np.all(np.abs(probabilities.sum(axis=1) - 1) < 1e-3))


def _no_predictions(path: Path) -> LearnscopeError:
    return LearnscopeError(
        f"Expected the predictions of a run. Received: {path.name}, which cannot be read: the file "
        "is damaged or is something else. Have the predictions made again."
    )
