"""A stored run's curves, and its figures in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.learning.run_curves import curves_of_run, figures_of_run
from core.library.records import Epoch, State
from core.runs import Library
from core.settings import (
    DataSettings,
    OptimisationSettings,
    RegularizationSettings,
    Settings,
)

SETTINGS = Settings(
    data=DataSettings(dataset="digits", training_images=100),
    optimisation=OptimisationSettings(epochs=2, batch_size=32),
)
EPOCH = Epoch(1, 4, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path)
    yield library
    library.close()


def test_curves_come_back_as_they_were_recorded(library: Library) -> None:
    """100 images in batches of 32 are 4 steps, the last one of 4 images."""
    run = library.create(SETTINGS)
    library.start(run.id)
    library.record_epoch(run.id, EPOCH, [4, 3, 2, 1], [0, 0.25, 0.5, 1])
    library.flush()
    curves = curves_of_run(library, run)
    assert curves.epochs == (EPOCH,)
    assert curves.steps_per_epoch == 4
    np.testing.assert_array_equal(curves.batches.losses, np.float32([4, 3, 2, 1]))
    np.testing.assert_array_equal(curves.batches.accuracies, np.float32([0, 0.25, 0.5, 1]))


@pytest.mark.parametrize(
    ("images", "batch_size", "share"), [(100, 32, 4 / 32), (96, 32, 1.0), (50, 64, 1.0)]
)
def test_the_last_batch_of_an_epoch_may_be_smaller_than_the_others(
    library: Library, images: int, batch_size: int, share: float
) -> None:
    data = DataSettings(dataset="digits", training_images=images)
    optimisation = OptimisationSettings(batch_size=batch_size)
    run = library.create(Settings(data=data, optimisation=optimisation))
    assert curves_of_run(library, run).last_batch == share


def test_a_penalty_that_was_not_recorded_is_known_only_where_there_is_none(
    library: Library,
) -> None:
    for l2, expected in ((0.0, [0, 0, 0, 0]), (0.01, [np.nan] * 4)):
        settings = replace(SETTINGS, regularization=RegularizationSettings(l2=l2))
        run = library.create(settings)
        library.start(run.id)
        library.record_epoch(run.id, EPOCH, [4, 3, 2, 1], [0, 0.25, 0.5, 1])
        library.flush()
        np.testing.assert_array_equal(curves_of_run(library, run).batches.penalties, expected)


def test_figures_say_on_how_many_images_they_were_taken(library: Library) -> None:
    run = library.create(SETTINGS)
    library.start(run.id)
    library.record_best(run.id, 1, 0.98765, 0.8126)
    library.finish(run.id, State.FINISHED, "Finished.", 1.25, 0.7967, 300)
    figures = figures_of_run(library.run(run.id))
    assert [(figure.label, figure.value, figure.sample) for figure in figures] == [
        ("Validation loss", "0.988", "300 images"),
        ("Validation accuracy", "81.3%", "300 images"),
        ("Test accuracy", "79.7%", "300 images"),
    ]
    assert "epoch 1" in figures[0].help


def test_without_a_test_only_the_validation_is_told_and_without_a_best_epoch_nothing(
    library: Library,
) -> None:
    run = library.create(SETTINGS)
    library.start(run.id)
    assert figures_of_run(library.run(run.id)) == []
    library.record_best(run.id, 1, 0.5, 0.75)
    library.finish(run.id, State.STOPPED, "Stopped by you.")
    labels = [figure.label for figure in figures_of_run(library.run(run.id))]
    assert labels == ["Validation loss", "Validation accuracy"]
