"""The kernel made by hand: where it begins, and the grid in which its numbers are changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.errors import LearnscopeError
from pages.shared import state
from pages.shared.kernel_views import Layer

BEGIN = {"classic": "A classic kernel", "learned": "A learned one"}
_SIZES = ((3, 3), (5, 5))
_CELL = 76
"""Pixels of a column of the grid."""
_INDEX = 54
"""And of the one with the numbers of the rows."""


def edit_kernel(layer: Layer, *, any_size: bool) -> np.ndarray | None:
    """Let the person make a kernel; it is kept while they look at another part of the page.

    Parameters
    ----------
    layer : Layer
        Whose learned kernels it may begin with.
    any_size : bool
        Whether the person chooses its size; else it has that of the layer's kernels.

    Returns
    -------
    ndarray of shape (R, C), or None
        None if a cell is empty, no number, not finite or out of range, which is said below the
        grid: what else stands on the page shall stay where it is.
    """
    own = layer.kernels.shape[:2]
    begin = st.segmented_control(
        "Begin with",
        list(BEGIN),
        format_func=BEGIN.__getitem__,
        default="classic",
        required=True,
        key=state.HAND_BEGIN,
        persist_state="session",
    )
    if begin == "learned":
        name, start = _learned(layer)
    else:
        name, start = _classic(_size(own) if any_size else own)
    return _grid(name, start)


def say_what_is_awaited(what: str) -> None:
    """In the place of what a kernel makes, while its numbers cannot be taken.

    Parameters
    ----------
    what : str
        What comes there, as the beginning of a sentence.
    """
    st.info(
        f"{what} once the numbers of the kernel are right: see the message below the grid.",
        icon=":material/pending:",
    )


def _size(own: tuple[int, int]) -> tuple[int, int]:
    # By name, for a control takes a tuple for several choices.
    sizes = {f"{rows}x{columns}": (rows, columns) for rows, columns in sorted({*_SIZES, own})}
    chosen = st.segmented_control(
        "Size",
        list(sizes),
        default="3x3",
        required=True,
        key=f"{state.HAND_SIZE} {own}",
        persist_state="session",
    )
    return sizes[chosen]


def _classic(size: tuple[int, int]) -> tuple[str, np.ndarray]:
    from core.inside.hand_kernel import classic_starts

    starts = classic_starts(*size)
    name = st.selectbox(
        "Classic kernel",
        list(starts),
        key=f"{state.HAND_CLASSIC} {size}",
        persist_state="session",
    )
    return name, starts[name]


def _learned(layer: Layer) -> tuple[str, np.ndarray]:
    _, _, channels, filters = layer.kernels.shape
    with st.container(horizontal=True):
        number = st.selectbox(
            f"Filter of {layer.name}",
            range(filters),
            key=f"{state.HAND_FILTER} {layer.name}",
            persist_state="session",
        )
        channel = 0
        if channels > 1:
            channel = st.selectbox(
                "Its input channel",
                range(channels),
                key=f"{state.HAND_CHANNEL} {layer.name}",
                persist_state="session",
            )
    name = f"{layer.network.file} {layer.name} {number} {channel}"
    return name, layer.kernels[:, :, channel, number].astype(np.float64)


def _grid(name: str, start: np.ndarray) -> np.ndarray | None:
    """The kernel that is written in the cells; they begin anew with another start.

    They hold text: a column of numbers would drop what it cannot read, and take 1e30 for 130.
    """
    from core.inside.hand_kernel import LARGEST, as_written

    rows, columns = start.shape
    begin = as_written(start)
    place = f"{state.HAND_KERNEL} {rows}x{columns}"
    kept: dict[str, Any] = st.session_state.get(place, {"name": None, "count": 0})
    if kept["name"] != name:
        kept = _anew(name, begin, kept["count"])
    key = f"{state.HAND_GRID} {rows}x{columns} {kept['count']}"
    if key not in st.session_state:
        # The grid forgets its changes while another part of the page is open.
        kept["shown"] = kept["cells"]
    cells = st.data_editor(
        kept["shown"],
        key=key,
        hide_index=False,
        num_rows="fixed",
        width=columns * _CELL + _INDEX,
        column_config={
            # By place, where the column of row numbers is the first.
            column + 1: st.column_config.TextColumn(str(column), width=_CELL, alignment="right")
            for column in range(columns)
        },
        alt=f"The numbers of the kernel, {rows} rows by {columns} columns, to be changed.",
    )
    kept["cells"] = cells
    st.session_state[place] = kept
    kernel = _read(cells, start)
    st.caption(
        "Double-click a cell, or point at it and type, to change its number: from "
        f"-{LARGEST:,.0f} to {LARGEST:,.0f}."
    )
    if not np.array_equal(cells, begin):
        _offer_the_way_back(place, name, begin)
    return kernel


def _read(cells: np.ndarray, start: np.ndarray) -> np.ndarray | None:
    """The cells as a kernel; or what is wrong with them, right below the grid, and None."""
    from core.inside.hand_kernel import as_read

    try:
        return as_read(cells, start)
    except LearnscopeError as error:
        st.error(str(error), icon=":material/error:")
        return None


def _offer_the_way_back(place: str, name: str, begin: np.ndarray) -> None:
    st.button(
        "Take my changes back",
        icon=":material/undo:",
        key=state.HAND_BACK,
        on_click=_take_back,
        args=(place, name, begin),
    )
    st.caption("A copied link does not hold these numbers; save them as a file to send them.")


def _anew(name: str, begin: np.ndarray, count: int) -> dict[str, Any]:
    return {"name": name, "count": count + 1, "cells": begin, "shown": begin}


def _take_back(place: str, name: str, begin: np.ndarray) -> None:
    st.session_state[place] = _anew(name, begin, st.session_state[place]["count"])
