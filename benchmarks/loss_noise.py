"""How far real losses spread over their images, against what core.verdict.loss_noise says.

Eight runs of the built-in sets, each image of the validation part scored after every epoch: the
figures that the sampling error and the shared part of two epochs were set by.
"""

from __future__ import annotations

import keras
import numpy as np

from core.data import load, split
from core.model import build_network
from core.settings import Value, from_mapping
from core.verdict.loss_noise import sampling_spread

RUNS: tuple[dict[str, Value], ...] = (
    {},
    {"dropout_dense": 0.5},
    {"dropout_dense": 0.5, "seed": 2},
    {"dropout_dense": 0.5, "dropout_convolution": 0.25},
    {"wrong_labels": 0.3},
    {"wrong_labels": 0.3, "dropout_dense": 0.5},
    {"dataset": "digits"},
    {"dataset": "digits", "dropout_dense": 0.5},
)


def losses_of_images(changes: dict[str, Value]) -> tuple[np.ndarray, np.ndarray]:
    """Loss of each validation image, and whether it was right, by epoch: (T, N) both."""
    settings = from_mapping(changes)
    parts = split(load(settings.data.dataset), settings.data, settings.optimisation.seed)
    classes = len(parts.class_names)
    model = build_network(settings, parts.training_images.shape[1:], classes)
    model.compile("adam", "sparse_categorical_crossentropy")
    losses, right = [], []
    for _ in range(settings.optimisation.epochs):
        model.fit(parts.training_images, parts.training_labels, batch_size=32, verbose=0)
        said = model.predict(parts.validation_images, batch_size=500, verbose=0)
        of_truth = np.take_along_axis(said, parts.validation_labels[:, None], axis=1)[:, 0]
        losses.append(-np.log(np.clip(of_truth, keras.config.epsilon(), 1)))
        right.append(said.argmax(axis=1) == parts.validation_labels)
    return np.array(losses, np.float64), np.array(right)


def main() -> None:
    ratios, shared = [], []
    for changes in RUNS:
        losses, right = losses_of_images(changes)
        images = losses.shape[1]
        for loss, hit in zip(losses, right, strict=True):
            real = loss.std(ddof=1) / np.sqrt(images) / loss.mean()
            ratios.append(real / sampling_spread(loss.mean(), hit.mean(), images, 10))
        best = int(losses.mean(axis=1).argmin())
        if best < len(losses) - 1:
            shared.append(float(np.corrcoef(losses[best], losses[-1])[0, 1]))
        print(
            f"{changes}: best epoch {best + 1}, ratio in the middle {np.median(ratios[-30:]):.2f}"
        )
    low, middle, high = np.percentile(ratios, [2, 50, 98])
    print(
        f"real spread over that said: {middle:.2f} in the middle, {low:.2f} to {high:.2f} in 96 %"
    )
    print(
        f"correlation of an image's loss, best epoch and last: {np.median(shared):.2f} in the "
        f"middle, {min(shared):.2f} to {max(shared):.2f}"
    )


if __name__ == "__main__":
    main()
