"""What a link asks for and there is not, told in words."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_LONGEST = 60
"""As much as is repeated of what somebody wrote."""


def say_wrong_link(
    label: str,
    wanted: str,
    *,
    expected: str = "",
    shown: str = "",
    told_in: DeltaGenerator | None = None,
) -> None:
    """Say that a link asks for what there is not, and what is shown instead.

    Parameters
    ----------
    label : str
        What the link chooses, in a word or two.
    wanted : str
        What it says.
    expected : str
        What it may say, in words; empty where anything would do that is there.
    shown : str
        What is shown instead; empty if nothing is.
    told_in : DeltaGenerator or None
        Where it is told; None: here.
    """
    why = f". Expected {expected}." if expected else ", which there is not here."
    (st if told_in is None else told_in).info(
        f"{label}: the link asks for “{wanted[:_LONGEST]}”{why}"
        + (f" Shown instead: {shown}." if shown else ""),
        icon=":material/link_off:",
    )
