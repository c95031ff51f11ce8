"""The run library: what is recorded comes back, in this process, another one, and next year."""

from __future__ import annotations

import json
import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import LearnscopeError
from core.runs import Epoch, Library, State, library_home
from core.settings import DataSettings, RegularizationSettings, Settings
from tests.core.clock import Clock

EPOCH = Epoch(
    epoch=1,
    steps=3,
    seconds=1.5,
    running_loss=2.0,
    running_accuracy=0.25,
    fair_loss=1.75,
    fair_accuracy=0.5,
    validation_loss=1.875,
    validation_accuracy=0.375,
    penalty=0.125,
    learning_rate=0.001,
)


@pytest.fixture
def library(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    library = Library(tmp_path / "home", clock)
    yield library
    library.close()


def test_a_new_run_waits_and_knows_nothing_yet(library: Library) -> None:
    settings = Settings(data=DataSettings(wrong_labels=0.3))
    run = library.create(settings, "First")
    assert (run.name, run.state, run.settings) == ("First", State.QUEUED, settings)
    assert (run.epochs_done, run.best_epoch, run.test_accuracy, run.seconds) == (
        0,
        None,
        None,
        None,
    )
    assert library.run(run.id) == run
    assert library.runs() == [run]


def test_an_id_begins_with_the_day_and_is_fit_for_a_link(library: Library, clock: Clock) -> None:
    day, rest = library.create(Settings()).id.split("-")
    assert day == time.strftime("%Y%m%d", time.localtime(clock.time))
    assert len(rest) == 6
    assert set(rest) <= set("0123456789abcdef")


def test_a_run_without_a_name_is_called_by_its_settings(library: Library) -> None:
    settings = Settings(regularization=RegularizationSettings(dropout_dense=0.5))
    assert library.create(settings).name == "Dropout rate (dense) 0.5"
    assert library.create(Settings(), "  \n ").name == "Default settings"


def test_a_long_name_is_cut_and_stands_on_one_line(library: Library) -> None:
    name = library.create(Settings(), "two\nlines " + "x" * 500).name
    assert name.startswith("two lines xxx")
    assert len(name) == 120
    assert name.endswith("…")


def test_runs_come_newest_first(library: Library, clock: Clock) -> None:
    names = ["a", "b", "c"]
    for name in names:
        library.create(Settings(), name)
        clock.time += 1
    library.create(Settings(), "d")
    library.create(Settings(), "e")
    assert [run.name for run in library.runs()] == ["e", "d", "c", "b", "a"]


def test_start_keeps_what_is_known_and_may_come_twice(library: Library) -> None:
    run_id = library.create(Settings()).id
    library.start(run_id)
    assert library.run(run_id).state is State.RUNNING
    library.start(run_id, weights=1234, versions={"keras": "3.15.1"}, fingerprint="ab")
    library.start(run_id)
    run = library.run(run_id)
    assert (run.weights, run.versions, run.fingerprint) == (1234, {"keras": "3.15.1"}, "ab")


def test_epochs_come_back_as_they_were(library: Library) -> None:
    run_id = library.create(Settings()).id
    second = replace(EPOCH, epoch=2, steps=5, seconds=2.5)
    library.record_epoch(run_id, EPOCH, np.float32([3, 2, 1]), np.float32([0, 0.5, 1]))
    library.record_epoch(run_id, second, np.float32([0.5, 0.25]), np.float32([1, 1]))
    library.flush()
    assert library.epochs(run_id) == [EPOCH, second]
    batches = library.batches(run_id)
    assert batches.losses.dtype == batches.accuracies.dtype == np.float32
    assert batches.losses.tolist() == [3, 2, 1, 0.5, 0.25]
    assert batches.accuracies.tolist() == [0, 0.5, 1, 1, 1]
    assert batches.epoch_ends == (3, 5)
    assert (library.run(run_id).epochs_done, library.run(run_id).seconds) == (2, 2.5)


def test_penalties_of_batches_come_back_and_are_unknown_where_they_were_not_told(
    library: Library,
) -> None:
    run_id = library.create(Settings()).id
    second = replace(EPOCH, epoch=2, steps=5)
    library.record_epoch(run_id, EPOCH, [3, 2, 1], [0, 0, 0])
    library.record_epoch(run_id, second, [0.5, 0.25], [1, 1], batch_penalties=[0.125, 0.0625])
    library.flush()
    expected = np.float32([np.nan, np.nan, np.nan, 0.125, 0.0625])
    np.testing.assert_array_equal(library.batches(run_id).penalties, expected)
    with pytest.raises(ValueError, match="2 losses of batches, but 1 penalties"):
        library.record_epoch(run_id, second, [0.5, 0.25], [1, 1], batch_penalties=[0.125])


def test_numbers_of_numpy_come_back_as_numbers(library: Library) -> None:
    run_id = library.create(Settings()).id
    values = replace(EPOCH, steps=np.int64(3), fair_loss=np.float32(1.75))
    library.record_epoch(run_id, values, [1.0], [1.0])
    library.record_best(run_id, np.int64(1), np.float32(1.5), np.float32(0.5))
    library.finish(run_id, State.FINISHED, "", np.float32(0.5), np.float32(0.75), np.int64(1000))
    assert library.epochs(run_id) == [EPOCH]
    run = library.run(run_id)
    assert (run.best_epoch, run.best_validation_loss, run.best_validation_accuracy) == (1, 1.5, 0.5)
    assert (run.test_loss, run.test_accuracy, run.test_images) == (0.5, 0.75, 1000)


def test_an_epoch_that_is_recorded_again_replaces_itself(library: Library) -> None:
    run_id = library.create(Settings()).id
    again = replace(EPOCH, fair_loss=1.0)
    library.record_epoch(run_id, EPOCH, [1, 2, 3], [0, 0, 0])
    library.record_epoch(run_id, again, [4, 5, 6], [1, 1, 1])
    library.flush()
    assert library.epochs(run_id) == [again]
    assert library.batches(run_id).losses.tolist() == [4, 5, 6]


def test_the_arrays_of_an_epoch_may_be_filled_anew_at_once(library: Library) -> None:
    run_id = library.create(Settings()).id
    losses, accuracies = np.float32([1, 2]), np.float32([0, 1])
    library.record_epoch(run_id, EPOCH, losses, accuracies)
    losses[:] = accuracies[:] = 99
    library.flush()
    assert library.batches(run_id).losses.tolist() == [1, 2]


def test_a_run_without_epochs_has_empty_curves(library: Library) -> None:
    run_id = library.create(Settings()).id
    assert library.epochs(run_id) == []
    assert library.batches(run_id).losses.shape == (0,)
    assert library.batches(run_id).epoch_ends == ()


def test_losses_that_are_no_numbers_survive(library: Library) -> None:
    run_id = library.create(Settings()).id
    diverged = replace(EPOCH, fair_loss=math.nan, validation_loss=math.inf)
    library.record_epoch(run_id, diverged, [1.0, math.nan], [0.5, 0.0])
    library.flush()
    (epoch,) = library.epochs(run_id)
    assert math.isnan(epoch.fair_loss)
    assert epoch.validation_loss == math.inf
    np.testing.assert_array_equal(library.batches(run_id).losses, np.float32([1, np.nan]))


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_is_never_best(library: Library, loss: float) -> None:
    run_id = library.create(Settings()).id
    library.record_best(run_id, 3, 0.5, 0.9)
    library.record_best(run_id, 4, loss, 0.95)
    library.flush()
    run = library.run(run_id)
    assert (run.best_epoch, run.best_validation_loss) == (3, 0.5)


def test_finish_keeps_the_end_in_words_and_the_test_figures(library: Library) -> None:
    run_id = library.create(Settings()).id
    library.start(run_id)
    library.finish(run_id, State.STOPPED_EARLY, "Stopped early.", 0.25, 0.9, 1000)
    run = library.run(run_id)
    assert (run.state, run.sentence) == (State.STOPPED_EARLY, "Stopped early.")
    assert (run.test_loss, run.test_accuracy, run.test_images) == (0.25, 0.9, 1000)
    assert run.state.ended


def test_every_state_has_words() -> None:
    assert [state.words for state in State if not state.ended] == [
        "waiting for its turn",
        "training",
    ]
    assert len({state.words for state in State}) == 7


def test_rename_and_back_to_the_settings(library: Library) -> None:
    run_id = library.create(Settings(), "First").id
    library.rename(run_id, "Second")
    assert library.run(run_id).name == "Second"
    library.rename(run_id, "")
    assert library.run(run_id).name == "Default settings"


def test_a_deleted_run_is_out_of_sight_until_it_is_brought_back(library: Library) -> None:
    run_id = _finished(library)
    library.delete(run_id)
    assert library.runs() == []
    with pytest.raises(LearnscopeError, match="was deleted"):
        library.run(run_id)
    with pytest.raises(LearnscopeError, match="was deleted"):
        library.file(run_id, "best.keras")
    library.undelete(run_id)
    assert library.run(run_id).id == run_id
    assert library.file(run_id, "best.keras").read_bytes() == b"best"


def test_a_run_in_progress_is_not_deleted(library: Library) -> None:
    run_id = library.create(Settings(), "Mine").id
    with pytest.raises(LearnscopeError, match=r"Received: “Mine”, waiting for its turn\. Stop"):
        library.delete(run_id)


def test_purge_removes_what_was_deleted_long_ago(library: Library, clock: Clock) -> None:
    long_ago = _finished(library)
    library.delete(long_ago)
    clock.time += 100
    lately, kept = _finished(library), _finished(library)
    library.delete(lately)
    library.purge(older_than=50)
    folders = {path.name for path in (library.home / "runs").iterdir()}
    assert folders == {lately, kept}
    library.undelete(lately)
    with pytest.raises(LearnscopeError, match="stands for none"):
        library.undelete(long_ago)


def test_what_was_deleted_a_month_ago_goes_at_the_next_start(tmp_path: Path, clock: Clock) -> None:
    with_one = Library(tmp_path, clock)
    run_id = _finished(with_one)
    with_one.delete(run_id)
    with_one.close()
    clock.time += 31 * 24 * 3600
    Library(tmp_path, clock).close()
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("run_id", ["20261124-3f9a2c", "../../etc", "", "a\0b"])
def test_an_unknown_id_is_a_sentence_everywhere_and_never_a_path(
    library: Library, run_id: str
) -> None:
    calls = (
        library.run,
        library.epochs,
        library.batches,
        library.folder,
        library.start,
        library.delete,
        library.undelete,
        lambda run: library.rename(run, "x"),
        lambda run: library.file(run, "best.keras"),
        lambda run: library.finish(run, State.FINISHED, ""),
        lambda run: library.store_file(run, "best.keras", lambda path: None),
    )
    for call in calls:
        with pytest.raises(LearnscopeError, match="Expected the id of a run in the library"):
            call(run_id)
    assert sorted(path.name for path in library.home.iterdir()) == [
        "library.lock",
        "library.sqlite",
    ]


def test_all_is_there_again_after_a_restart(tmp_path: Path) -> None:
    before = Library(tmp_path)
    run_id = _finished(before)
    before.record_epoch(run_id, EPOCH, [1, 2, 3], [0, 0, 1])
    before.close()
    after = Library(tmp_path)
    assert after.run(run_id).state is State.FINISHED
    assert after.epochs(run_id) == [EPOCH]
    assert after.file(run_id, "best.keras").read_bytes() == b"best"
    after.close()


def test_settings_of_another_version_are_read_with_a_note(library: Library) -> None:
    run_id = library.create(Settings(data=DataSettings(wrong_labels=0.25))).id
    stored = {"wrong_labels": 0.25, "magic": 0.2, "pooling": "median", "epochs": 7}
    with sqlite3.connect(library.home / "library.sqlite") as connection:
        connection.execute("UPDATE runs SET settings = ?", (json.dumps(stored),))
    connection.close()
    run = library.run(run_id)
    assert run.settings.data.wrong_labels == 0.25
    assert run.settings.optimisation.epochs == 7
    assert run.settings.network == Settings().network
    assert run.note.endswith("does not know: magic=0.2, pooling=median.")


def test_a_closed_library_says_so(library: Library) -> None:
    library.close()
    library.close()
    with pytest.raises(LearnscopeError, match="was closed"):
        library.create(Settings())


def test_many_threads_write_and_read_at_the_same_time(library: Library) -> None:
    failures: list[Exception] = []

    def work() -> None:
        try:
            run_id = library.create(Settings()).id
            for number in range(1, 21):
                library.record_epoch(run_id, replace(EPOCH, epoch=number), [1], [1])
                library.runs()
            library.flush()
            assert [epoch.epoch for epoch in library.epochs(run_id)] == list(range(1, 21))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(library.runs()) == 6


def test_recording_does_not_wait_for_the_disk(library: Library) -> None:
    """Another program holds the database; an epoch is recorded all the same, and written later."""
    run_id = library.create(Settings()).id
    holder = sqlite3.connect(library.home / "library.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    library.record_epoch(run_id, EPOCH, [1], [1])
    library.record_best(run_id, 1, 1.0, 0.5)
    library.heartbeat(run_id)
    holder.execute("ROLLBACK")
    holder.close()
    library.flush()
    assert library.epochs(run_id) == [EPOCH]


def test_losses_and_accuracies_of_unequal_number_are_refused(library: Library) -> None:
    run_id = library.create(Settings()).id
    with pytest.raises(ValueError, match="2 losses of batches, but 1 accuracies"):
        library.record_epoch(run_id, EPOCH, [1, 2], [1])


def test_the_home_is_chosen_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEARNSCOPE_HOME", str(tmp_path / "elsewhere"))
    assert library_home() == tmp_path / "elsewhere"
    monkeypatch.setenv("LEARNSCOPE_HOME", "~/elsewhere")
    assert library_home() == Path.home() / "elsewhere"
    monkeypatch.setenv("LEARNSCOPE_HOME", "")
    assert library_home().name == "learnscope"


def _finished(library: Library) -> str:
    run_id = library.create(Settings()).id
    library.store_file(run_id, "best.keras", lambda path: _write(path, b"best"))
    library.finish(run_id, State.FINISHED, "Finished.")
    return run_id


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
