"""A widget whose value stands in the link once somebody has moved it from where it begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.wrong_link import say_wrong_link

Widget = Callable[..., Any]


@dataclass(frozen=True)
class Kind:
    """How a value is read from a link, and written into one.

    Attributes
    ----------
    expected : str
        What the link may say, in words.
    read : callable
        From the text in the link to the value; None if it is none of these.
    write : callable
        From the value to the text.
    """

    expected: str
    read: Callable[[str], Any | None]
    write: Callable[[Any], str] = str


def whole_number(low: int, high: int, step: int = 1) -> Kind:
    """A whole number from low to high."""

    def read(text: str) -> int | None:
        if not text.isdecimal() or len(text) > 9:
            return None
        number = int(text)
        return number if low <= number <= high and (number - low) % step == 0 else None

    steps = f" in steps of {step}" if step > 1 else ""
    return Kind(f"a whole number from {low} to {high}{steps}", read)


def one_of(options: Sequence[Any]) -> Kind:
    """One of these, by its text."""
    by_text = {str(option): option for option in options}
    return Kind("one of " + ", ".join(by_text), by_text.get)


def several_of(options: Sequence[Any], whose: str) -> Kind:
    """Any number of these, with commas between them, behind a name of what they belong to."""
    by_text = {str(option): option for option in options}

    def read(text: str) -> list[Any] | None:
        owner, _, rest = text.partition(":")
        names = rest.split(",") if rest else []
        if owner != whose or len(set(names)) < len(names) or not set(names) <= set(by_text):
            return None
        return [by_text[name] for name in names]

    few = ",".join(list(by_text)[:2])
    return Kind(
        f"such as “{whose}:{few}”, each of them one of {len(by_text)} and named once",
        read,
        lambda chosen: f"{whose}:" + ",".join(map(str, chosen)),
    )


SWITCH = Kind("on or off", {"on": True, "off": False}.get, lambda on: "on" if on else "off")


def link_value(
    widget: Widget,
    name: str,
    label: str,
    kind: Kind,
    start: Any,
    *limits: Any,
    key: str = "",
    told_in: DeltaGenerator | None = None,
    **look: Any,
) -> Any:
    """Choose a value; where neither link nor session knows better, the one that it begins with.

    Parameters
    ----------
    widget : callable
        ``st.slider`` or another that takes a label, limits or options, and gives a value.
    name : str
        The parameter in the link.
    label : str
        What is chosen, in a word or two.
    kind : Kind
        Which values there are, and how a link says them.
    start : object
        The value where it begins.
    *limits
        Passed to the widget, ahead of its look.
    key : str
        The key in the session's state; the name, if there is no other.
    told_in : DeltaGenerator or None
        Where a wrong link is told about; None: ahead of the widget.
    **look
        Passed to the widget.
    """
    key = key or name
    text = st.query_params.get(name)
    wanted = None if text is None else kind.read(text)
    kept = st.session_state.get(key)
    if kept is not None and kind.read(kind.write(kept)) is None:
        kept = None  # of another run, which has more of them
    now = next(value for value in (wanted, kept, start) if value is not None)
    if text is not None and wanted is None:
        say_wrong_link(label, text, expected=kind.expected, shown=kind.write(now), told_in=told_in)
    st.session_state[key] = now
    chosen = widget(
        label,
        *limits,
        key=key,
        persist_state="session",
        on_change=_follow,
        args=(name, key, kind),
        **look,
    )
    if chosen != start:
        st.query_params[name] = kind.write(chosen)
    elif name in st.query_params:
        del st.query_params[name]
    return chosen


def _follow(name: str, key: str, kind: Kind) -> None:
    # Else the link, which is asked first, would take the move back.
    st.query_params[name] = kind.write(st.session_state[key])
