"""What the tests of the core share."""

from __future__ import annotations

import pytest

from core import warmup
from tests.core.clock import Clock


@pytest.fixture(scope="session")
def warm() -> None:
    """TensorFlow is in, and Keras's state is kept."""
    assert warmup.wait(300)


@pytest.fixture
def clock() -> Clock:
    """The time, which stands still until a test moves it."""
    return Clock()
