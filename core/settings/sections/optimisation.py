"""The controls of how the weights are moved."""

from __future__ import annotations

from collections.abc import Mapping

from core.settings.control import Control
from core.settings.parts import Value

OPTIMIZERS: Mapping[Value, str] = {
    "adam": "Adam",
    "adamw": "AdamW (weight decay)",
    "sgd": "SGD with momentum",
    "rmsprop": "RMSprop",
}
_RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)
_OFF: Mapping[Value, str] = {0.0: "off"}

OPTIMISATION: tuple[Control, ...] = (
    Control(
        "optimizer",
        "optimisation",
        "Optimizer",
        "The rule that turns the slope of the loss into a step of every weight.",
        choices=tuple(OPTIMIZERS),
        words=OPTIMIZERS,
    ),
    Control(
        "learning_rate",
        "optimisation",
        "Learning rate",
        "The length of each step. Too small learns slowly; too large jumps past the valley, "
        "and the loss may even grow without end.",
        low=1e-7,
        high=1000.0,
        choices=_RATES,
    ),
    Control(
        "momentum",
        "optimisation",
        "Momentum",
        "How much of the last step is carried into the next, like a ball that keeps rolling.",
        low=0.0,
        high=0.99,
        choices=(0.0, 0.5, 0.8, 0.9, 0.95, 0.99),
    ),
    Control(
        "weight_decay",
        "optimisation",
        "Weight decay",
        "How strongly every step shrinks all weights, apart from the loss (Loshchilov & "
        "Hutter, 2019).",
        low=0.0,
        high=1.0,
        choices=(0.0, 1e-5, 1e-4, 1e-3, 4e-3, 1e-2, 4e-2, 1e-1),
        words=_OFF,
    ),
    Control(
        "batch_size",
        "optimisation",
        "Batch size",
        "How many images are looked at before each step. Small batches make noisy steps, and "
        "many of them.",
        low=1,
        high=4096,
        choices=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
    ),
    Control(
        "epochs",
        "optimisation",
        "Epochs",
        "How often the network goes through all of the training images.",
        low=1,
        high=1000,
        step=1,
    ),
    Control(
        "seed",
        "optimisation",
        "Seed",
        "The number from which all chance is drawn: the split of the data, the first weights, "
        "the order of images, the dropout masks. The same seed gives the same curve.",
        low=0,
        high=2**31 - 1,
        step=1,
    ),
)
