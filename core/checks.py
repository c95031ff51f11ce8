"""What cannot be trained, and what can but deserves a word first."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from core.augmentation.cautions import augmentation_cautions
from core.data import DataFacts
from core.errors import LearnscopeError
from core.memory import in_bytes, memory_of_layers
from core.network import NetworkPlan, plan_network
from core.settings import Settings

_SHARE_OF_MACHINE = 0.5
"""Of the machine's memory, what a network may take: the data and the rest need some too."""

_MUCH = 0.05
"""Of the starting values of moving statistics, what spoils the first epochs."""


@dataclass(frozen=True)
class Caution:
    """Something that a person should know before training; it forbids nothing.

    Attributes
    ----------
    grave : bool
        True for what probably spoils the run, False for what is merely good to know.
    sentence : str
        What is the matter, and why.
    """

    grave: bool
    sentence: str


def machine_memory() -> int:
    """Bytes of memory in this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def checked_plan(settings: Settings, facts: DataFacts, memory: int | None = None) -> NetworkPlan:
    """Plan the network, or say why these settings cannot be trained.

    Parameters
    ----------
    settings, facts : Settings, DataFacts
        The run to be, and its data set.
    memory : int, optional
        Bytes that the machine has; without it, those of this machine.

    Raises
    ------
    LearnscopeError
        If the maps shrink to nothing, the network is too large for the machine, there are more
        training images asked for than there are, or a batch holds more images than there are.
    """
    if settings.data.training_images > facts.training_limit:
        raise LearnscopeError(
            f"Training images: expected at most {facts.training_limit:,}, which is what "
            f"{facts.title} has. Received: {settings.data.training_images:,}. Lower the number or "
            "choose a larger data set."
        )
    if settings.optimisation.batch_size > settings.data.training_images:
        raise LearnscopeError(
            f"Batch size: expected at most the {settings.data.training_images:,} training images. "
            f"Received: {settings.optimisation.batch_size:,}. Lower the batch size or take more "
            "images."
        )
    plan = plan_network(settings, facts.image_shape, len(facts.class_names))
    _refuse_too_large(plan, settings, machine_memory() if memory is None else memory)
    return plan


def _refuse_too_large(plan: NetworkPlan, settings: Settings, memory: int) -> None:
    sizes = memory_of_layers(plan, settings)
    needed, allowed = sum(sizes.values()), int(memory * _SHARE_OF_MACHINE)
    if needed <= allowed:
        return
    largest = max(sizes, key=lambda name: sizes[name])
    raise LearnscopeError(
        f"Expected a network that trains in {in_bytes(allowed)}, half of this machine's memory. "
        f"Received: one of about {in_bytes(needed)}, of which the layer {largest} alone takes "
        f"{in_bytes(sizes[largest])}. Use pooling, fewer filters, fewer dense units or a smaller "
        "batch."
    )


def cautions(settings: Settings, plan: NetworkPlan) -> list[Caution]:
    """What is worth a word before training, gravest first."""
    regularization, optimisation = settings.regularization, settings.optimisation
    found = []
    shifted = dropout_ahead_of_normalization(plan)
    if shifted is not None:
        found.append(
            Caution(
                True,
                f"{shifted[0]} stands ahead of {shifted[1]}. Dropout changes the variance that the "
                "normalization learns in training, but not the one it meets afterwards, so its "
                "statistics are off when it counts (variance shift; Li et al., 2019). Dropout "
                "behind the last normalization, in the dense part, does not do this. You can "
                "still train it, and see.",
            )
        )
    if regularization.batch_normalization and optimisation.batch_size == 1:
        found.append(
            Caution(
                True,
                "With a batch of 1 image, batch normalization has no batch to take statistics "
                "from: dense units all become 0 in training, and nothing can be learned from "
                "them. Use batches of at least 8 images.",
            )
        )
    if regularization.batch_normalization and _left_of_start(settings) > _MUCH:
        found.append(
            Caution(
                False,
                f"The averages of batch normalization start at nothing, and at this momentum "
                f"{_left_of_start(settings):.0%} of that start is left after the first epoch: the "
                "validation loss looks bad until they have caught up. A lower momentum, or "
                "smaller batches, catches up sooner.",
            )
        )
    found += _cautions_on_steps(settings)
    if regularization.early_stopping and regularization.patience >= optimisation.epochs:
        found.append(
            Caution(
                False,
                f"Early stopping cannot act: it waits {regularization.patience} epochs for a "
                f"better one, and the run ends after {optimisation.epochs}.",
            )
        )
    return [*found, *(Caution(False, words) for words in augmentation_cautions(settings))]


def _cautions_on_steps(settings: Settings) -> list[Caution]:
    """On the schedule of the learning rate and the average of the weights."""
    optimisation, found = settings.optimisation, []
    waits = {"step": optimisation.schedule_epochs, "plateau": optimisation.schedule_patience}
    wait = waits.get(optimisation.schedule, 0)
    if wait >= optimisation.epochs:
        found.append(
            f"The schedule cannot lower the learning rate: it waits {wait} epochs, and the run "
            f"ends after {optimisation.epochs}."
        )
    steps = _steps_per_epoch(settings) * optimisation.epochs
    left = optimisation.averaging_momentum**steps
    if optimisation.averaging == "ema" and left > _MUCH:
        found.append(
            f"At this momentum, {left:.0%} of the averaged weights are still those after the "
            f"first step when the run ends after {steps:,} steps. A lower momentum, or more steps, "
            "lets the average follow."
        )
    if optimisation.averaging == "ema" and settings.regularization.batch_normalization:
        found.append(
            "Only weights are averaged, not the statistics of batch normalization: the averaged "
            "weights are scored with the statistics that the newest weights left. Izmailov et al. "
            "(2018) take them anew, as SWA does here; layer or group normalization has none."
        )
    if optimisation.averaging == "swa":
        found += _cautions_on_equal_average(settings)
    return [Caution(False, sentence) for sentence in found]


def _cautions_on_equal_average(settings: Settings) -> list[str]:
    first, epochs = settings.optimisation.first_averaged_epoch, settings.optimisation.epochs
    if first == epochs:
        return [
            f"The average begins with epoch {epochs}, the last one, and one epoch is its own "
            "average. An earlier start, or more epochs, gives it something to average."
        ]
    if settings.regularization.early_stopping and first > 1 + settings.regularization.patience:
        return [
            f"Early stopping may end the run before epoch {first}, where the average begins. An "
            "earlier start, or more patience, lets it come to that."
        ]
    return []


def _steps_per_epoch(settings: Settings) -> int:
    return math.ceil(settings.data.training_images / settings.optimisation.batch_size)


def _left_of_start(settings: Settings) -> float:
    """The share of their starting values that the moving statistics hold after one epoch."""
    momentum = settings.regularization.batch_normalization_momentum
    return float(momentum ** _steps_per_epoch(settings))


def dropout_ahead_of_normalization(plan: NetworkPlan) -> tuple[str, str] | None:
    """Names of the first dropout layer and of a batch normalization behind it, if there are."""
    dropout = None
    for layer in plan.layers:
        if dropout is None and "Dropout" in layer.kind:
            dropout = layer.name
        if dropout is not None and layer.kind == "BatchNormalization":
            return dropout, layer.name
    return None
