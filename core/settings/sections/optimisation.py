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
SCHEDULES: Mapping[Value, str] = {
    "constant": "Constant",
    "step": "Step by step",
    "cosine": "Cosine",
    "plateau": "Reduce on plateau",
}
AVERAGES: Mapping[Value, str] = {"none": "None", "ema": "EMA", "swa": "SWA"}
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
        "schedule",
        "optimisation",
        "Learning-rate schedule",
        "How the learning rate changes from epoch to epoch: not at all; down by a factor every "
        "few epochs or whenever the validation loss no longer falls (both as in He et al., 2016); "
        "or along half a cosine to nearly 0 (Loshchilov & Hutter, 2017).",
        choices=tuple(SCHEDULES),
        words=SCHEDULES,
    ),
    Control(
        "schedule_factor",
        "optimisation",
        "Factor of the schedule",
        "What the learning rate is multiplied by each time it goes down.",
        low=0.01,
        high=0.99,
        choices=(0.1, 0.2, 0.3, 0.5, 0.7, 0.9),
    ),
    Control(
        "schedule_epochs",
        "optimisation",
        "Epochs at each rate",
        "After how many epochs the learning rate goes down, again and again.",
        low=1,
        high=1000,
        step=1,
    ),
    Control(
        "schedule_patience",
        "optimisation",
        "Patience of the schedule",
        "How many epochs without a validation loss that is lower by at least 0.0001 are waited "
        "for before the learning rate goes down.",
        low=1,
        high=100,
        step=1,
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
        "How strongly every step shrinks all weights, apart from the loss and its gradient, so "
        "that Adam does not rescale it as it does an L2 price (Loshchilov & Hutter, 2019).",
        low=0.0,
        high=1.0,
        choices=(0.0, 1e-5, 1e-4, 1e-3, 4e-3, 1e-2, 4e-2, 1e-1, 3e-1, 1.0),
        words=_OFF,
    ),
    Control(
        "gradient_clipping",
        "optimisation",
        "Gradient clipping",
        "The longest that the gradient over all weights may be, as one vector: a longer one is "
        "shortened to this length, so that one odd batch cannot throw the weights far away "
        "(Pascanu et al., 2013).",
        low=0.0,
        high=1000.0,
        choices=(0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
        words=_OFF,
    ),
    Control(
        "averaging",
        "optimisation",
        "Averaged weights",
        "Keeps an average of the weights beside them, which lies in a flatter, often better place; "
        "it is what is scored at each epoch's end, tested and stored, and the steps go on from the "
        "weights themselves. EMA averages over the last steps, the newest counting most (Polyak & "
        "Juditsky, 1992). SWA, stochastic weight averaging, averages the weights after each later "
        "epoch, all counting the same, and takes batch normalization's statistics anew for the "
        "average (Izmailov et al., 2018); it needs a learning rate that stays high.",
        choices=tuple(AVERAGES),
        words=AVERAGES,
    ),
    Control(
        "averaging_momentum",
        "optimisation",
        "Momentum of the average",
        "How slowly the average follows the weights: 0.9 remembers about the last 10 steps, "
        "0.99 the last 100.",
        low=0.0,
        high=0.9999,
        choices=(0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999),
    ),
    Control(
        "averaging_start",
        "optimisation",
        "Start of the average",
        "The share of all epochs that are left out of the equal average, because the weights "
        "still travel far in them: 0.5 begins it after half of the epochs. Until then the weights "
        "themselves are scored.",
        low=0.0,
        high=0.95,
        choices=(0.0, 0.1, 0.25, 0.5, 0.6, 0.75, 0.9),
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
