"""How far a run is, in numbers and in words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.fitting import progress
from core.fitting.progress import ProgressBoard, StopRequest, duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (40.4, "40 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.7, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_duration_is_told_in_at_most_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_before_the_first_step_the_phase_is_told_with_its_share() -> None:
    board = ProgressBoard("Waiting")
    assert board.read().words == "Waiting ..."
    board.tell(0.25, "Fetching Fashion-MNIST")
    assert board.read().words == "Fetching Fashion-MNIST ..."
    assert board.read().fraction == 0.25
    assert board.read().curves is None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that the test sets, in seconds."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_speed_counts_from_the_first_steps_and_gives_the_time_left(clock: SimpleNamespace) -> None:
    """10 of 40 steps by 100 s, which include tracing; 15 more in 3 s are 5 a second; 15 are left.

    The 25th step is the fifth of the third epoch.
    """
    board = ProgressBoard("Waiting")
    curves = board.begin(epochs=4, steps_per_epoch=10)
    assert board.read().words == "Training: epoch 1 of 4"
    for _ in range(10):
        curves.add_batch(1.0, 0.5)
    board.made()
    assert board.read().steps_per_second is None
    for _ in range(15):
        curves.add_batch(1.0, 0.5)
    clock.now += 3
    board.made()
    now = board.read()
    assert (now.epoch, now.epochs, now.step, now.steps, now.done) == (3, 4, 5, 10, 0)
    assert now.fraction == 25 / 40
    assert now.steps_per_second == pytest.approx(5)
    assert now.seconds_left == pytest.approx(3)
    assert now.words == "Training: epoch 3 of 4 · 5 steps a second · 3 s left"


def test_the_last_step_of_an_epoch_belongs_to_it() -> None:
    board = ProgressBoard("Waiting")
    curves = board.begin(epochs=4, steps_per_epoch=2)
    for _ in range(4):
        curves.add_batch(1.0, 0.5)
    now = board.read()
    assert (now.epoch, now.step) == (2, 2)


@pytest.mark.parametrize("asked_first", [True, False])
def test_a_wish_to_stop_is_heard_whichever_comes_first(asked_first: bool) -> None:
    heard = []
    stop = StopRequest()
    if asked_first:
        stop.ask()
        stop.listen(lambda: heard.append("stop"))
    else:
        stop.listen(lambda: heard.append("stop"))
        assert not heard
        stop.ask()
    assert heard == ["stop"]
    assert stop.asked
