"""A figure in a card: what it is, its value, and below it on what or in which bounds."""

from __future__ import annotations

from typing import Literal

import streamlit as st

CARD = 172
"""Width of a card, in pixels: two stand side by side on a phone."""


def figure_card(
    label: str,
    value: str,
    below: str,
    *,
    help: str | None = None,
    width: int | Literal["stretch"] = CARD,
) -> None:
    """Show a figure whose small print is no change of it, and has neither colour nor arrow."""
    st.metric(
        label,
        value,
        below,
        delta_color="off",
        delta_arrow="off",
        help=help,
        border=True,
        width=width,
    )
