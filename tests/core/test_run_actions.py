"""What a person does with runs, and what a library of the first version becomes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import LearnscopeError
from core.library.database import MIGRATIONS
from core.runs import Epoch, Library, Movement, State
from core.settings import Settings

EPOCH = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.125, 0.001)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "home")
    yield library
    library.close()


def _finished(library: Library) -> str:
    run_id = library.create(Settings()).id
    library.start(run_id)
    library.finish(run_id, State.FINISHED, "Finished.")
    return run_id


def test_tags_are_kept_once_each_on_one_line(library: Library) -> None:
    run_id = _finished(library)
    library.tag(run_id, ["lecture 3", "  lecture\n3 ", "", "x" * 100])
    assert library.run(run_id).tags == ("lecture 3", "x" * 40)
    library.tag(run_id, [])
    assert library.run(run_id).tags == ()


def test_a_remark_is_kept_as_it_was_written(library: Library) -> None:
    run_id = _finished(library)
    library.remark(run_id, "Look at epoch 7.\nThen compare.\n")
    assert library.run(run_id).remark == "Look at epoch 7.\nThen compare."


def test_a_run_that_is_kept_cannot_be_deleted(library: Library) -> None:
    run_id = _finished(library)
    library.keep(run_id)
    with pytest.raises(LearnscopeError, match="which you keep"):
        library.delete(run_id)
    library.keep(run_id, False)
    library.delete(run_id)
    assert library.runs() == []


def test_an_archived_run_is_there_and_says_so(library: Library) -> None:
    run_id = _finished(library)
    library.archive(run_id)
    assert [run.archived for run in library.runs()] == [True]
    library.archive(run_id, False)
    assert [run.archived for run in library.runs()] == [False]


def test_events_tell_when_it_began_and_how_it_ended_in_order(library: Library) -> None:
    run_id = library.create(Settings()).id
    library.start(run_id)
    library.start(run_id, weights=12)
    library.record_event(run_id, "resumed", "Resumed after epoch 2.", 3, 64)
    library.finish(run_id, State.STOPPED, "Stopped by you.")
    events = library.events(run_id)
    assert [(e.kind, e.words, e.epoch, e.step) for e in events] == [
        ("started", "Training began.", 1, 0),
        ("resumed", "Resumed after epoch 2.", 3, 64),
        ("stopped", "Stopped by you.", None, None),
    ]


def test_movements_come_back_by_epoch_and_layer(library: Library) -> None:
    run_id = library.create(Settings()).id
    library.record_epoch(run_id, EPOCH, [1], [1], {"conv_1": (2.0, 0.5), "dense": (4.0, 0.25)})
    library.flush()
    assert library.movements(run_id) == [
        Movement(1, "conv_1", 2.0, 0.5),
        Movement(1, "dense", 4.0, 0.25),
    ]


def test_the_storage_of_a_run_is_the_bytes_of_its_files(library: Library) -> None:
    run_id, other = _finished(library), _finished(library)
    library.store_file(run_id, "a.txt", lambda path: path.write_bytes(b"12345") and None)
    library.store_file(run_id, "b.txt", lambda path: path.write_bytes(b"678") and None)
    library.store_file(run_id, "b.txt", lambda path: path.write_bytes(b"67") and None)
    assert library.storage() == {run_id: 7}
    assert other not in library.storage()


def test_a_library_of_the_first_version_is_brought_up_to_date_with_all_that_it_holds(
    tmp_path: Path,
) -> None:
    with sqlite3.connect(tmp_path / "library.sqlite") as connection:
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        connection.execute(
            "INSERT INTO runs (id, name, created, state, settings, heartbeat) "
            "VALUES ('20260101-abcdef', 'Old', 1.0, 'finished', ?, 1.0)",
            (json.dumps({"epochs": 7}),),
        )
        connection.execute(
            "INSERT INTO epochs VALUES ('20260101-abcdef', 1, 3, 1.5, 2, 0.25, 1.75, 0.5, 1.875, "
            "0.375, 0.125, 0.001, ?, ?)",
            (b"\0\0\x80?", b"\0\0\0?"),
        )
    connection.close()
    library = Library(tmp_path)
    (run,) = library.runs()
    assert (run.name, run.state, run.settings.optimisation.epochs) == ("Old", State.FINISHED, 7)
    assert (run.tags, run.remark, run.kept, run.archived) == ((), "", False, False)
    assert library.epochs(run.id) == [EPOCH]
    assert library.batches(run.id).losses.tolist() == [1.0]
    assert library.movements(run.id) == []
    assert library.events(run.id) == []
    library.tag(run.id, ["old"])
    assert library.run(run.id).tags == ("old",)
    library.close()
