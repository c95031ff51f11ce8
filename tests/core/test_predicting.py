"""Predictions of a run that has none: from its best checkpoint, on its own data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core.data import split_again
from core.errors import LearnscopeError
from core.predictions.predicting import predict_best
from core.predictions.stored import read_predictions
from core.runs import Library, Run, State
from tests.core.small import small, train

SETTINGS = small(epochs=2, dropout_dense=0.3, wrong_labels=0.2)


@pytest.fixture(scope="module")
def trained(warm: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Run]]:
    library = Library(tmp_path_factory.mktemp("home"))
    yield library, train(library, SETTINGS)
    library.close()


def test_they_are_those_that_the_run_itself_had_stored(trained: tuple[Library, Run]) -> None:
    library, run = trained
    path = library.file(run.id, "predictions.npz")
    first = read_predictions(path)
    path.unlink()
    made = predict_best(library, run.id)
    kept = read_predictions(library.file(run.id, "predictions.npz"))
    for again in (made, kept):
        assert again.epoch == first.epoch == run.best_epoch
        for name in ("validation", "test"):
            np.testing.assert_allclose(
                getattr(again, f"{name}_probabilities"),
                getattr(first, f"{name}_probabilities"),
                atol=1e-6,
            )
            np.testing.assert_array_equal(
                getattr(again, f"{name}_labels"), getattr(first, f"{name}_labels")
            )


def test_the_record_of_the_run_stays_as_it_is(trained: tuple[Library, Run]) -> None:
    library, run = trained
    predict_best(library, run.id)
    library.flush()
    assert library.run(run.id) == run


def test_other_data_than_the_runs_are_refused_and_nothing_is_stored(
    trained: tuple[Library, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    library, run = trained
    library.start(run.id, fingerprint="0" * 64)
    library.finish(run.id, State.FINISHED, run.sentence)
    before = library.file(run.id, "predictions.npz").stat().st_mtime_ns
    with pytest.raises(LearnscopeError, match="by their fingerprint"):
        predict_best(library, run.id)
    assert library.file(run.id, "predictions.npz").stat().st_mtime_ns == before


def test_a_run_without_a_checkpoint_is_named(trained: tuple[Library, Run]) -> None:
    library = trained[0]
    with pytest.raises(LearnscopeError, match=r"has no best\.keras"):
        predict_best(library, library.create(SETTINGS, "Fresh").id)


def test_without_a_fingerprint_the_data_cannot_be_compared() -> None:
    assert len(split_again(SETTINGS, None).test_labels) == 300
