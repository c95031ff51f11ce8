"""The predictions of a run that has none stored, from its best checkpoint."""

from __future__ import annotations

import tensorflow as tf

from core.data import split_again
from core.errors import LearnscopeError
from core.fitting.steps import Evaluation
from core.inside.layers import load_network
from core.keras_state import KERAS_LOCK
from core.predictions.stored import PREDICTIONS_FILE, Predictions, read_predictions
from core.runs import Library


def predict_best(library: Library, run_id: str) -> Predictions:
    """Have the best checkpoint of a run that has ended answer, dropout off, and keep the answers.

    Both parts are answered, as at the end of a training; the run's record stays as it is.

    Raises
    ------
    LearnscopeError
        If there is no such checkpoint, its data cannot be found again, or the disk refuses.
    """
    run = library.run(run_id)
    path = library.file(run_id, "best.keras")
    if run.best_epoch is None:
        raise LearnscopeError(
            f"Expected a run with a best epoch. Received: {run.name}, in which no validation loss "
            "was a number. Lower its learning rate and train it again."
        )
    data = split_again(run.settings, run.fingerprint)
    model = load_network(path)
    with KERAS_LOCK:
        evaluation = Evaluation(model)
        _, validation = evaluation.predict(
            tf.constant(data.validation_images), tf.constant(data.validation_labels)
        )
        _, test = evaluation.predict(tf.constant(data.test_images), tf.constant(data.test_labels))
    predictions = Predictions(
        run.best_epoch,
        validation.numpy(),
        data.validation_labels,
        test.numpy(),
        data.test_labels,
    )
    library.store_file(run_id, PREDICTIONS_FILE, predictions.write, read_predictions)
    return predictions
