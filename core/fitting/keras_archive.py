"""Keras writes one `.keras` file of a network, and it is found out where the weights lie in it."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Hashable, Sequence
from concurrent.futures import Future
from pathlib import Path

import h5py
import keras
import numpy as np

from core.fitting.training_state import copied
from core.keras_state import KERAS_LOCK
from core.library.checkpoint_file import CONFIG_PART, WEIGHTS_PART, CheckpointForm, Place
from core.model import without_silent

_KEPT = 4
_WRITTEN: dict[Hashable, CheckpointForm] = {}
"""What Keras wrote last, by the kind of network; the newest last. One run trains at a time."""


def compiled(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> keras.Model:
    """The network once more, of the same layers, and compiled: the given one stays as it is."""
    with KERAS_LOCK:
        # Of one image and not of a list of one, as the network itself: the file says which.
        again = keras.Model(model.input, model.output, name=model.name)
        again.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return again


def form_between_steps(
    model: keras.Model, optimizer: keras.optimizers.Optimizer
) -> Future[CheckpointForm]:
    """The form of a run's checkpoints, or why it could not be had; layers that are silent are out.

    Between two steps, when the network may be given other weights for a moment: a second network,
    built for it beside the training, would take twice as long.

    Parameters
    ----------
    model : keras.Model
    optimizer : keras.optimizers.Optimizer
        What the file has of it: its configuration, and its variables as they are.
    """
    form: Future[CheckpointForm] = Future()
    try:
        form.set_result(checkpoint_form(compiled(without_silent(model), optimizer)))
    except Exception as error:
        form.set_exception(error)
    return form


def checkpoint_form(model: keras.Model) -> CheckpointForm:
    """The form of the checkpoints of a compiled network, whose weights are afterwards as before.

    Keras takes as long to write a small network as to train it for two epochs. Where it has just
    written one like it, for another seed or with another penalty, only the description is new.

    Raises
    ------
    RuntimeError
        If Keras does not write the weights as this expects it to.
    """
    kind = _kind(model)
    known = _WRITTEN.pop(kind, None)
    form = _written_by_keras(model) if known is None else _of_the_same_kind(known, model)
    _WRITTEN[kind] = form
    if len(_WRITTEN) > _KEPT:
        del _WRITTEN[next(iter(_WRITTEN))]
    return form


def _of_the_same_kind(form: CheckpointForm, model: keras.Model) -> CheckpointForm:
    with KERAS_LOCK:
        description = json.dumps(keras.saving.serialize_keras_object(model)).encode()
    return CheckpointForm(form.parts | {CONFIG_PART: description}, form.places)


def _kind(model: keras.Model) -> Hashable:
    """The same for networks whose files differ in their weights and their descriptions alone.

    Their layers are of the same kinds and names, their weights of the same shapes, and all that
    is stored besides, an optimizer's variables and the states of random generators, holds the
    same numbers.
    """
    layers = tuple((type(layer), layer.name) for layer in model.layers)
    shapes = tuple(tuple(weight.shape) for weight in model.weights)
    weights = {id(weight) for weight in model.weights}
    others = [variable for variable in model.variables if id(variable) not in weights]
    digest = hashlib.sha256()
    for variable in [*others, *model.optimizer.variables]:
        digest.update(f"{variable.name} {variable.shape} {variable.dtype}".encode())
        digest.update(copied(variable).tobytes())
    return layers, shapes, type(model.optimizer), digest.digest()


def _written_by_keras(model: keras.Model) -> CheckpointForm:
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
