"""What a person typed, shown as it was typed."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*_\[\]$:<>~])")


def as_typed(words: str) -> str:
    """The words for a place where Streamlit reads Markdown, none of their signs taken for such.

    Without it a run called ``$x^2$ :red[hi]`` is a formula and a colour.
    """
    return _MARKS.sub(r"\\\1", words)
