"""Small experiments in one click: settings, and what to look for when they are trained.

What each sentence promises was seen in a run with the seed 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.settings.controls import CONTROLS
from core.settings.parts import Value

_AGAINST_OVERFITTING = ("regularization", "augmentation")
_OF_THE_OPTIMISATION = (
    "weight_decay",
    "schedule",
    "schedule_factor",
    "schedule_epochs",
    "schedule_patience",
    "gradient_clipping",
    "averaging",
    "averaging_momentum",
    "averaging_start",
)
REGULARIZERS = tuple(
    name
    for name, control in CONTROLS.items()
    if control.section in _AGAINST_OVERFITTING or name in _OF_THE_OPTIMISATION
)
"""The settings that change how a network is kept from learning by heart, and nothing else."""
EXPERIMENT: Mapping[str, Value] = {"wrong_labels": 0.3}
"""What the experiments share: the default network, and labels that can only be memorised."""


@dataclass(frozen=True)
class Preset:
    """A small experiment.

    Attributes
    ----------
    key : str
        Its name in a link.
    title : str
        Its name on the page.
    look_for : str
        What to look for in the curves, as one or two sentences.
    changes : Mapping of str to value
        The settings that are not those of EXPERIMENT or their defaults.
    """

    key: str
    title: str
    look_for: str
    changes: Mapping[str, Value]

    @property
    def values(self) -> dict[str, Value]:
        """All settings that are not at their defaults, by name."""
        return {**EXPERIMENT, **self.changes}

    @property
    def regularizers(self) -> dict[str, Value]:
        """Those of its changes that are regularizers; AdamW comes with its weight decay."""
        with_decay = {"optimizer"} if "weight_decay" in self.changes else set()
        return {n: v for n, v in self.changes.items() if n in {*REGULARIZERS, *with_decay}}


PRESETS: Mapping[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset(
            "none",
            "No regularization",
            "The training accuracy climbs to 99 % although 30 % of the labels are wrong: "
            "they are learnt by heart. The validation loss turns up after some six epochs, "
            "and the validation accuracy falls from about 90 to 75 %.",
            {},
        ),
        Preset(
            "overfit",
            "Overfit on purpose",
            "With 200 images and a wide layer, the training accuracy ends at 100 % and the "
            "training loss near 0, while the validation loss doubles from its best, early "
            "on, to the end: the gap between the two curves is overfitting.",
            {"training_images": 200, "dense_units": 512, "epochs": 60},
        ),
        Preset(
            "dropout",
            "Dropout",
            "The validation loss goes on falling where without dropout it has long turned "
            "up, and the training accuracy ends near 87 % instead of 99 %: fewer of the "
            "wrong labels are learnt by heart.",
            {"dropout_dense": 0.5},
        ),
        Preset(
            "batch-normalization",
            "Batch normalization",
            "It learns faster: the training accuracy is at 100 % after about 12 epochs. That "
            "includes the wrong labels, for which it is no remedy: the validation accuracy "
            "goes up and down, and ends near 80 %.",
            {"normalization": "batch"},
        ),
        Preset(
            "wrong-order",
            "Both, in the wrong order",
            "Dropout stands ahead of normalizations. On the page Batch normalization, under "
            "Variance shift, two of them meet only some 0.7 and 0.6 of the variance that they "
            "learnt, and Recalibrate lowers the validation loss from about 0.59 to 0.42.",
            {"normalization": "batch", "dropout_convolution": 0.5},
        ),
        Preset(
            "right-order",
            "Both, in the right order",
            "Dropout stands behind the last normalization: on the page Batch normalization, under "
            "Variance shift, all ratios are near 1 and Recalibrate has nothing to mend. The wrong "
            "labels are still learnt by heart, but the validation loss ends at about 0.55 instead "
            "of 0.91.",
            {"normalization": "batch", "dropout_dense": 0.5},
        ),
        Preset(
            "weight-decay",
            "Weight decay",
            "Every step shrinks all weights a little, and learning by heart comes later: the "
            "validation loss turns up after about 16 epochs instead of 6, and the training "
            "accuracy ends near 88 % instead of 99 %. The validation accuracy still falls.",
            {"optimizer": "adamw", "weight_decay": 1.0},
        ),
        Preset(
            "augmentation",
            "Augmentation",
            "No image comes the same twice, so the wrong labels are hardly learnt: the "
            "training accuracy stays near 70 %, the share of the right ones, and the "
            "validation accuracy ends above 90 % instead of near 75 %.",
            {"shift": 0.1, "rotation": 10.0, "zoom": 0.1},
        ),
        Preset(
            "everything",
            "Everything",
            "The calmest curves: the validation accuracy ends near 95 %, the training "
            "accuracy near 70 %, the share of the right labels. Yet the validation loss "
            "stays near 0.5: a network that learns from smoothed labels is never sure.",
            {
                "normalization": "batch",
                "dropout_dense": 0.5,
                "optimizer": "adamw",
                "weight_decay": 1.0,
                "max_norm": 3.0,
                "label_smoothing": 0.1,
                "schedule": "cosine",
                "gradient_clipping": 1.0,
                "shift": 0.1,
                "rotation": 10.0,
                "zoom": 0.1,
            },
        ),
    )
}
