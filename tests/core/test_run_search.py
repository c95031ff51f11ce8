"""Runs are found by words, states and tags, sorted, and counted; deleted ones never are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.library.search import Holdings, Order, Search
from core.runs import STALE, Library, State
from core.settings import OptimisationSettings, RegularizationSettings, Settings
from tests.core.clock import Clock


@pytest.fixture
def library(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    library = Library(tmp_path / "home", clock)
    yield library
    library.close()


def add(
    library: Library, clock: Clock, name: str, state: State = State.FINISHED, dropout: float = 0.0
) -> str:
    clock.time += 1
    settings = Settings(regularization=RegularizationSettings(dropout_dense=dropout))
    run_id = library.create(settings, name).id
    library.start(run_id)
    library.finish(run_id, state, "")
    return run_id


def names(library: Library, search: Search) -> list[str]:
    return [run.name for run in library.search(search).runs]


def test_all_are_found_newest_first(library: Library, clock: Clock) -> None:
    for name in "abc":
        add(library, clock, name)
    found = library.search(Search())
    assert [run.name for run in found.runs] == ["c", "b", "a"]
    assert (found.count, found.page, found.pages) == (3, 1, 1)
    assert found.runs == library.runs()


def test_pages_hold_each_run_once_and_in_order(library: Library, clock: Clock) -> None:
    for number in range(7):
        add(library, clock, str(number))
    pages = [library.search(Search(), page, size=3) for page in (1, 2, 3)]
    assert [[run.name for run in page.runs] for page in pages] == [
        ["6", "5", "4"],
        ["3", "2", "1"],
        ["0"],
    ]
    assert {(page.count, page.pages) for page in pages} == {(7, 3)}
    assert library.search(Search(), 99, size=3) == pages[2]
    assert library.search(Search(), -1, size=3) == pages[0]


def test_nothing_found_is_one_empty_page(library: Library) -> None:
    found = library.search(Search(text="x"))
    assert (found.runs, found.count, found.page, found.pages) == ([], 0, 1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zebra", ["Zebra"]),
        ("ÄPFEL", ["äpfel"]),
        ("lecture", ["Zebra"]),
        ("grün", ["äpfel"]),
        ("epoch 7", ["äpfel"]),
        ("dropout rate (dense) 0.5", ["Zebra"]),
        ("lecture zebra", ["Zebra"]),
        ("lecture äpfel", []),
        ("100%", []),
        ("_", []),
        ('"', []),
        ("  ", ["äpfel", "Zebra"]),
    ],
)
def test_words_are_found_in_name_tags_note_and_settings(
    library: Library, clock: Clock, text: str, expected: list[str]
) -> None:
    """In capitals or small, with accents; signs that SQL takes for jokers are but signs."""
    zebra, apples = add(library, clock, "Zebra", dropout=0.5), add(library, clock, "äpfel")
    library.tag(zebra, ["Lecture 3"])
    library.tag(apples, ["grün"])
    library.remark(apples, "Look at\nepoch 7.")
    assert names(library, Search(text=text)) == expected


def test_a_run_is_found_by_its_id(library: Library, clock: Clock) -> None:
    run_id = add(library, clock, "a")
    add(library, clock, "b")
    assert names(library, Search(text=run_id)) == ["a"]


def test_states_and_tags_narrow_the_search(library: Library, clock: Clock) -> None:
    one = add(library, clock, "one")
    two = add(library, clock, "two", State.FAILED)
    add(library, clock, "three", State.STOPPED)
    library.tag(one, ["x", "y"])
    library.tag(two, ["x"])
    assert names(library, Search(states=(State.FAILED, State.STOPPED))) == ["three", "two"]
    assert names(library, Search(tags=("x",))) == ["two", "one"]
    assert names(library, Search(tags=("x", "y"))) == ["one"]
    assert names(library, Search(tags=("x",), states=(State.FAILED,))) == ["two"]
    assert library.tags() == ["x", "y"]


def test_archived_runs_are_found_only_when_asked_for(library: Library, clock: Clock) -> None:
    old = add(library, clock, "old")
    add(library, clock, "new")
    library.archive(old)
    assert names(library, Search()) == ["new"]
    assert names(library, Search(archived=True)) == ["new", "old"]


def test_a_deleted_run_is_never_found_and_its_tags_neither(library: Library, clock: Clock) -> None:
    run_id = add(library, clock, "a")
    library.tag(run_id, ["x"])
    library.delete(run_id)
    assert names(library, Search(archived=True)) == []
    assert library.tags() == []
    assert library.runs([run_id]) == []
    assert [run.name for run in library.deleted()] == ["a"]
    library.undelete(run_id)
    assert library.deleted() == []


def test_runs_are_found_in_the_state_in_which_they_are_seen(
    library: Library, tmp_path: Path, clock: Clock
) -> None:
    """Another process looks on; the database still says that the silent run trains."""
    library.start(library.create(Settings(), "mine").id)
    other = Library(tmp_path / "home", clock)
    assert other.in_progress()
    assert names(other, Search(states=(State.RUNNING,))) == ["mine"]
    clock.time += STALE + 1
    assert not other.in_progress()
    assert names(other, Search(states=(State.RUNNING,))) == []
    assert names(other, Search(states=(State.INTERRUPTED,))) == ["mine"]
    assert library.in_progress()
    assert names(library, Search(states=(State.RUNNING,))) == ["mine"]
    other.close()


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.NEWEST, "cab?"),
        (Order.OLDEST, "?bac"),
        (Order.NAME, "?abc"),
        (Order.VALIDATION_LOSS, "bac?"),
        (Order.VALIDATION_ACCURACY, "cba?"),
        (Order.TEST_ACCURACY, "abc?"),
        (Order.SECONDS, "acb?"),
        (Order.STORAGE, "bca?"),
    ],
)
def test_every_order_puts_what_is_not_known_last(
    library: Library, clock: Clock, order: Order, expected: str
) -> None:
    ids = {name: add(library, clock, name) for name in "?bac"}
    figures = {
        "a": (0.2, 0.7, 0.9, 30.0),
        "b": (0.1, 0.8, 0.8, 10.0),
        "c": (0.3, 0.9, 0.7, 20.0),
    }
    with closing(sqlite3.connect(library.home / "library.sqlite")) as connection:
        for name, values in figures.items():
            connection.execute(
                "UPDATE runs SET best_validation_loss = ?, best_validation_accuracy = ?, "
                "test_accuracy = ?, seconds = ? WHERE id = ?",
                (*values, ids[name]),
            )
        connection.commit()
    for name, size in {"a": 1, "b": 300, "c": 20}.items():
        library.store_file(
            ids[name], "best.keras", lambda path, size=size: path.write_bytes(b"x" * size)
        )
    assert "".join(names(library, Search(order=order))) == expected


def test_every_order_has_words() -> None:
    assert len({order.words for order in Order}) == len(Order)


def test_chosen_runs_come_newest_first_and_unknown_ids_are_passed_over(
    library: Library, clock: Clock
) -> None:
    a, b, _ = (add(library, clock, name) for name in "abc")
    assert [run.name for run in library.runs([a, b, "20261124-000000", "'"])] == ["b", "a"]
    assert library.runs([]) == []


def test_what_the_library_takes_is_counted_with_its_database_and_its_deleted_runs(
    library: Library, clock: Clock
) -> None:
    a, b, c = (add(library, clock, name) for name in "abc")
    for run_id, size in ((a, 5), (b, 70), (c, 900)):
        library.store_file(
            run_id, "best.keras", lambda path, size=size: path.write_bytes(b"x" * size)
        )
    library.archive(a)
    library.delete(b)
    size = (library.home / "library.sqlite").stat().st_size
    held = library.holdings()
    assert held == Holdings(2, 1, 1, file_bytes=975, deleted_bytes=70, database_bytes=size)
    assert held.bytes == 975 + size
    assert library.storage([a, c]) == {a: 5, c: 900}
    library.purge(older_than=0)
    assert library.holdings().file_bytes == 905
    assert not (library.home / "runs" / b).exists()


def test_two_thousand_runs_are_searched_without_reading_their_settings(
    library: Library, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the hundred that are shown are made into records."""
    import core.library.reader

    read: list[object] = []
    run_from_row = core.library.reader.run_from_row

    def counted(row: sqlite3.Row) -> object:
        read.append(row)
        return run_from_row(row)

    library.create(Settings(optimisation=OptimisationSettings(epochs=5)), "first")
    with closing(sqlite3.connect(library.home / "library.sqlite")) as connection:
        connection.executemany(
            "INSERT INTO runs (id, name, created, state, settings, heartbeat) "
            "SELECT ?, name, created + ?, 'finished', settings, heartbeat FROM runs "
            "WHERE state = 'queued'",
            [(f"20270101-{number:06x}", number) for number in range(1, 2001)],
        )
        connection.execute("UPDATE runs SET name = id WHERE name = 'first' AND state = 'finished'")
        connection.commit()
    monkeypatch.setattr(core.library.reader, "run_from_row", counted)
    found = library.search(Search(order=Order.NAME), page=3)
    assert (found.count, len(found.runs), len(read)) == (2001, 100, 100)
