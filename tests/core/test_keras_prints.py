"""What Keras prints while it trains is what our records add up to, on the same thing."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from core.learning.curve_lines import ChartLines, CurveView, LossPart, accuracy_lines, loss_lines
from core.learning.run_curves import curves_of_run
from core.model import build_network, build_optimizer
from core.runs import Library
from core.settings import Settings
from tests.core.small import parts, small, train


def printed_by_keras(settings: Settings) -> dict[str, list[float]]:
    """``Model.fit`` from the same weights, through the same batches, with the same masks."""
    data, model = parts(settings), build_network(settings, (8, 8, 1), 10)
    model.compile(
        build_optimizer(settings.optimisation),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    logs: dict[str, list[float]] = {}
    for epoch in range(1, settings.optimisation.epochs + 1):
        order = np.random.default_rng([settings.optimisation.seed, epoch]).permutation(100)
        history = model.fit(
            data.training_images[order],
            data.training_labels[order],
            batch_size=settings.optimisation.batch_size,
            validation_data=(data.validation_images, data.validation_labels),
            shuffle=False,
            verbose=0,
        )
        for name, (value,) in history.history.items():
            logs.setdefault(name, []).append(value)
    return logs


def values(chart: ChartLines, name: str) -> np.ndarray:
    (line,) = [line for line in chart.lines if line.name == name]
    return line.y


@pytest.fixture(params=["plain", "all of it"])
def settings(request: pytest.FixtureRequest, warm: None) -> Settings:
    """Four batches an epoch, the last of four images only; a penalty as large as the loss."""
    if request.param == "plain":
        return small()
    return small(
        l1=0.001,
        l2=0.03,
        dropout_dense=0.5,
        dropout_convolution=0.25,
        batch_normalization=True,
        wrong_labels=0.2,
    )


def test_the_running_loss_with_penalty_is_what_keras_prints(
    settings: Settings, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(987)  # Chance comes from the run's own seed, in Keras's loop too.
    logs = printed_by_keras(settings)
    library = Library(tmp_path)
    curves = curves_of_run(library, train(library, settings))
    library.close()
    loss = loss_lines(curves, CurveView(part=LossPart.TOTAL))
    accuracy = accuracy_lines(curves, CurveView())
    assert values(loss, "Training") == pytest.approx(logs["loss"], rel=1e-4)
    assert values(loss, "Validation") == pytest.approx(logs["val_loss"], rel=1e-3)
    assert values(accuracy, "Training") == pytest.approx(logs["accuracy"], abs=1e-6)
    assert values(accuracy, "Validation") == pytest.approx(logs["val_accuracy"], abs=0.01)
    penalized = settings.regularization.l2 > 0
    # The epoch's end would be the wrong penalty to add: it moves while the running mean is taken.
    wrong = values(loss_lines(curves, CurveView()), "Training") + [
        epoch.penalty for epoch in curves.epochs
    ]
    assert (np.abs(wrong / logs["loss"] - 1) > 0.002).any() == penalized
