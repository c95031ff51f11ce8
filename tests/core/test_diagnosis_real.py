"""The verdicts on networks that are really trained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.data import facts
from core.diagnosis import Kind, Verdict, diagnose
from core.runs import Library
from core.settings import Value, from_mapping
from tests.core.small import train


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "home")
    yield library
    library.close()


def verdict_on(library: Library, **changes: Value) -> Verdict:
    settings = from_mapping(changes)
    run = train(library, settings)
    about = facts(settings.data.dataset)
    return diagnose(
        library.epochs(run.id),
        validation_images=about.validation_images,
        wrong_labels=settings.data.wrong_labels,
        classes=len(about.class_names),
        settings=settings,
    )


@pytest.mark.slow
def test_wrong_labels_without_regularization_are_memorised(warm: None, library: Library) -> None:
    verdict = verdict_on(library, wrong_labels=0.3, epochs=22)
    assert verdict.kind is Kind.MEMORISING
    assert verdict.onset is not None
    assert 6 <= verdict.onset <= 18
    share = verdict.found("memorised")
    assert share is not None
    assert share.number > 0.4


@pytest.mark.slow
def test_with_dropout_no_overfitting_is_claimed(warm: None, library: Library) -> None:
    verdict = verdict_on(library, dropout_dense=0.5, epochs=22)
    assert verdict.kind is Kind.CONVERGED


def test_after_two_epochs_it_is_still_learning(warm: None, library: Library) -> None:
    verdict = verdict_on(library, dataset="digits", epochs=2)
    assert verdict.kind is Kind.STILL_LEARNING
    assert "too early" in verdict.sentence


def test_with_a_tiny_learning_rate_hardly_anything_is_learnt(warm: None, library: Library) -> None:
    verdict = verdict_on(library, dataset="digits", learning_rate=1e-6, epochs=8)
    assert verdict.kind is Kind.UNDERFITTING
    assert "hardly better than guessing" in verdict.sentence
    assert verdict.advice[0].control == "learning_rate"
    assert verdict.advice[0].value == 1e-5
