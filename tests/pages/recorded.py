"""Weights by epoch for the run that the page tests put into the library."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.fitting.kernel_callbacks import kernels_by_layer, others_by_layer
from core.inside.kernel_history import GrowingKernels, KernelHistory
from core.inside.layers import load_network
from pages.shared import state


def record(run_id: str, network: Path, epochs: int = 3, biases: bool = True) -> KernelHistory:
    """Store a history that begins with the network's weights; each epoch adds noise to them."""
    model, growing = load_network(network), GrowingKernels()
    rng = np.random.default_rng(0)
    convolutions = {k: v for k, v in kernels_by_layer(model).items() if v.ndim == 4}
    for epoch in range(epochs + 1):
        if epoch:
            convolutions = {
                layer: (kernel + rng.normal(0, 0.1, kernel.shape)).astype(np.float32)
                for layer, kernel in convolutions.items()
            }
        others = {
            layer: {name: values + np.float32(epoch) for name, values in arrays.items()}
            for layer, arrays in others_by_layer(model).items()
        }
        growing.add(epoch, convolutions, others if biases else None)
    state.library().store_file(run_id, "kernels.npz", growing.write)
    return growing.history()
