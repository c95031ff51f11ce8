"""Weights by epoch for the run that the page tests put into the library."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from core.fitting.kernel_callbacks import kernels_by_layer, others_by_layer
from core.inside.kernel_history import GrowingKernels, KernelHistory
from core.inside.layers import load_network
from core.inside.recorded import weights_by_name
from core.library.kept_epochs import kept_file, write_network
from core.runs import Epoch
from pages.shared import state


def record(run_id: str, network: Path, epochs: int = 3, biases: bool = True) -> KernelHistory:
    """Store a history that begins with the network's weights; each epoch adds noise to them."""
    model, growing = load_network(network), GrowingKernels()
    rng = np.random.default_rng(0)
    kernels = {layer: np.array(kernel) for layer, kernel in kernels_by_layer(model).items()}
    convolutions = {layer: kernel for layer, kernel in kernels.items() if kernel.ndim == 4}
    for epoch in range(epochs + 1):
        if epoch:
            convolutions = {
                layer: (kernel + rng.normal(0, 0.1, kernel.shape)).astype(np.float32)
                for layer, kernel in convolutions.items()
            }
        others = {
            layer: {name: np.array(weight) + np.float32(epoch) for name, weight in weights.items()}
            for layer, weights in others_by_layer(model).items()
        }
        growing.add(epoch, convolutions, others if biases else None)
    state.library().store_file(run_id, "kernels.npz", growing.write)
    return growing.history()


def keep(
    run_id: str, network: Path, epochs: Sequence[int] = (0, 2, 4), done: int = 5
) -> dict[int, keras.Model]:
    """Store whole networks after these epochs of so many; each has noise on the first weights."""
    library, rng, models = state.library(), np.random.default_rng(0), {}
    for epoch in range(2, done + 1):
        figures = (1.5, 2.0, 0.25, 1.75, 0.5, 2.0, 0.25, 0.0, 0.001)
        library.record_epoch(run_id, Epoch(epoch, 3 * epoch, *figures), [1, 2, 3], [0, 0, 1])
    library.flush()
    for epoch in epochs:
        model = load_network(network)
        for weight in model.weights:
            if weight.trainable:
                weight.assign_add(rng.normal(0, 0.2, weight.shape))
        named = {name: np.asarray(weight) for name, weight in weights_by_name(model).items()}
        library.store_file(run_id, kept_file(epoch), functools.partial(write_network, named))
        models[epoch] = model
    return models
