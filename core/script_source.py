"""Values, calls and lines of a script as a person writes them, laid out as ruff does."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LINE = 100


def named(**values: object) -> list[str]:
    """Keyword arguments."""
    return [f"{name}={literal(value)}" for name, value in values.items()]


def call(function: str, arguments: Sequence[str]) -> str:
    """A call on one line."""
    return f"{function}({', '.join(arguments)})"


def item(function: str, arguments: Sequence[str], indent: int) -> list[str]:
    """A call among others: on a line, or broken where that would be too long."""
    margin, whole = " " * indent, call(function, arguments)
    if len(whole) + indent < _LINE:
        return [f"{margin}{whole},"]
    inner = f"{margin}    {', '.join(arguments)}"
    # A call with a comma behind its last argument is one that has an argument a line.
    lines = [inner] if len(inner) <= _LINE else [f"{margin}    {one}," for one in arguments]
    return [f"{margin}{function}(", *lines, f"{margin}),"]


def literal(value: object) -> str:
    """The value as a person writes it: "same" in double quotes, 1e-5 without the padding 0."""
    if isinstance(value, str):
        return f'"{value}"'
    return re.sub(r"e([+-])0", r"e\1", repr(value))
