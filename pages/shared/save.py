"""Pictures and arrays to take along: PNG, SVG, NPY, CSV, made when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.runs import Run
from pages.shared.plain_text import as_typed
from pages.shared.run_picker import Network
from pages.shared.save_charts import offer_charts

if TYPE_CHECKING:
    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle, NumbersAlone, Piece

_KINDS = {
    "PNG": ("image/png", "the picture, in pixels"),
    "SVG": ("image/svg+xml", "the picture as a drawing, sharp at any size"),
    "NPY": ("application/octet-stream", "the numbers for numpy.load"),
    "CSV": ("text/csv", "the numbers as a table"),
}
_WORDS = 280
"""Pixels of the screen for what a row is."""


def offer_to_save(
    arrays: Sequence[NamedArray],
    key: str,
    charts: tuple[str, str] | None = None,
    label: str = "Save pictures and numbers",
) -> None:
    """A menu that saves each of these arrays, as a picture and as numbers, and the page's charts.

    Nothing is made before a button is pressed.

    Parameters
    ----------
    arrays : sequence of NamedArray
    key : str
        Names the menu on its page.
    charts : tuple of two str, optional
        How the names of the files of the page's charts begin, and a sentence that goes into them.
        Without it the charts are not in the menu.
    label : str
        What the menu is called.
    """
    with st.popover(label, icon=":material/download:", key=f"save {key}"):
        for place, array in enumerate(arrays):
            st.markdown(f"**{as_typed(array.words)}**")
            with st.container(horizontal=True, gap="small"):
                for kind in _KINDS:
                    _offer_file(array, kind, f"save {key} {place}")
        if charts is not None:
            offer_charts(*charts, f"save {key} charts")
        st.caption(
            "At full resolution. Pictures: negative blue, white zero, positive orange, from minus "
            "the largest absolute number to plus that. NPY and CSV hold the numbers themselves. "
            "Every file but NPY says what it holds and of which run."
        )


def told(arrays: Sequence[NamedArray], network: Network, *words: str) -> list[NamedArray]:
    """These arrays, each with a sentence of what it is inside its files but NPY.

    Their names begin with the run's id, which is all that an NPY can say.

    Parameters
    ----------
    arrays : sequence of NamedArray
    network : Network
        Whose they are.
    *words : str
        As for :func:`about`.
    """
    sentence = about(network, *words)
    return [
        replace(array, name=stem(network, array.name), about=f"{array.words}. {sentence}")
        for array in arrays
    ]


def about(network: Network, *words: str) -> str:
    """What a file says of what is in it: the run, its weights, the mode, and these words.

    Parameters
    ----------
    network : Network
    *words : str
        Such as the layer and the image.
    """
    return about_run(network.run, network.words, "dropout off", *words)


def about_run(run: Run, *words: str) -> str:
    """As :func:`about`, for what is of no one network of the run."""
    return ", ".join((f"Run {run.name!r} ({run.id})", *words)) + "."


def stem(network: Network, view: str) -> str:
    """How the names of a view's files begin."""
    return f"{network.run.id}-{view}"


def offer_bundle(bundle: Bundle, key: str, label: str = "Save pictures and numbers") -> None:
    """A menu that saves what a view shows: all numbers in one file, its tables, all pictures.

    Nothing is made before a button is pressed.

    Parameters
    ----------
    bundle : Bundle
    key : str
        Names the menu on its page.
    label : str
        What the menu is called.
    """
    name = f"{bundle.stem}.npz"
    with st.popover(label, icon=":material/download:", key=f"save {key}"):
        with _row("All numbers in one file"):
            st.download_button(
                "NPZ",
                bundle.as_npz,
                name,
                "application/octet-stream",
                key=f"save {key} npz",
                on_click="ignore",
                help=f"{name}: the arrays by name, for numpy.load",
            )
        for place, piece in enumerate(bundle.files):
            with _row(piece.words):
                _offer_forms(piece, f"save {key} {place}")
        if bundle.further:
            _offer_one_of(bundle, f"save {key} alone")
        offer_charts(bundle.stem, bundle.about, f"save {key} charts")
        st.caption(
            f'`numpy.load("{name}")` gives the arrays by name. Every file but NPY says what it '
            f"holds, this one under `about`: {as_typed(bundle.about)}"
        )


@st.fragment
def _offer_one_of(bundle: Bundle, key: str) -> None:
    """One of the arrays that have no row; the choice leaves the view as it is."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        chosen = st.selectbox(
            "One of its other arrays", list(bundle.further), key=key, width=_WORDS
        )
        _offer_forms(bundle.alone(chosen), f"{key} {chosen}")


def _offer_forms(piece: Piece | NumbersAlone, key: str) -> None:
    """A button for each form that it has."""
    for kind in _KINDS:
        if hasattr(piece, f"as_{kind.lower()}"):
            _offer_file(piece, kind, key)


def _row(words: str) -> DeltaGenerator:
    """What it is at the left, room for its buttons at the right; above one another on a phone."""
    row = st.container(horizontal=True, gap="small", vertical_alignment="center")
    row.markdown(f"**{as_typed(words)}**", width=_WORDS)
    return row


def _offer_file(piece: Any, kind: str, key: str) -> None:
    """A button that makes one of the forms of a piece, and saves it."""
    (mime, words), ending = _KINDS[kind], kind.lower()
    st.download_button(
        kind,
        getattr(piece, f"as_{ending}"),
        f"{piece.name}.{ending}",
        mime,
        key=f"{key} {kind}",
        on_click="ignore",
        help=f"{piece.name}.{ending}: {words}",
    )
