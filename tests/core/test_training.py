"""The queue: one run at a time, which outlives what asked for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.fitting.one_run
from core.data import DataSet, load
from core.errors import LearnscopeError
from core.runs import Library, State
from core.training import TrainingQueue
from tests.core.small import small, until

LONG = small(epochs=1000)
"""Far longer than any test waits."""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "home")
    yield library
    library.close()


@pytest.fixture
def queue(warm: None, library: Library) -> Iterator[TrainingQueue]:
    queue = TrainingQueue(library)
    yield queue
    queue.close()


def until_trained(queue: TrainingQueue, run_id: str, epochs: int = 1) -> None:
    """Wait until a run has so many epochs behind it."""

    def reached() -> bool:
        progress = queue.progress(run_id)
        return progress is not None and progress.done >= epochs

    until(reached)


def test_a_second_run_waits_tells_its_place_and_has_its_turn(
    queue: TrainingQueue, library: Library
) -> None:
    first = queue.submit(LONG, "first")
    until(lambda: queue.running() == first)
    second, third = queue.submit(small(epochs=1)), queue.submit(small(epochs=1))
    assert [queue.place(run) for run in (first, second, third)] == [0, 1, 2]
    assert queue.waiting() == (second, third)
    assert library.run(second).state is State.QUEUED
    progress = queue.progress(second)
    assert progress is not None
    assert (progress.phase, progress.curves) == ("Waiting", None)
    assert not queue.wait(second, timeout=0.01)
    queue.stop(first)
    assert queue.wait(third, timeout=120)
    assert [library.run(run).state for run in (first, second, third)] == [
        State.STOPPED,
        State.FINISHED,
        State.FINISHED,
    ]
    assert queue.place(third) is None
    assert queue.progress(third) is None
    assert not queue.busy()


def test_a_run_that_waits_can_be_stopped_and_never_begins(
    queue: TrainingQueue, library: Library
) -> None:
    first, second = queue.submit(LONG), queue.submit(LONG)
    queue.stop(second)
    run = library.run(second)
    assert (run.state, run.sentence) == (State.STOPPED, "Stopped by you while it waited.")
    assert queue.waiting() in ((), (first,))
    queue.stop(first)
    assert queue.wait(first, timeout=120)
    assert library.run(second).versions == {}


def test_stopping_what_has_ended_or_never_was_does_nothing(
    queue: TrainingQueue, library: Library
) -> None:
    run_id = queue.submit(small(epochs=1))
    assert queue.wait(run_id, timeout=120)
    before = library.run(run_id)
    queue.stop(run_id)
    queue.stop("no such run")
    assert library.run(run_id) == before
    assert queue.progress("no such run") is None


def test_two_threads_submit_and_both_runs_are_trained_after_the_threads_have_ended(
    queue: TrainingQueue, library: Library
) -> None:
    barrier, ids = threading.Barrier(2), []

    def submit(name: str) -> None:
        barrier.wait()
        ids.append(queue.submit(small(epochs=1), name))

    threads = [threading.Thread(target=submit, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for run_id in ids:
        assert queue.wait(run_id, timeout=120)
    assert {run.name: run.state for run in library.runs()} == {
        "a": State.FINISHED,
        "b": State.FINISHED,
    }


def test_progress_grows_and_tells_epoch_speed_and_time_left(queue: TrainingQueue) -> None:
    run_id = queue.submit(LONG)
    until_trained(queue, run_id, epochs=3)
    early = queue.progress(run_id)
    assert early is not None
    assert early.curves is not None
    until_trained(queue, run_id, epochs=early.done + 2)
    late = queue.progress(run_id)
    queue.stop(run_id)
    assert late is not None
    assert late.curves is not None
    assert (late.phase, late.epochs, late.steps) == ("Training", 1000, 4)
    done = len(late.curves.batches.losses)
    assert 4 * (late.epoch - 1) + late.step == done > len(early.curves.batches.losses)
    assert late.fraction == pytest.approx(done / 4000)
    assert late.steps_per_second is not None
    assert late.seconds_left == pytest.approx((4000 - done) / late.steps_per_second)


def test_a_fault_ends_the_run_with_a_number_that_the_log_has_and_the_queue_goes_on(
    queue: TrainingQueue,
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    faults: list[Exception] = [ZeroDivisionError("in the data"), MemoryError()]

    def faulty(dataset: str, tell: object) -> DataSet:
        if faults:
            raise faults.pop(0)
        return load(dataset)

    monkeypatch.setattr(core.fitting.one_run, "load", faulty)
    with caplog.at_level(logging.ERROR, "learnscope.training"):
        ids = [queue.submit(small(epochs=1)) for _ in range(3)]
        assert queue.wait(ids[-1], timeout=120)
    fault, memory, good = (library.run(run_id) for run_id in ids)
    assert fault.state is State.FAILED
    number = fault.sentence.split("(fault ")[1].split(")")[0]
    record = next(record for record in caplog.records if number in record.getMessage())
    assert record.exc_info is not None
    assert "in the data" in str(record.exc_info[1])
    assert "ZeroDivisionError" not in fault.sentence
    assert memory.state is State.FAILED
    assert "memory is used up" in memory.sentence
    assert good.state is State.FINISHED


def test_what_a_person_can_mend_ends_the_run_in_its_own_words(
    queue: TrainingQueue, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(dataset: str, tell: object) -> DataSet:
        raise LearnscopeError("Expected a connection. Received: none. Go online.")

    monkeypatch.setattr(core.fitting.one_run, "load", offline)
    run_id = queue.submit(small())
    assert queue.wait(run_id, timeout=120)
    run = library.run(run_id)
    assert run.state is State.FAILED
    assert run.sentence == "Failed. Expected a connection. Received: none. Go online."


def test_settings_that_cannot_be_trained_are_refused_by_the_run_too(
    queue: TrainingQueue, library: Library
) -> None:
    run_id = queue.submit(small(batch_size=101))
    assert queue.wait(run_id, timeout=120)
    assert library.run(run_id).sentence.startswith("Failed. Batch size: expected at most the 100")


def test_a_wish_to_stop_ends_a_fetch_and_leaves_the_rest_unfetched(
    queue: TrainingQueue, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetching, asked, told = threading.Event(), threading.Event(), []

    def slow(dataset: str, tell: core.data.downloads.Progress) -> DataSet:
        for megabyte in range(170):
            told.append(megabyte)
            tell(megabyte / 170, f"Fetching: {megabyte} of 170 MB")
            fetching.set()
            assert asked.wait(60)
        return load(dataset)

    monkeypatch.setattr(core.fitting.one_run, "load", slow)
    run_id = queue.submit(small())
    assert fetching.wait(60)
    progress = queue.progress(run_id)
    assert progress is not None
    assert progress.phase == "Fetching: 0 of 170 MB"
    queue.stop(run_id)
    asked.set()
    assert queue.wait(run_id, timeout=60)
    run = library.run(run_id)
    assert (run.state, run.sentence) == (State.STOPPED, "Stopped by you before its first step.")
    assert told == [0, 1]


def test_close_stops_what_runs_and_leaves_what_waits(warm: None, library: Library) -> None:
    queue = TrainingQueue(library)
    first, second = queue.submit(LONG), queue.submit(LONG)
    until_trained(queue, first)
    queue.close()
    assert library.run(first).state is State.STOPPED
    assert library.run(second).state is State.QUEUED


def test_a_library_that_cannot_take_a_run_says_so_and_nothing_is_queued(
    queue: TrainingQueue, library: Library
) -> None:
    library.close()
    with pytest.raises(LearnscopeError):
        queue.submit(small())
    assert not queue.busy()


def test_a_run_that_was_stopped_goes_on_through_the_queue(
    queue: TrainingQueue, library: Library
) -> None:
    run_id = queue.submit(small(epochs=30, learning_rate=0.0001))
    until_trained(queue, run_id, epochs=2)
    queue.stop(run_id)
    assert queue.wait(run_id, timeout=120)
    run = library.run(run_id)
    queue.resume(run_id)
    with pytest.raises(LearnscopeError, match=r"waiting for its turn|training"):
        queue.resume(run_id)
    assert queue.wait(run_id, timeout=120)
    after = library.run(run_id)
    assert (after.state, after.epochs_done) == (State.FINISHED, 30)
    event = library.events(run_id)[-2]
    assert event.kind == "resumed"
    assert (run.resume_epoch or 0) <= (event.epoch or 0) <= run.epochs_done


def test_a_run_that_waits_to_go_on_and_is_taken_out_is_as_it_was(
    queue: TrainingQueue, library: Library
) -> None:
    run_id = queue.submit(LONG)
    until_trained(queue, run_id, epochs=2)
    queue.stop(run_id)
    assert queue.wait(run_id, timeout=120)
    run = library.run(run_id)
    first = queue.submit(LONG)
    queue.resume(run_id)
    assert library.run(run_id).state is State.QUEUED
    queue.stop(run_id)
    assert library.run(run_id) == run
    queue.stop(first)
    assert queue.wait(first, timeout=120)
    assert library.run(run_id) == run
