"""What the tests of the core share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import warmup
from core.runs import Library
from tests.core.clock import Clock


@pytest.fixture(scope="session")
def warm() -> None:
    """TensorFlow is in, and Keras's state is kept."""
    assert warmup.wait(300)


@pytest.fixture
def clock() -> Clock:
    """The time, which stands still until a test moves it."""
    return Clock()


@pytest.fixture
def library(tmp_path: Path, warm: None) -> Iterator[Library]:
    """A library of its own for a test that trains."""
    library = Library(tmp_path / "home")
    yield library
    library.close()
