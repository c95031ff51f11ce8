"""Moving statistics taken anew, dropout off: what heals a variance shift without training.

Li et al. (2019), section 5, for dropout; Wu & Johnson (2021), "Rethinking 'Batch' in BatchNorm",
for moving averages that lag.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.errors import LearnscopeError
from core.fitting.steps import Evaluation, Score
from core.inside.layers import load_network
from core.keras_state import KERAS_LOCK
from core.library.checkpoint_file import check_archive, form_of, tell
from core.library.recalibrated import recalibrated_name
from core.mechanisms.normalization import Floats, NormalizationLayer, Statistics
from core.mechanisms.normalization_passes import (
    normalization_layers,
    statistics_at,
    steps_of,
)
from core.runs import Library

MOST_IMAGES = 5000
"""Of the training part, whose statistics are taken."""


@dataclass(frozen=True, eq=False)
class Recalibration:
    """What became of a network whose statistics were taken anew.

    Attributes
    ----------
    statistics : dict of str to Statistics
        By normalization, what it normalizes with now, (C,).
    images : int
        How many training images they were taken on, dropout off.
    before, after : Score
        On the validation part, dropout off.
    was_right, is_right : ndarray of shape (N,), bool
        By validation image.
    weights : list of ndarray
        Of the whole network, in the order of ``model.weights``.
    """

    statistics: dict[str, Statistics]
    images: int
    before: Score
    after: Score
    was_right: NDArray[np.bool_]
    is_right: NDArray[np.bool_]
    weights: list[Floats]

    @property
    def mended(self) -> int:
        """Validation images that are right now and were not."""
        return int((self.is_right & ~self.was_right).sum())

    @property
    def spoilt(self) -> int:
        """Validation images that were right and are not now."""
        return int((self.was_right & ~self.is_right).sum())


def recalibrated_statistics(
    model: keras.Model, images: NDArray[np.floating]
) -> dict[str, Statistics]:
    """Mean and variance of what reaches each normalization, over all images, dropout off.

    Layer by layer: what reaches a normalization has passed those ahead of it with their new
    statistics. So they are those of one pass of all images as a single batch.

    Parameters
    ----------
    model : keras.Model
        A network in one line; it stays as it is.
    images : ndarray of shape (N, H, W, I), values in [0, 1]
    """
    steps, found = steps_of(model), dict[str, Statistics]()

    def renewed(layer: NormalizationLayer, values: Floats) -> Floats:
        return layer.normalize(values, found[layer.name])

    for layer in normalization_layers(model):
        found[layer.name] = statistics_at(steps, layer.name, images, renewed)
    return found


def recalibrate(
    path: Path,
    training_images: NDArray[np.floating],
    validation_images: NDArray[np.floating],
    validation_labels: NDArray[np.int64],
) -> Recalibration:
    """Take the statistics of a stored network anew, and see what it reaches before and after.

    Parameters
    ----------
    path : Path
        A ``.keras`` file; it stays as it is.
    training_images : ndarray of shape (N, H, W, I), values in [0, 1]
        The first :data:`MOST_IMAGES` of them are used; their order is random.
    validation_images : ndarray of shape (V, H, W, I)
    validation_labels : ndarray of shape (V,), int64

    Raises
    ------
    LearnscopeError
        If the file cannot be opened as a network.
    """
    model = load_network(path)
    images = training_images[:MOST_IMAGES]
    with KERAS_LOCK:
        evaluation = Evaluation(model)
        tensors = tf.constant(validation_images), tf.constant(validation_labels)
        before, said_before = evaluation.predict(*tensors)
        statistics = recalibrated_statistics(model, images)
        put_in(model, statistics)
        after, said_after = evaluation.predict(*tensors)
    right = [
        np.argmax(said.numpy(), axis=1) == validation_labels for said in (said_before, said_after)
    ]
    return Recalibration(
        statistics, len(images), before, after, right[0], right[1], model.get_weights()
    )


def keep_recalibrated(
    library: Library, run_id: str, weights: str, epoch: int, found: Recalibration
) -> str:
    """Store a recalibrated network with its run; the run's best and last stay as they are.

    Parameters
    ----------
    library : Library
    run_id : str
    weights : str
        Which of the run's weights were recalibrated, ``"best"`` or ``"last"``.
    epoch : int
        The epoch that they are of.
    found : Recalibration

    Returns
    -------
    str
        The file's name without its ending.

    Raises
    ------
    LearnscopeError
        If the source is gone, or the disk does not take the file.
    """
    source = library.file(run_id, f"{weights}.keras")
    name = recalibrated_name(epoch)
    library.store_file(
        run_id,
        f"{name}.keras",
        functools.partial(_write, source, found, epoch),
        functools.partial(_check, found),
    )
    return name


def recalibrated_bytes(path: Path, epoch: int, found: Recalibration) -> bytes:
    """A recalibrated network as the content of a ``.keras`` file.

    Parameters
    ----------
    path : Path
        The network that was recalibrated.
    epoch : int
        The epoch that its weights are of.
    found : Recalibration
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "recalibrated.keras"
        _write(path, found, epoch, target)
        return target.read_bytes()


def _write(source: Path, found: Recalibration, epoch: int, target: Path) -> None:
    form = form_of(source)
    if form is not None:
        form.write(target, found.weights)
    else:
        model = load_network(source)
        with KERAS_LOCK:
            model.set_weights(found.weights)
            model.save(target)
    tell(target, epoch, found.after.loss, found.after.accuracy)


def _check(found: Recalibration, path: Path) -> None:
    """Read the file back: it holds the statistics, bit for bit."""
    check_archive(path)
    for read, meant in zip(load_network(path).get_weights(), found.weights, strict=True):
        if not np.array_equal(read, meant):
            raise LearnscopeError(
                f"Expected the recalibrated weights in {path.name}. Received: others, when the "
                "file was read back. Nothing was kept; check the disk."
            )


def put_in(model: keras.Model, statistics: Mapping[str, Statistics]) -> None:
    """Have the normalizations of a network use these statistics; it is changed by this."""
    for name, one in statistics.items():
        layer = model.get_layer(name)
        layer.moving_mean.assign(one.mean.astype(np.float32))
        layer.moving_variance.assign(one.variance.astype(np.float32))
