"""Keras writes one `.keras` file of a network, and it is found out where the weights lie in it."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import h5py
import keras
import numpy as np

from core.keras_state import KERAS_LOCK
from core.library.checkpoint_file import WEIGHTS_PART, CheckpointForm, Place


def compiled(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> keras.Model:
    """The network once more, of the same layers, and compiled: the given one stays as it is."""
    with KERAS_LOCK:
        # Of one image and not of a list of one, as the network itself: the file says which.
        again = keras.Model(model.input, model.output, name=model.name)
        again.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return again


def form_before_training(
    model: keras.Model, optimizer: keras.optimizers.Optimizer
) -> Future[CheckpointForm]:
    """The form of a run's checkpoints, or why it could not be had.

    Before the first step, when the network may still be given other weights: a second network,
    built for it beside the training, would take twice as long.
    """
    form: Future[CheckpointForm] = Future()
    try:
        form.set_result(checkpoint_form(compiled(model, optimizer)))
    except Exception as error:
        form.set_exception(error)
    return form


def checkpoint_form(model: keras.Model) -> CheckpointForm:
    """The form of the checkpoints of a compiled network, whose weights are afterwards as before.

    Raises
    ------
    RuntimeError
        If Keras does not write the weights as this expects it to.
    """
    weights = model.get_weights()
    # Each weight is its own number all over, which tells where in the file it is.
    model.set_weights([np.full_like(array, at) for at, array in enumerate(weights, 1)])
    try:
        with tempfile.TemporaryDirectory() as folder, KERAS_LOCK:
            path = Path(folder) / "network.keras"
            model.save(path)
            with zipfile.ZipFile(path) as archive:
                parts = {name: archive.read(name) for name in archive.namelist()}
    finally:
        model.set_weights(weights)
    return CheckpointForm(parts, _places(parts[WEIGHTS_PART], [array.shape for array in weights]))


def _places(content: bytes, shapes: Sequence[tuple[int, ...]]) -> list[Place]:
    found: dict[int, list[Place]] = {at: [] for at in range(1, len(shapes) + 1)}

    def look(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype == np.dtype("<f4") and item.size:
            values = item[()]
            at = int(np.ravel(values)[0])
            first = item.id.get_offset()  # None if it is not stored in one piece.
            if at not in found or item.shape != shapes[at - 1] or first is None:
                return
            if content[first : first + item.nbytes] == values.tobytes() and (values == at).all():
                found[at].append(Place(first, item.shape))

    with h5py.File(io.BytesIO(content), "r") as file:
        file.visititems(look)
    if any(len(places) != 1 for places in found.values()):
        raise RuntimeError(f"Expected each weight once in {WEIGHTS_PART}. Received: {found}.")
    return [places[0] for places in found.values()]
