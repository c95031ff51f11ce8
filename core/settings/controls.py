"""Every setting as a person meets it: its words, its limits and its stops."""

from __future__ import annotations

from collections.abc import Mapping

from core.settings.control import Control
from core.settings.parts import Value

DATASETS: Mapping[Value, str] = {
    "mnist-5k": "MNIST (5,000 images, built in)",
    "digits": "Digits 8x8 (built in)",
    "fashion-mnist": "Fashion-MNIST",
    "mnist": "MNIST (full)",
    "cifar10": "CIFAR-10",
}
OPTIMIZERS: Mapping[Value, str] = {
    "adam": "Adam",
    "adamw": "AdamW (weight decay)",
    "sgd": "SGD with momentum",
    "rmsprop": "RMSprop",
}
_STRENGTHS = (0.0, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
_RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)
_OFF: Mapping[Value, str] = {0.0: "off"}

CONTROLS: Mapping[str, Control] = {
    control.name: control
    for control in (
        Control(
            "dataset",
            "data",
            "Data set",
            "The labelled images that the network learns to tell apart. The built-in sets need no "
            "internet connection.",
            choices=tuple(DATASETS),
            words=DATASETS,
        ),
        Control(
            "training_images",
            "data",
            "Training images",
            "How many images the network may learn from. Few images are easy to learn by heart: "
            "overfitting shows soonest here.",
            low=50,
            high=60000,
            step=50,
        ),
        Control(
            "wrong_labels",
            "data",
            "Wrong labels",
            "The share of training labels replaced by a wrong class. A network that gets these "
            "right has memorised them, for there is nothing in them to understand.",
            low=0.0,
            high=0.9,
            step=0.05,
        ),
        Control(
            "blocks",
            "network",
            "Convolution blocks",
            "How often the image passes a convolution and a pooling. Each block sees a larger "
            "part of the image and has twice the filters of the one before.",
            low=1,
            high=4,
            step=1,
        ),
        Control(
            "filters",
            "network",
            "Filters in the first block",
            "How many kernels the first layer has. Each kernel looks for one pattern, such as an "
            "edge in one direction.",
            low=1,
            high=256,
            choices=(4, 8, 16, 32, 64, 128),
        ),
        Control(
            "kernel_size",
            "network",
            "Kernel size",
            "The side of the small window that slides over the image: 3 means 3x3 numbers a "
            "kernel and input channel.",
            choices=(3, 5, 7),
            words={3: "3x3", 5: "5x5", 7: "7x7"},
        ),
        Control(
            "pooling",
            "network",
            "Pooling",
            "How each block halves the sides of its maps: by the largest or by the average of "
            "every 2x2 numbers, or not at all.",
            choices=("max", "average", "none"),
            words={"max": "Max", "average": "Average", "none": "None"},
        ),
        Control(
            "dense_units",
            "network",
            "Dense units",
            "The width of the layer that weighs all the maps together before the decision. Most "
            "weights sit here, and so does most memorising.",
            low=4,
            high=2048,
            choices=(16, 32, 64, 128, 256, 512, 1024),
        ),
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
            "A price on the sum of all absolute weights. It pushes unneeded weights to exactly "
            "zero.",
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
}
