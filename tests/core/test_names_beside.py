"""Runs side by side are named by what differs: whole for headings, short for legends."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime

from core.comparison.names_beside import LONGEST, names_beside
from core.library.records import run_name
from core.runs import Run, State
from core.settings import Change, Settings, from_mapping, to_mapping

MADE = datetime(2026, 11, 28, 6, 5).timestamp()


def run(number: str, name: str = "", changes: tuple[Change, ...] = (), **settings: object) -> Run:
    chosen = from_mapping({**to_mapping(Settings()), **settings})
    made = Run(f"20261128-{number}", run_name(name, chosen), MADE, State.FINISHED, chosen)
    return replace(made, changes=changes)


def test_names_that_a_legend_can_hold_stand_as_they_are() -> None:
    both = names_beside([run("000001", "Without"), run("000002", "With L2", l2=0.001)])
    assert [(name.whole, name.short) for name in both] == [
        ("Without", "Without"),
        ("With L2", "With L2"),
    ]


def test_long_names_keep_all_that_differs_and_have_a_letter_in_the_legend() -> None:
    both = names_beside(
        [run("000001"), run("000002", dropout_convolution=0.25, dropout_dense=0.5, l1=0.0001)]
    )
    assert [name.whole for name in both] == [
        "A: Dropout rate (convolution) 0, Dropout rate (dense) 0, L1 strength off",
        "B: Dropout rate (convolution) 0.25, Dropout rate (dense) 0.5, L1 strength 0.0001",
    ]
    assert [name.short for name in both] == [
        "A: Dropout rate (convolution) 0 …",
        "B: Dropout rate (convolution) 0.25 …",
    ]


def test_a_long_name_without_commas_is_cut_at_a_letter() -> None:
    long = "x" * 80
    both = names_beside([run("000001", long), run("000002", "Short")])
    assert both[0].whole == f"A: {long}"
    assert both[0].short == "A: " + "x" * (LONGEST - 4) + "…"
    assert both[1].short == "B: Short"


def test_the_same_name_given_to_other_settings_has_what_differs_behind_it() -> None:
    both = names_beside([run("000001", "Mine"), run("000002", "Mine", dropout_dense=0.5)])
    assert [name.whole for name in both] == [
        "Mine (Dropout rate (dense) 0)",
        "Mine (Dropout rate (dense) 0.5)",
    ]


def test_what_was_turned_in_mid_run_tells_two_runs_of_the_same_settings_apart() -> None:
    turned = (Change("dropout_dense", 0.0, 0.5, 3, 96),)
    plain, changed = names_beside([run("000001"), run("000002", changes=turned)])
    assert ", turned: " in changed.whole
    assert "turned" not in plain.whole


def test_of_no_two_runs_the_names_are_the_same_whole_or_short() -> None:
    many = [
        run("000001"),
        run("000002"),
        run("000003", "A: Default settings"),
        run("000004", dropout_dense=0.5),
        run("000005", "Dropout rate (dense) 0", seed=7),
        run("000006", "y" * 90),
        run("000007", "y" * 90),
        run("000008", "y" * 90, l2=0.001),
    ]
    for pair in itertools.combinations(many, 2):
        whole = {name.whole for name in names_beside(pair)}
        short = {name.short for name in names_beside(pair)}
        assert len(whole) == len(short) == 2
        assert all(len(name) <= LONGEST for name in short)
