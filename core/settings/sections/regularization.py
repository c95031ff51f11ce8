"""The controls of what is done against overfitting."""

from __future__ import annotations

from collections.abc import Mapping

from core.settings.control import Control
from core.settings.parts import Value

_STRENGTHS = (0.0, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
_OFF: Mapping[Value, str] = {0.0: "off"}

REGULARIZATION: tuple[Control, ...] = (
    Control(
        "dropout_convolution",
        "regularization",
        "Dropout rate (convolution)",
        "The share of each block's outputs that are silenced at random in every training "
        "step, so that none can rely on its neighbours (Srivastava et al., 2014).",
        low=0.0,
        high=0.95,
        step=0.05,
    ),
    Control(
        "dropout_dense",
        "regularization",
        "Dropout rate (dense)",
        "The share of dense units that are silenced at random in every training step. 0.5 is "
        "the classic choice (Srivastava et al., 2014).",
        low=0.0,
        high=0.95,
        step=0.05,
    ),
    Control(
        "spatial_dropout",
        "regularization",
        "Spatial dropout",
        "Silence whole maps instead of single pixels in the convolution blocks: neighbouring "
        "pixels say nearly the same, so single ones are hardly missed (Tompson et al., 2015).",
    ),
    Control(
        "batch_normalization",
        "regularization",
        "Batch normalization",
        "Brings every channel to mean 0 and spread 1 over the batch, then lets the network "
        "choose both anew (Ioffe & Szegedy, 2015).",
    ),
    Control(
        "batch_normalization_momentum",
        "regularization",
        "Momentum of the statistics",
        "How slowly the averages that are used after training follow the batches: 0.9 "
        "remembers about the last 10 batches, 0.99 (the default of Keras) the last 100.",
        low=0.0,
        high=0.999,
        choices=(0.5, 0.8, 0.9, 0.95, 0.99, 0.999),
    ),
    Control(
        "batch_normalization_place",
        "regularization",
        "Place of the normalization",
        "Before the activation, as first proposed, or after it, where it normalizes what the "
        "next layer really receives.",
        choices=("before", "after"),
        words={"before": "Before the activation", "after": "After the activation"},
    ),
    Control(
        "l1",
        "regularization",
        "L1 strength",
        "A price on the sum of all absolute weights. It pushes unneeded weights to exactly zero.",
        low=0.0,
        high=1.0,
        choices=_STRENGTHS,
        words=_OFF,
    ),
    Control(
        "l2",
        "regularization",
        "L2 strength",
        "A price on the sum of all squared weights. It keeps every weight small and lets no "
        "single one dominate.",
        low=0.0,
        high=1.0,
        choices=_STRENGTHS,
        words=_OFF,
    ),
    Control(
        "early_stopping",
        "regularization",
        "Early stopping",
        "Ends the run once the validation loss has not improved for a while: what comes after "
        "is mostly memorising (Prechelt, 1998).",
    ),
    Control(
        "patience",
        "regularization",
        "Patience",
        "How many epochs without a better validation loss are waited for before stopping.",
        low=1,
        high=100,
        step=1,
    ),
)
