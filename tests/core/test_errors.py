"""The one error whose message is meant for people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import LearnscopeError

ROOT = Path(__file__).parents[2]


def messages() -> Iterator[tuple[str, str]]:
    """Every message that is written out where the error is raised: its place, and its text.

    What is put into it at run time stands there as "{}".
    """
    for path in sorted([*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "LearnscopeError"
                and node.args
                and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
            ):
                parts = getattr(node.args[0], "values", [node.args[0]])
                text = "".join(
                    str(getattr(part, "value", "")) if isinstance(part, ast.Constant) else "{}"
                    for part in parts
                )
                yield f"{path.relative_to(ROOT)}:{node.lineno}", text


MESSAGES = dict(messages())


def test_the_message_is_shown_as_it_stands():
    assert str(LearnscopeError("Expected A. Received: B.")) == "Expected A. Received: B."


def test_it_is_not_taken_for_another_error_nor_another_for_it():
    assert LearnscopeError.__mro__[1:] == (Exception, BaseException, object)


def test_there_are_messages_to_read():
    assert len(MESSAGES) > 20


@pytest.mark.parametrize("place", MESSAGES)
def test_a_message_is_made_of_whole_sentences(place):
    text = MESSAGES[place]
    assert text[0].isupper() or text.startswith("{}")
    assert text.endswith((".", "{}"))
    assert "  " not in text and "\n" not in text
