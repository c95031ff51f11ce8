"""The names of the session's state: each is spelled once, and means one thing."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from core.settings import CONTROLS
from pages.shared import state

FOLDER = Path(state.__file__).parent


def spelled() -> list[str]:
    """Every name that a file of the package gives a value, as often as one does."""
    return [
        name.id
        for path in FOLDER.glob("*.py")
        for line in ast.parse(path.read_text()).body
        if isinstance(line, ast.Assign)
        for name in ast.walk(line.targets[0])
        if isinstance(name, ast.Name) and name.id.isupper()
    ]


def twice(words: list[str]) -> list[str]:
    return [word for word, times in Counter(words).items() if times > 1]


def test_no_name_stands_in_two_files_where_one_would_hide_the_other() -> None:
    assert "RUN" in spelled() and "DECISION_VIEW" in spelled()
    assert twice(spelled()) == []


def test_no_two_names_are_the_same_key() -> None:
    keys = [value for name in spelled() if isinstance(value := getattr(state, name), str)]
    assert len(keys) > 150 and twice(keys) == []


def test_nothing_in_a_link_is_both_a_choice_and_a_setting() -> None:
    assert not state.NOT_SETTINGS & CONTROLS.keys()
