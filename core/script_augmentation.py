"""The paragraph of a script that alters the batches."""

from __future__ import annotations

from core.augmentation.plan import alterations
from core.script_source import item, literal
from core.settings import Settings


def augmentation_lines(settings: Settings) -> list[str]:
    """The batches as a data set, altered by layers that stand outside of the network."""
    lines = []
    for one in alterations(settings.augmentation):
        arguments = [literal(value) for value in one.positional]
        arguments += [f"{name}={literal(value)}" for name, value in one.options.items()]
        lines += item(f"layers.{one.kind}", [*arguments, f"seed=seed + {one.chance}"], indent=4)
    if not lines:
        return []
    return [
        "# Every batch is altered anew in every epoch; validation and test stay as they are.",
        "augmentation = [",
        *lines,
        "]",
        'batches = tf.data.Dataset.from_tensor_slices({"images": x_train, "labels": y_train})',
        f"batches = batches.shuffle({settings.data.training_images}, seed=seed)",
        f"batches = batches.batch({settings.optimisation.batch_size})",
        "for layer in augmentation:",
        "    batches = batches.map(layer)",
        'batches = batches.map(lambda batch: (batch["images"], batch["labels"]))',
    ]
