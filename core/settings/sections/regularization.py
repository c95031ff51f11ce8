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
        "dropout_kind",
        "regularization",
        "Kind of dropout",
        "Standard dropout silences single numbers. Spatial dropout silences whole maps in the "
        "convolution blocks, for neighbouring pixels say nearly the same (Tompson et al., 2015). "
        "Gaussian dropout silences none, but multiplies each by a random number around 1 with the "
        "same variance (Srivastava et al., 2014).",
        choices=("standard", "spatial", "gaussian"),
        words={"standard": "Standard", "spatial": "Spatial", "gaussian": "Gaussian"},
    ),
    Control(
        "noise",
        "regularization",
        "Gaussian noise",
        "The standard deviation of random numbers that are added while training; pixels go from 0 "
        "to 1. With a little noise on its input a network learns smoother answers, much as with "
        "a price on steep ones (Bishop, 1995).",
        low=0.0,
        high=1.0,
        step=0.05,
    ),
    Control(
        "noise_place",
        "regularization",
        "Place of the noise",
        "On the pixels of the image, or on what each convolution block passes on.",
        choices=("input", "blocks"),
        words={"input": "On the image", "blocks": "Behind each block"},
    ),
    Control(
        "normalization",
        "regularization",
        "Normalization",
        "Brings numbers to mean 0 and spread 1, then lets the network choose both anew. Over what: "
        "batch, each channel over all images of the batch (Ioffe & Szegedy, 2015); layer, each "
        "image over all its pixels and channels (Ba et al., 2016); group, each image over its "
        "pixels and a group of its channels (Wu & He, 2018).",
        choices=("none", "batch", "layer", "group"),
        words={"none": "None", "batch": "Batch", "layer": "Layer", "group": "Group"},
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
        "normalization_groups",
        "regularization",
        "Groups of channels",
        "Into how many groups the channels are divided, each normalized by itself. One group is "
        "layer normalization; as many groups as channels is instance normalization "
        "(Wu & He, 2018).",
        low=1,
        high=256,
        choices=(1, 2, 4, 8, 16, 32),
    ),
    Control(
        "normalization_place",
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
        "A price on the sum of all absolute weights, which pushes unneeded weights to zero "
        "(Tibshirani, 1996). Together with L2 it is the elastic net, which keeps or drops weights "
        "that say the same as a group (Zou & Hastie, 2005).",
        low=0.0,
        high=1.0,
        choices=_STRENGTHS,
        words=_OFF,
    ),
    Control(
        "l2",
        "regularization",
        "L2 strength",
        "A price on the sum of all squared weights: it keeps every weight small and lets no "
        "single one dominate (Krogh & Hertz, 1992). Together with L1 it is the elastic net "
        "(Zou & Hastie, 2005).",
        low=0.0,
        high=1.0,
        choices=_STRENGTHS,
        words=_OFF,
    ),
    Control(
        "max_norm",
        "regularization",
        "Max-norm bound",
        "The longest that the weights into one unit or filter may become, as a vector: after each "
        "step, longer ones are cut to this length. 3 to 4 goes well with dropout "
        "(Srivastava et al., 2014).",
        low=0.0,
        high=100.0,
        choices=(0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0),
        words=_OFF,
    ),
    Control(
        "label_smoothing",
        "regularization",
        "Label smoothing",
        "The share of each label that is spread evenly over all classes, so that no answer need "
        "be given with certainty; 0.1 is usual (Szegedy et al., 2016). Only the steps go by the "
        "smoothed labels: every loss that is shown is taken against the labels as they are.",
        low=0.0,
        high=0.9,
        step=0.05,
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
