"""Finding runs among thousands: what is asked for is found in the database, and only that is read.

A library of 2,000 runs is then shown about as quickly as one of twenty.
"""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.library.records import Run, State
from core.library.rows import RUN_COLUMNS, settings_from_text
from core.settings import describe

ROW_COLUMNS = f"{RUN_COLUMNS}, heartbeat, started, deleted"


class Order(StrEnum):
    """By what the runs are sorted; what is not known of a run puts it last."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    VALIDATION_LOSS = "validation loss"
    VALIDATION_ACCURACY = "validation accuracy"
    TEST_ACCURACY = "test accuracy"
    SECONDS = "seconds"
    STORAGE = "storage"

    @property
    def words(self) -> str:
        """The order as a page says it."""
        return _ORDERS[self][0]


_ORDERS = {
    Order.NEWEST: ("Newest first", "created DESC"),
    Order.OLDEST: ("Oldest first", "created"),
    Order.NAME: ("Name", "folded(name)"),
    Order.VALIDATION_LOSS: ("Lowest validation loss", "best_validation_loss NULLS LAST"),
    Order.VALIDATION_ACCURACY: (
        "Highest validation accuracy",
        "best_validation_accuracy DESC NULLS LAST",
    ),
    Order.TEST_ACCURACY: ("Highest test accuracy", "test_accuracy DESC NULLS LAST"),
    Order.SECONDS: ("Longest training", "seconds DESC NULLS LAST"),
    Order.STORAGE: (
        "Most storage",
        "(SELECT sum(bytes) FROM files WHERE run = runs.id) DESC NULLS LAST",
    ),
}


@dataclass(frozen=True)
class Search:
    """Which runs are asked for, and in what order.

    Attributes
    ----------
    text : str
        Words that all stand in a run's name, tags, remark, id or settings in words, in small or
        capital letters; empty for all runs.
    states : tuple of State
        One of these; empty for any.
    tags : tuple of str
        All of these; empty for any.
    archived : bool
        Whether archived runs are wanted too.
    order : Order
        Runs that are alike in it come newest first.
    """

    text: str = ""
    states: tuple[State, ...] = ()
    tags: tuple[str, ...] = ()
    archived: bool = False
    order: Order = Order.NEWEST


@dataclass(frozen=True)
class Found:
    """Some of the runs that were asked for.

    Attributes
    ----------
    runs : list of Run
        In the order that was asked for.
    count : int
        How many there are in all.
    page, pages : int
        Which page of them this is, the first being 1, and how many there are, at least 1.
    """

    runs: list[Run]
    count: int
    page: int
    pages: int


@dataclass(frozen=True)
class Holdings:
    """What a library holds, and what that takes.

    Attributes
    ----------
    runs, archived, deleted : int
        How many runs there are in all that are not deleted, how many of those are archived, and
        how many are deleted and can still be brought back.
    file_bytes, deleted_bytes : int
        Bytes of the files of all runs, the deleted ones among them, and of the deleted ones alone.
    database_bytes : int
        Bytes of the database, which holds records and curves.
    """

    runs: int
    archived: int
    deleted: int
    file_bytes: int
    deleted_bytes: int
    database_bytes: int

    @property
    def bytes(self) -> int:
        """All of it."""
        return self.file_bytes + self.database_bytes


class SeenStates:
    """SQL for the state in which a run is seen: one that has been silent is interrupted.

    Parameters
    ----------
    oldest_sign : float
        Unix time in seconds; in progress without a sign of life since then is silent.
    newest_sign : float
        The same for a clock that was set back.
    alive : iterable of str
        Ids of runs that are not silent, whatever the clock says.
    """

    SQL = (
        f"CASE WHEN state IN ('{State.QUEUED}', '{State.RUNNING}') "
        "AND heartbeat NOT BETWEEN :oldest_sign AND :newest_sign "
        "AND id NOT IN (SELECT value FROM json_each(:alive)) "
        f"THEN '{State.INTERRUPTED}' ELSE state END"
    )

    def __init__(self, oldest_sign: float, newest_sign: float, alive: Iterable[str]) -> None:
        self.values: dict[str, object] = {
            "oldest_sign": oldest_sign,
            "newest_sign": newest_sign,
            "alive": json.dumps(list(alive)),
        }


def find(connection: sqlite3.Connection, search: Search, seen: SeenStates) -> list[int]:
    """The row numbers of all runs that are asked for, in order."""
    connection.create_function("folded", 1, str.casefold, deterministic=True)
    connection.create_function("holds", 6, _holds, deterministic=True)
    conditions, values = _conditions(search)
    where = f"WHERE {' AND '.join(conditions)}"
    parameters = seen.values | values
    # The numbers alone at first: else SQLite sorts whole rows, with all the settings in them.
    order = f"ORDER BY {_ORDERS[search.order][1]}, created DESC, rowid DESC"
    numbers = connection.execute(f"SELECT rowid FROM runs {where} {order}", parameters).fetchall()
    return [number for (number,) in numbers]


def read_rows(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[sqlite3.Row]:
    """The rows of these numbers, with ROW_COLUMNS, in that order."""
    rows = connection.execute(
        f"SELECT rowid AS number, {ROW_COLUMNS} FROM runs "
        "WHERE rowid IN (SELECT value FROM json_each(?))",
        (json.dumps(numbers),),
    ).fetchall()
    by_number = {row["number"]: row for row in rows}
    return [by_number[number] for number in numbers]


def any_in_progress(connection: sqlite3.Connection, seen: SeenStates) -> bool:
    """Whether a run that is not deleted is waiting or training."""
    in_progress = f"SELECT 1 FROM runs WHERE deleted IS NULL AND {SeenStates.SQL} IN (:one, :other)"
    states = {"one": State.QUEUED, "other": State.RUNNING}
    return connection.execute(in_progress, seen.values | states).fetchone() is not None


def holdings(connection: sqlite3.Connection, database_bytes: int) -> Holdings:
    """What there is in all."""
    runs, archived, deleted = connection.execute(
        "SELECT count(*) FILTER (WHERE deleted IS NULL), "
        "count(*) FILTER (WHERE deleted IS NULL AND archived IS NOT NULL), "
        "count(*) FILTER (WHERE deleted IS NOT NULL) FROM runs"
    ).fetchone()
    file_bytes, deleted_bytes = connection.execute(
        "SELECT coalesce(sum(bytes), 0), coalesce(sum(bytes) FILTER (WHERE run IN "
        "(SELECT id FROM runs WHERE deleted IS NOT NULL)), 0) FROM files"
    ).fetchone()
    return Holdings(runs, archived, deleted, file_bytes, deleted_bytes, database_bytes)


def _conditions(search: Search) -> tuple[list[str], dict[str, object]]:
    conditions, values = ["deleted IS NULL"], dict[str, object]()
    if not search.archived:
        conditions.append("archived IS NULL")
    if search.states:
        conditions.append(f"{SeenStates.SQL} IN (SELECT value FROM json_each(:states))")
        values["states"] = json.dumps(search.states)
    for number, tag in enumerate(search.tags):
        conditions.append(f":tag{number} IN (SELECT value FROM json_each(tags))")
        values[f"tag{number}"] = tag
    if words := search.text.casefold().split():
        conditions.append("holds(:words, name, tags, remark, id, settings)")
        values["words"] = json.dumps(words)
    return conditions, values


def _holds(words: str, name: str, tags: str, remark: str, run_id: str, settings: str) -> bool:
    tags_in_words = " ".join(json.loads(tags))
    text = f"{name}\n{tags_in_words}\n{remark}\n{run_id}\n{_described(settings)}".casefold()
    return all(word in text for word in json.loads(words))


@functools.lru_cache(maxsize=4096)
def _described(settings: str) -> str:
    return describe(settings_from_text(settings)[0])
