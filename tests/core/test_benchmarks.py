"""The benchmarks still fit the code that they measure."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from core.runs import Library
from tests.core.small import small

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("[a-z]*.py")))
def test_a_benchmark_finds_all_that_it_names(name: str, warm: None) -> None:
    assert callable(importlib.import_module(f"benchmarks.{name}").main)


def test_a_training_that_keeps_nothing_comes_to_its_end_as_one_that_keeps_all(
    warm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either raises if it did not."""
    store = importlib.import_module("benchmarks.store")
    monkeypatch.setitem(store.SETTINGS, "digits", small())
    library = Library(tmp_path)
    assert store.without("digits").besides > 0
    assert store.kept("digits", library, first=True).besides > 0
    library.close()
    assert [run.epochs_done for run in library.runs()] == [3]
