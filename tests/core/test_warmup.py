"""The warm-up: one thread, one order, and a failure that everyone hears of."""

from __future__ import annotations

import sys
import threading
import types
from pathlib import Path

import pytest

from core import warmup


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> warmup._WarmUp:
    """A warm-up of its own that imports nothing heavy."""
    own = warmup._WarmUp()
    monkeypatch.setattr(warmup, "_warm_up", own)
    monkeypatch.setattr(warmup, "_DRAWING", ("json",))
    monkeypatch.setattr(warmup, "_COMPUTING", ("csv",))
    monkeypatch.setattr(warmup, "keep_keras_state", lambda: None)
    monkeypatch.setattr(warmup, "_train_a_grain", lambda: None)
    return own


def test_waiting_starts_it(cold: warmup._WarmUp) -> None:
    assert not warmup.ready()
    assert warmup.wait(10)
    assert warmup.ready()


def test_many_starts_make_one_thread(cold: warmup._WarmUp, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    monkeypatch.setattr(warmup, "keep_keras_state", lambda: runs.append("once"))
    threads = [threading.Thread(target=warmup.start) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    warmup.wait(10)
    assert runs == ["once"]


def test_drawing_need_not_wait_for_the_rest(
    cold: warmup._WarmUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(warmup, "keep_keras_state", lambda: go_on.wait(10))
    assert warmup.wait_for_drawing(10)
    assert not warmup.wait(0.01)
    go_on.set()
    assert warmup.wait(10)


def test_a_failure_reaches_everyone_who_waits(
    cold: warmup._WarmUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warmup, "_COMPUTING", ("no_such_module_anywhere",))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="warm-up failed"):
            warmup.wait(10)
    assert isinstance(warmup.failure(), ModuleNotFoundError)
    assert not warmup.ready()


def test_modules_are_imported_in_the_order_written(
    cold: warmup._WarmUp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    order: list[str] = []
    monkeypatch.setitem(sys.modules, "notes_of_order", types.ModuleType("notes_of_order"))
    sys.modules["notes_of_order"].order = order  # type: ignore[attr-defined]
    for name in ("plough", "sow", "reap"):
        code = f"import notes_of_order; notes_of_order.order.append({name!r})"
        (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(warmup, "_DRAWING", ("plough",))
    monkeypatch.setattr(warmup, "_COMPUTING", ("sow", "reap"))
    warmup.wait(10)
    assert order == ["plough", "sow", "reap"]
