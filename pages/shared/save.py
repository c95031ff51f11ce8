"""Pictures and arrays to take along: PNG, SVG, NPY, CSV, made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from core.export.array_files import NamedArray

_KINDS = {
    "PNG": ("image/png", "the picture, in pixels"),
    "SVG": ("image/svg+xml", "the picture as a drawing, sharp at any size"),
    "NPY": ("application/octet-stream", "the numbers for numpy.load"),
    "CSV": ("text/csv", "the numbers as a table"),
}


def offer_to_save(
    arrays: Sequence[NamedArray], key: str, label: str = "Save pictures and numbers"
) -> None:
    """A menu that saves each of these arrays, as a picture and as numbers.

    Nothing is made before a button is pressed.

    Parameters
    ----------
    arrays : sequence of NamedArray
    key : str
        Names the menu on its page.
    label : str
        What the menu is called.
    """
    with st.popover(label, icon=":material/download:", key=f"save {key}"):
        for place, array in enumerate(arrays):
            st.markdown(f"**{array.words}**")
            with st.container(horizontal=True, gap="small"):
                for kind, (mime, words) in _KINDS.items():
                    st.download_button(
                        kind,
                        _made(array, kind),
                        f"{array.name}.{kind.lower()}",
                        mime,
                        key=f"save {key} {place} {kind}",
                        on_click="ignore",
                        help=f"{array.name}.{kind.lower()}: {words}",
                    )
        st.caption(
            "At full resolution. Pictures: negative blue, white zero, positive orange, from minus "
            "the largest absolute number to plus that. NPY and CSV hold the numbers themselves."
        )


def _made(array: NamedArray, kind: str) -> Callable[[], bytes]:
    make: Callable[[], bytes] = getattr(array, f"as_{kind.lower()}")
    return make
