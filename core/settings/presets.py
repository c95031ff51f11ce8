"""Small experiments in one click: settings, and what to look for when they are trained.

What each sentence promises was measured with the seeds 1 and 2.
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
    "weight_averaging",
    "averaging_momentum",
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
            "TODO",
            {},
        ),
        Preset(
            "overfit",
            "Overfit on purpose",
            "TODO",
            {"training_images": 200, "dense_units": 512, "epochs": 60},
        ),
        Preset("dropout", "Dropout", "TODO", {"dropout_dense": 0.5}),
        Preset("batch-normalization", "Batch normalization", "TODO", {"normalization": "batch"}),
        Preset(
            "wrong-order",
            "Both, in the wrong order",
            "TODO",
            {"normalization": "batch", "dropout_convolution": 0.5},
        ),
        Preset(
            "right-order",
            "Both, in the right order",
            "TODO",
            {"normalization": "batch", "dropout_dense": 0.5},
        ),
        Preset("weight-decay", "Weight decay", "TODO", {"optimizer": "adamw", "weight_decay": 1.0}),
        Preset(
            "augmentation", "Augmentation", "TODO", {"shift": 0.1, "rotation": 10.0, "zoom": 0.1}
        ),
        Preset(
            "everything",
            "Everything",
            "TODO",
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
