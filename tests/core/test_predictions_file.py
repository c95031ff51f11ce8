"""The predictions that a run stores: they are the best checkpoint's, and survive the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from core.errors import LearnscopeError
from core.predictions.stored import Predictions, read_predictions
from core.runs import Library, Run, State
from tests.core.small import parts, small, train

SETTINGS = small(epochs=4, dropout_dense=0.4, l2=0.001, wrong_labels=0.3)


@pytest.fixture(scope="module")
def trained(warm: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Run]]:
    library = Library(tmp_path_factory.mktemp("home"))
    yield library, train(library, SETTINGS)
    library.close()


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(np.argmax(probabilities, axis=1) == labels))


def test_they_are_what_keras_says_of_the_same_images_in_the_same_order(
    trained: tuple[Library, Run],
) -> None:
    """Of both parts, dropout off; the labels are those of the data set."""
    library, run = trained
    predictions = read_predictions(library.file(run.id, "predictions.npz"))
    model, data = keras.models.load_model(library.file(run.id, "best.keras")), parts(SETTINGS)
    for images, labels, probabilities, stored in (
        (
            data.validation_images,
            data.validation_labels,
            predictions.validation_probabilities,
            predictions.validation_labels,
        ),
        (
            data.test_images,
            data.test_labels,
            predictions.test_probabilities,
            predictions.test_labels,
        ),
    ):
        assert probabilities.dtype == np.float32
        np.testing.assert_allclose(probabilities, model.predict(images, verbose=0), atol=1e-5)
        np.testing.assert_array_equal(stored, labels)


def test_their_accuracies_are_exactly_the_recorded_ones(trained: tuple[Library, Run]) -> None:
    library, run = trained
    predictions = read_predictions(library.file(run.id, "predictions.npz"))
    assert predictions.epoch == run.best_epoch
    assert run.best_validation_accuracy == accuracy(
        predictions.validation_probabilities, predictions.validation_labels
    )
    assert run.test_accuracy == accuracy(predictions.test_probabilities, predictions.test_labels)


def test_their_cross_entropy_is_the_recorded_loss(trained: tuple[Library, Run]) -> None:
    library, run = trained
    predictions = read_predictions(library.file(run.id, "predictions.npz"))
    labels = predictions.test_labels
    right = predictions.test_probabilities[np.arange(len(labels)), labels].astype(np.float64)
    assert run.test_loss == pytest.approx(-np.log(right).mean(), rel=1e-4)


@pytest.mark.parametrize(
    ("filename", "words"),
    [
        ("predictions.npz", " The predictions are lost: The disk is full: "),
        ("kernels.npz", " The kernels of the newest epochs are lost: The disk is full: "),
    ],
)
def test_a_disk_that_does_not_take_them_costs_a_sentence_and_nothing_else(
    tmp_path: Path, warm: None, monkeypatch: pytest.MonkeyPatch, filename: str, words: str
) -> None:
    library = Library(tmp_path / "home")
    store = library.store_file

    def store_file(
        run_id: str, name: str, write: Callable[[Path], None], check: Callable[[Path], object]
    ) -> str:
        def write_half(path: Path) -> None:
            write(path)
            if name == filename:
                os.truncate(path, path.stat().st_size // 2)
                raise OSError(28, "No space left on device")

        return store(run_id, name, write_half, check)

    monkeypatch.setattr(library, "store_file", store_file)
    run = train(library, small(epochs=2))
    assert run.state is State.FINISHED
    assert words in run.sentence
    assert run.test_accuracy is not None
    assert library.file(run.id, "best.keras").exists()
    assert library.file(run.id, "last.keras").exists()
    networks = {"epoch-0.npz", "epoch-1.npz", "epoch-2.npz"}
    others = {"predictions.npz", "kernels.npz"} - {filename}
    names = {path.name for path in library.folder(run.id).iterdir()}
    assert names == {"best.keras", "last.keras", *others, *networks}
    library.close()


def some() -> Predictions:
    sure = np.float32([[0.75, 0.25], [0.5, 0.5], [0, 1]])
    return Predictions(3, sure, np.array([0, 1, 1]), sure[:2], np.array([1, 0]))


def test_the_file_gives_all_of_it_back(tmp_path: Path) -> None:
    some().write(tmp_path / "predictions.npz")
    read = read_predictions(tmp_path / "predictions.npz")
    assert read.epoch == 3
    np.testing.assert_array_equal(read.validation_probabilities, some().validation_probabilities)
    np.testing.assert_array_equal(read.validation_labels, [0, 1, 1])
    np.testing.assert_array_equal(read.test_probabilities, [[0.75, 0.25], [0.5, 0.5]])
    np.testing.assert_array_equal(read.test_labels, [1, 0])


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "predictions.npz"
    some().write(path)
    whole = path.read_bytes()
    for damaged in (whole[:-50], b"", b"not an archive"):
        path.write_bytes(damaged)
        with pytest.raises(LearnscopeError, match=r"predictions\.npz, which cannot be read"):
            read_predictions(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"validation_labels": np.array([0, 1])},
        {"validation_labels": np.array([0, 1, 2])},
        {"test_labels": np.array([-1, 0])},
        {"test_probabilities": np.float32([[0.5, 0.1], [0.5, 0.5]])},
        {"test_probabilities": np.float32([[np.nan, 0.1], [0.5, 0.5]])},
        {"test_probabilities": np.array([{}, {}])},
    ],
)
def test_a_file_whose_parts_do_not_fit_together_is_refused(
    tmp_path: Path, wrong: dict[str, np.ndarray]
) -> None:
    path = tmp_path / "predictions.npz"
    some().write(path)
    with np.load(path) as file:
        parts_of_it = dict(file)
    np.savez(path, **(parts_of_it | wrong))
    with pytest.raises(LearnscopeError, match="cannot be read"):
        read_predictions(path)
