"""Statistics taken anew, against one pass of Keras over the whole sample; and what is kept."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from core.data import Splits
from core.errors import LearnscopeError
from core.inside.layers import load_network
from core.library.files import sha256_of
from core.library.recalibrated import recalibrated_epochs, recalibrated_name
from core.mechanisms.recalibration import (
    keep_recalibrated,
    recalibrate,
    recalibrated_bytes,
    recalibrated_statistics,
)
from core.mechanisms.variance_shift import measure_shift
from core.runs import Library, Run
from tests.core import normalizing
from tests.core.small import evaluated, train

pytestmark = pytest.mark.usefixtures("warm")
WRONG_ORDER = {"dropout_convolution": 0.5}


@pytest.fixture(scope="module")
def data() -> Splits:
    return normalizing.data()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    opened = Library(tmp_path_factory.mktemp("recalibration"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def run(library: Library) -> Run:
    """Dropout ahead of normalization, three epochs."""
    return train(library, normalizing.settings(**WRONG_ORDER))


def test_new_statistics_are_those_of_one_pass_of_all_images_dropout_off(data: Splits):
    model = normalizing.network(**WRONG_ORDER)
    found = recalibrated_statistics(model, data.training_images)
    # Without dropout, and with no memory of what was before: its moving statistics are the batch's.
    bare = normalizing.network(batch_normalization_momentum=0.0)
    for layer in bare.layers:
        layer.set_weights(model.get_layer(layer.name).get_weights())
    bare(data.training_images, training=True)
    assert len(found) == 3
    for name, one in found.items():
        layer = bare.get_layer(name)
        assert one.mean == pytest.approx(np.asarray(layer.moving_mean), abs=1e-5)
        assert one.variance == pytest.approx(np.asarray(layer.moving_variance), rel=1e-4)


def test_afterwards_the_variance_at_test_is_the_moving_variance(
    library: Library, run: Run, data: Splits
):
    path = library.file(run.id, "last.keras")
    shifted = measure_shift(load_network(path), data.training_images)
    assert shifted[1].median < 0.95
    found = recalibrate(path, data.training_images, data.validation_images, data.validation_labels)
    model = load_network(path)
    model.set_weights(found.weights)
    for one in measure_shift(model, data.training_images):
        sound = one.ratios[np.isfinite(one.ratios)]
        assert sound == pytest.approx(np.ones_like(sound), abs=1e-4)


def test_before_and_after_are_what_keras_reaches_on_the_validation_part(
    library: Library, run: Run, data: Splits, tmp_path: Path
):
    path, kept = library.file(run.id, "best.keras"), tmp_path / "kept.keras"
    part = data.validation_images, data.validation_labels
    found = recalibrate(path, data.training_images, *part)
    kept.write_bytes(recalibrated_bytes(path, 3, found))
    for score, right, file in (
        (found.before, found.was_right, path),
        (found.after, found.is_right, kept),
    ):
        loss, accuracy = evaluated(file, *part)
        assert score.images == 300
        assert score.accuracy == pytest.approx(accuracy, abs=1e-6)
        assert score.loss == pytest.approx(loss, rel=1e-4)
        assert right.sum() == round(score.accuracy * 300)
    assert found.images == 100
    assert found.mended - found.spoilt == found.is_right.sum() - found.was_right.sum()


def test_nothing_but_the_moving_statistics_differs(library: Library, run: Run, data: Splits):
    path = library.file(run.id, "best.keras")
    found = recalibrate(path, data.training_images, data.validation_images, data.validation_labels)
    model = load_network(path)
    for weight, new in zip(model.weights, found.weights, strict=True):
        moves = weight.path.endswith(("moving_mean", "moving_variance"))
        assert np.array_equal(np.asarray(weight), new) != moves


def test_a_kept_model_lies_beside_best_and_last_which_stay_as_they_are(
    library: Library, run: Run, data: Splits
):
    before = {name: sha256_of(library.file(run.id, name)) for name in ("best.keras", "last.keras")}
    found = recalibrate(
        library.file(run.id, "last.keras"),
        data.training_images,
        data.validation_images,
        data.validation_labels,
    )
    name = keep_recalibrated(library, run.id, "last", run.epochs_done, found)
    assert name == "recalibrated-3"
    kept = keras.models.load_model(library.file(run.id, "recalibrated-3.keras"))
    assert all(map(np.array_equal, kept.get_weights(), found.weights))
    assert kept.optimizer is not None  # whoever loads it can go on with it
    assert recalibrated_epochs(library.files(run.id)) == [3]
    assert {name: sha256_of(library.file(run.id, name)) for name in before} == before
    assert library.run(run.id) == run


def test_weights_that_the_disk_changes_are_refused_and_nothing_is_kept(
    library: Library, run: Run, data: Splits, monkeypatch: pytest.MonkeyPatch
):
    from core.mechanisms import recalibration

    path = library.file(run.id, "best.keras")
    found = recalibrate(path, data.training_images, data.validation_images, data.validation_labels)
    write = recalibration._write
    monkeypatch.setattr(
        recalibration,
        "_write",
        lambda source, meant, epoch, target: write(
            source,
            recalibration.Recalibration(
                **(vars(meant) | {"weights": [2 * one for one in meant.weights]})
            ),
            epoch,
            target,
        ),
    )
    with pytest.raises(LearnscopeError, match="Nothing was kept"):
        keep_recalibrated(library, run.id, "best", 77, found)
    assert "recalibrated-77.keras" not in library.files(run.id)


def test_recalibrated_files_are_told_by_their_names():
    names = ["best.keras", "recalibrated-12.keras", "recalibrated-7.keras", "recalibrated-x.keras"]
    assert recalibrated_epochs(names) == [7, 12]
    assert f"{recalibrated_name(7)}.keras" in names


def test_a_kept_model_travels_with_the_run(library: Library, run: Run, tmp_path: Path):
    import io

    from core.export.archive import archive
    from core.library.archive import bring_in

    packed = archive(library, run.id)
    there = Library(tmp_path / "there")
    try:
        arrived = bring_in(there, io.BytesIO(packed)).run
        assert recalibrated_epochs(there.files(arrived.id)) == [3]
    finally:
        there.close()
