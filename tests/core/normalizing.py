"""Small networks with batch normalization whose statistics are not those that they begin with."""

from __future__ import annotations

import keras
import numpy as np

from core.data import Splits
from core.model import build_network
from core.settings import Settings, Value
from tests.core.small import parts, small

IMAGE, CLASSES = (8, 8, 1), 10


def settings(**changes: Value) -> Settings:
    """Two blocks with normalization, for Digits 8x8."""
    return small(normalization="batch", blocks=2, **changes)


def network(**changes: Value) -> keras.Model:
    """Built, not trained; gamma, beta and the moving statistics are drawn."""
    model, rng = build_network(settings(**changes), IMAGE, CLASSES), np.random.default_rng(5)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            size = layer.gamma.shape[0]
            layer.gamma.assign(rng.uniform(0.5, 1.5, size) * rng.choice([-1, 1], size))
            layer.beta.assign(rng.normal(0, 0.5, size))
            layer.moving_mean.assign(rng.normal(0, 0.2, size))
            layer.moving_variance.assign(rng.uniform(0.1, 1.0, size))
    return model


def data(**changes: Value) -> Splits:
    """The 100 training images of these settings, and the other parts."""
    return parts(settings(**changes))
