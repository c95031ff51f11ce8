"""The frozen dataclasses that describe a run, with their defaults."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field

Value = int | float | bool | str


@dataclass(frozen=True)
class DataSettings:
    """Which images the network learns from."""

    dataset: str = "mnist-5k"
    training_images: int = 1000
    wrong_labels: float = 0.0


@dataclass(frozen=True)
class NetworkSettings:
    """The shape of the network: convolution blocks, then one dense layer, then the classes."""

    blocks: int = 2
    filters: int = 16
    kernel_size: int = 3
    pooling: str = "max"
    dense_units: int = 128


@dataclass(frozen=True)
class RegularizationSettings:
    """What is done against overfitting. Zero and False mean: not in the network at all."""

    dropout_convolution: float = 0.0
    dropout_dense: float = 0.0
    dropout_kind: str = "standard"
    noise: float = 0.0
    noise_place: str = "input"
    normalization: str = "none"
    batch_normalization_momentum: float = 0.9
    normalization_groups: int = 4
    normalization_place: str = "before"
    l1: float = 0.0
    l2: float = 0.0
    max_norm: float = 0.0
    label_smoothing: float = 0.0
    early_stopping: bool = False
    patience: int = 5

    @property
    def batch_normalization(self) -> bool:
        """Whether what is normalized is normalized over the batch."""
        return self.normalization == "batch"


@dataclass(frozen=True)
class AugmentationSettings:
    """How training images and their labels are altered, batch by batch. Zero means: not at all."""

    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    flip: str = "none"
    contrast: float = 0.0
    cutout: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0


@dataclass(frozen=True)
class OptimisationSettings:
    """How the weights are moved."""

    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    schedule_factor: float = 0.5
    schedule_epochs: int = 10
    schedule_patience: int = 3
    momentum: float = 0.9
    weight_decay: float = 0.004
    gradient_clipping: float = 0.0
    averaging: str = "none"
    averaging_momentum: float = 0.99
    averaging_start: float = 0.5
    batch_size: int = 32
    epochs: int = 30
    seed: int = 1

    @property
    def weight_averaging(self) -> bool:
        """Whether an average of the weights is kept beside them, of whatever kind."""
        return self.averaging != "none"

    @property
    def first_averaged_epoch(self) -> int:
        """The first epoch, from 1, whose last weights are in the equal average."""
        # The product of two such numbers may lie just below the whole number that is meant.
        return math.floor(self.averaging_start * self.epochs + 1e-9) + 1

    def averages_after(self, epoch: int) -> bool:
        """Whether what is scored at the end of epoch `epoch`, from 1, are averaged weights."""
        if self.averaging == "swa":
            return epoch >= self.first_averaged_epoch
        return self.weight_averaging


@dataclass(frozen=True)
class Settings:
    """Everything that describes a run; the same settings give the same curve."""

    data: DataSettings = field(default_factory=DataSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    regularization: RegularizationSettings = field(default_factory=RegularizationSettings)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    optimisation: OptimisationSettings = field(default_factory=OptimisationSettings)


_SECTIONS = {
    part.name: section.name
    for section in dataclasses.fields(Settings)
    for part in dataclasses.fields(getattr(Settings(), section.name))
}
"""By the name of a setting the part of :class:`Settings` that holds it."""


def value_of(settings: Settings, name: str) -> Value:
    """The value of the setting called `name`."""
    value: Value = getattr(getattr(settings, _SECTIONS[name]), name)
    return value
