"""Pages that look into a run's weights say so while these may still change."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.runs import Epoch, State
from pages.shared import state
from tests.pages.conftest import SMALL

PAGES = ("augmentation", "batch_normalization", "dropout", "weight_penalties")
EPOCH = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)


@pytest.fixture
def begun(home: Path, network_files: Path) -> str:
    """A run whose first epoch has ended; gives its id."""
    library = state.library()
    run = library.create(SMALL, "On its way")
    library.start(run.id)
    library.record_epoch(run.id, EPOCH, [1, 2, 3], [0, 0, 1])
    library.record_best(run.id, 1, 1.875, 0.375)
    write = functools.partial(shutil.copy, network_files / "best.keras")
    library.store_file(run.id, "best.keras", write)
    return run.id


def bars(page: AppTest) -> list[str]:
    assert not page.exception and not page.error
    return [bar.proto.text for bar in page.get("progress")]


@pytest.mark.parametrize("name", PAGES)
def test_of_a_run_that_is_still_trained_a_page_shows_its_best_weights_so_far_and_says_so(
    visit: Callable[..., AppTest], begun: str, name: str
) -> None:
    page = visit(f"regularization/{name}", run=begun)
    assert bars(page) == [
        f"“On its way” is training: epoch 1 of {SMALL.optimisation.epochs}. The page shows its "
        "best weights so far, and is drawn anew at its end."
    ]


@pytest.mark.parametrize("name", PAGES)
def test_once_the_run_has_ended_the_page_says_so_no_more(
    visit: Callable[..., AppTest], begun: str, name: str
) -> None:
    page = visit(f"regularization/{name}", run=begun)
    state.library().finish(begun, State.FINISHED, "Finished all 1 epochs.", 1.5, 0.5, 300)
    assert bars(page.run()) == []
