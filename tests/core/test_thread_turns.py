"""Python's threads take turns more often while a network is trained, and no longer afterwards."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.fitting import one_run
from core.fitting.progress import ProgressBoard, StopRequest
from core.fitting.thread_turns import SECONDS, short_turns
from core.runs import Library
from core.settings import Settings


def test_turns_are_short_until_the_last_training_ends() -> None:
    usual = sys.getswitchinterval()
    first, second = short_turns(), short_turns()
    with first:
        assert sys.getswitchinterval() == pytest.approx(SECONDS)
        second.__enter__()
    assert sys.getswitchinterval() == pytest.approx(SECONDS)
    second.__exit__(None, None, None)
    assert sys.getswitchinterval() == usual


def test_a_training_has_short_turns_and_a_failing_one_gives_them_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[float] = []

    def train(_: object) -> None:
        found.append(sys.getswitchinterval())
        raise ValueError("on purpose")

    monkeypatch.setattr(one_run._OneRun, "train", train)
    usual, library = sys.getswitchinterval(), Library(tmp_path)
    one_run.train_run(library, library.create(Settings()).id, ProgressBoard(""), StopRequest())
    library.close()
    assert found == [pytest.approx(SECONDS)]
    assert sys.getswitchinterval() == usual
